package lease

import "os"

// version numbers what has been at a path: one more whenever a file there is
// another one than before, or was written to. A directory stays the same: its
// reader follows it.
func (r *leases) version(path string) int {
	info, err := os.Stat(path)
	r.Lock()
	defer r.Unlock()
	f := r.files[path]
	if err == nil && (f.info == nil || changed(f.info, info)) { // opening it tells of errors
		f.info, f.version = info, f.version+1
		r.files[path] = f
	}
	return f.version
}

// A file is what was last seen at a path.
type file struct {
	info    os.FileInfo
	version int
}

func changed(a, b os.FileInfo) bool {
	if a.IsDir() && b.IsDir() {
		return false
	}
	return !os.SameFile(a, b) || a.Size() != b.Size() || !a.ModTime().Equal(b.ModTime())
}

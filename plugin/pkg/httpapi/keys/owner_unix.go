//go:build unix

package keys

import (
	"io/fs"
	"os"
	"syscall"

	"github.com/gofrs/flock"
)

// lockDir waits for the lock of a directory.
func lockDir(dir string) (unlock func(), err error) {
	l := flock.New(dir, flock.SetFlag(os.O_RDONLY))
	if err := l.Lock(); err != nil {
		return nil, err
	}
	return func() { l.Close() }, nil
}

// likewise gives a file the owner and the mode of another, as far as this process
// may give files away.
func likewise(f *os.File, as fs.FileInfo) error {
	if st, ok := as.Sys().(*syscall.Stat_t); ok && os.Geteuid() == 0 {
		if err := f.Chown(int(st.Uid), int(st.Gid)); err != nil {
			return err
		}
	}
	return f.Chmod(as.Mode().Perm())
}

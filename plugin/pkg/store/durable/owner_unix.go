//go:build unix

package durable

import (
	"os"
	"syscall"
)

// Own gives what root made at path to the owner of the directory that it is, or
// will be, in: a store stays with whom it belongs to, whoever works in it. It
// does nothing for other users, and in a directory of root. Nor is it an error
// where it cannot be done: what was written counts for more than whose it is.
//
// Whoever owns the directory could have put something else in the place: a link
// to a file that must not become theirs is left alone.
func Own(path, dir string) {
	if os.Geteuid() != 0 {
		return
	}
	of, err := os.Stat(dir)
	if err != nil {
		return
	}
	owner, ok := of.Sys().(*syscall.Stat_t)
	if !ok || owner.Uid == 0 {
		return
	}
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && madeByRoot(info) {
		f.Chown(int(owner.Uid), int(owner.Gid))
	}
}

// madeByRoot reports whether a directory, or a file without a second name, is
// root's.
func madeByRoot(info os.FileInfo) bool {
	s, ok := info.Sys().(*syscall.Stat_t)
	return ok && s.Uid == 0 && (info.IsDir() || info.Mode().IsRegular() && s.Nlink == 1)
}

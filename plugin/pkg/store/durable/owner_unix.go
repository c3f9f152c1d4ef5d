//go:build unix

package durable

import (
	"io/fs"
	"os"
	"syscall"
)

// NoFollow has os.OpenFile refuse a link.
const NoFollow = syscall.O_NOFOLLOW

// give gives a file that this process, as root, has just created to the owner of
// the directory that it is in. It is no error where that cannot be done: what is
// written counts for more than whose it is.
func give(f *os.File, dir fs.FileInfo) {
	owner, ok := dir.Sys().(*syscall.Stat_t)
	if ok && owner.Uid != 0 && os.Geteuid() == 0 {
		f.Chown(int(owner.Uid), int(owner.Gid))
	}
}

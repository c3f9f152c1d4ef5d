package listen

import (
	"errors"
	"io/fs"
	"syscall"
)

// restrict gives a socket its mode before it has a file: the file then allows no
// more from the first moment on.
func restrict(c syscall.RawConn, mode fs.FileMode) error {
	var err error
	return errors.Join(c.Control(func(fd uintptr) { err = syscall.Fchmod(int(fd), uint32(mode.Perm())) }), err)
}

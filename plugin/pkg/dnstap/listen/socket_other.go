//go:build !linux

package listen

import (
	"io/fs"
	"syscall"
)

// restrict does nothing: other systems know no mode of a socket without a file. It
// has that of the umask for a moment.
func restrict(syscall.RawConn, fs.FileMode) error { return nil }

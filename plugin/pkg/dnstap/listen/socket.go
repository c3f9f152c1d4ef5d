package listen

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// keepAlive finds out that a silent peer is gone, in about two minutes.
var keepAlive = net.KeepAliveConfig{Enable: true, Idle: time.Minute, Interval: 15 * time.Second, Count: 4}

// A socket is one that listens, and the file that it has if it is a unix one.
type socket struct {
	net.Listener
	path string
	file fs.FileInfo // nil for TCP
}

func openSocket(a Address, mode fs.FileMode) (*socket, error) {
	if a.Network == "unix" {
		return openUnix(a.Name, mode)
	}
	lc := net.ListenConfig{KeepAliveConfig: keepAlive}
	l, err := lc.Listen(context.Background(), "tcp", a.Name)
	if err != nil {
		return nil, err
	}
	return &socket{Listener: l}, nil
}

// maxPath is how long the path of a socket may be: sun_path, with a zero behind.
const maxPath = 107

func openUnix(path string, mode fs.FileMode) (*socket, error) {
	if len(path) > maxPath {
		return nil, fmt.Errorf("%s: a path of %d octets, of at most %d for a socket", path, len(path), maxPath)
	}
	if err := clear(path); err != nil {
		return nil, err
	}
	lc := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) error {
		return restrict(c, mode)
	}}
	l, err := lc.Listen(context.Background(), "unix", path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %s is missing: want a directory that is there", path, filepath.Dir(path))
	}
	if err != nil {
		return nil, err
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	s := &socket{Listener: l, path: path}
	if s.file, err = os.Lstat(path); err == nil {
		err = s.chmod(mode) // the umask may have taken from it
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// clear removes the socket that a program left at path when it ended. All else
// that may be there stays, and is an error.
func clear(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.Mode().Type() != fs.ModeSocket:
		return fmt.Errorf("%s: is %s: want a path where nothing is, or the socket of a program that has ended", path, kind(info.Mode()))
	}
	switch c, err := net.DialTimeout("unix", path, time.Second); {
	case err == nil:
		c.Close()
		return fmt.Errorf("%s: another program listens there", path)
	case !errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Errorf("%s: is a socket, and it is not known whether a program listens there: %w", path, err)
	}
	return os.Remove(path)
}

func kind(m fs.FileMode) string {
	switch m.Type() {
	case 0:
		return "a file"
	case fs.ModeDir:
		return "a directory"
	case fs.ModeSymlink:
		return "a symbolic link"
	}
	return "no socket"
}

// ours reports whether the file is that of this socket.
func (s *socket) ours() bool {
	if s.file == nil {
		return false
	}
	info, err := os.Lstat(s.path)
	return err == nil && os.SameFile(info, s.file)
}

func (s *socket) chmod(mode fs.FileMode) error {
	if !s.ours() {
		return nil
	}
	return os.Chmod(s.path, mode.Perm())
}

// Close removes the file, then closes the socket: in this order nobody else can
// have taken the place.
func (s *socket) Close() error {
	if s.ours() {
		os.Remove(s.path) // a dead socket is replaced at the next start
	}
	return s.Listener.Close()
}

package listen

import (
	"errors"
	"net/netip"
	"path/filepath"
	"strings"
)

// An Address is where a listener is: one socket, whatever is spoken there.
type Address struct {
	Network string // unix or tcp
	Name    string // path, or address and port
}

// UnixAddress is that of a socket in the file system. There is one for a file,
// however its directory is written.
func UnixAddress(path string) (Address, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return Address{}, err
	}
	if dir, err := filepath.EvalSymlinks(filepath.Dir(path)); err == nil { // else opening it tells why
		path = filepath.Join(dir, filepath.Base(path))
	}
	return Address{"unix", path}, nil
}

// TCPAddress reads an IP address and a port; without the former it is every
// address of the machine.
func TCPAddress(s string) (Address, error) {
	text := s
	if strings.HasPrefix(s, ":") {
		text = "[::]" + s
	}
	ap, err := netip.ParseAddrPort(text)
	if err != nil {
		return Address{}, errors.New("want an IP address and a port, such as 127.0.0.1:6000 or [::1]:6000")
	}
	if strings.HasPrefix(s, ":") {
		return Address{"tcp", s}, nil
	}
	return Address{"tcp", ap.String()}, nil
}

// Local reports whether only this machine can connect.
func (a Address) Local() bool {
	if a.Network == "unix" {
		return true
	}
	ap, err := netip.ParseAddrPort(a.Name)
	return err == nil && ap.Addr().Unmap().IsLoopback()
}

//go:build unix

package listen_test

import (
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"example.org/pdns/plugin/pkg/dnstap/listen"
)

// deadSocket leaves at path what a program leaves that was killed.
func deadSocket(t *testing.T, path string) {
	t.Helper()
	l, err := net.ListenUnix("unix", &net.UnixAddr{Net: "unix", Name: path})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	l.Close()
}

func TestSocketFile(t *testing.T) {
	dir := t.TempDir()
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	live := filepath.Join(dir, "live")
	l, err := net.Listen("unix", live)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, tc := range []struct {
		name    string
		path    string
		prepare func(path string) error
		want    string // in the error; empty: none
	}{
		{"nothing", filepath.Join(dir, "nothing"), nil, ""},
		{"a dead socket", filepath.Join(dir, "dead"), func(p string) error { deadSocket(t, p); return nil }, ""},
		{"behind a link", filepath.Join(link, "s"), nil, ""},
		{"a live socket", live, nil, live + ": another program listens there"},
		{"a file", filepath.Join(dir, "file"), func(p string) error { return os.WriteFile(p, []byte("mine"), 0o600) }, "is a file"},
		{"a directory", filepath.Join(dir, "d"), func(p string) error { return os.Mkdir(p, 0o700) }, "is a directory"},
		{"a symbolic link", filepath.Join(dir, "link"), func(p string) error { return os.Symlink(live, p) }, "is a symbolic link"},
		{"a pipe", filepath.Join(dir, "pipe"), func(p string) error { return syscall.Mkfifo(p, 0o600) }, "is no socket"},
		{"no directory", filepath.Join(dir, "missing", "s"), nil, filepath.Join(dir, "missing") + " is missing"},
		{"too long", filepath.Join(dir, strings.Repeat("x", 108)), nil, "octets, of at most 107"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if tc.prepare != nil {
				if err := tc.prepare(tc.path); err != nil {
					t.Fatal(err)
				}
			}
			before, _ := os.Lstat(tc.path)
			addr, err := listen.UnixAddress(tc.path)
			if err != nil {
				t.Fatal(err)
			}
			wantNoLeak(t)
			var pool listen.Pool
			err = pool.Hold(t, addr, listen.Config{Receiver: new(receiver)})
			if tc.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				sendGood(t, addr)
				pool.Release(t)
				if _, err := os.Lstat(tc.path); !os.IsNotExist(err) {
					t.Errorf("the file is left: %v", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tc.want) || !strings.Contains(err.Error(), tc.path) {
				t.Errorf("opened: %v, want %q in it", err, tc.want)
			}
			if after, _ := os.Lstat(tc.path); before != nil && !os.SameFile(before, after) {
				t.Error("what was there is gone")
			}
		})
	}
}

// TestMode: the file has the mode that is asked for, whatever the umask, and a
// reload changes it.
func TestMode(t *testing.T) {
	old := syscall.Umask(0o077)
	defer syscall.Umask(old)
	mode := func(a listen.Address) fs.FileMode {
		info, err := os.Stat(a.Name)
		if err != nil {
			t.Fatal(err)
		}
		return info.Mode().Perm()
	}
	s := newSite(t, unixAddress(t), listen.Config{})
	if got := mode(s.addr); got != listen.DefaultMode {
		t.Errorf("mode %o, want %o", got, listen.DefaultMode)
	}
	next := new(receiver)
	if err := s.pool.Hold(next, s.addr, listen.Config{Receiver: next, Mode: 0o622}); err != nil {
		t.Fatal(err)
	}
	if got := mode(s.addr); got != listen.DefaultMode {
		t.Errorf("mode %o before the reload has succeeded", got)
	}
	s.pool.Release(s)
	if got := mode(s.addr); got != 0o622 {
		t.Errorf("mode %o, want 622", got)
	}
	s.pool.Release(next)
}

// TestFileRemoved: a reload makes a file anew that somebody has removed; who is
// connected stays so.
func TestFileRemoved(t *testing.T) {
	s := newSite(t, unixAddress(t), listen.Config{})
	c := dial(t, s.addr)
	write(t, c, concat(begin, data("a")))
	eventually(t, "it is taken", func() bool { return s.taken() == 1 })
	if err := os.Remove(s.addr.Name); err != nil {
		t.Fatal(err)
	}
	next := new(receiver)
	if err := s.pool.Hold(next, s.addr, listen.Config{Receiver: next}); err != nil {
		t.Fatal(err)
	}
	s.pool.Release(s)
	sendGood(t, s.addr)
	write(t, c, data("b"))
	eventually(t, "both are taken", func() bool { return next.taken() == 2 })
	s.pool.Release(next)
}

// TestFileReplaced: the file of another program stays.
func TestFileReplaced(t *testing.T) {
	s := newSite(t, unixAddress(t), listen.Config{})
	if err := os.Remove(s.addr.Name); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", s.addr.Name)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := s.pool.Hold(t, s.addr, listen.Config{Receiver: new(receiver)}); err == nil {
		t.Error("took the place of another program")
	}
	s.pool.Release(t)
	s.pool.Release(s)
	if _, err := os.Lstat(s.addr.Name); err != nil {
		t.Error(err)
	}
}

func TestTCPAddress(t *testing.T) {
	for _, tc := range []struct {
		in, want string
		local    bool
	}{
		{"127.0.0.1:6000", "127.0.0.1:6000", true},
		{"127.9.8.7:6000", "127.9.8.7:6000", true},
		{"[::1]:6000", "[::1]:6000", true},
		{"[0:0::1]:6000", "[::1]:6000", true},
		{"[::ffff:127.0.0.1]:6000", "[::ffff:127.0.0.1]:6000", true},
		{"192.0.2.1:6000", "192.0.2.1:6000", false},
		{"0.0.0.0:6000", "0.0.0.0:6000", false},
		{"[::]:6000", "[::]:6000", false},
		{":6000", ":6000", false},
	} {
		a, err := listen.TCPAddress(tc.in)
		if err != nil || a.Name != tc.want || a.Local() != tc.local {
			t.Errorf("%s: %+v, local %v, %v; want %s, %v", tc.in, a, a.Local(), err, tc.want, tc.local)
		}
	}
	for _, in := range []string{"", "6000", "127.0.0.1", "localhost:6000", "127.0.0.1:", "127.0.0.1:dns", "::1:6000", "127.0.0.1:70000"} {
		if a, err := listen.TCPAddress(in); err == nil {
			t.Errorf("%q is %+v", in, a)
		}
	}
}

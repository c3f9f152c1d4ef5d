package process

import (
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"example.org/pdns/test/lab"
)

// TestNotADirectory: a file where the store should be is named.
func TestNotADirectory(t *testing.T) {
	s := newSite(t)
	if err := os.WriteFile(s.Store, []byte("not a directory\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := s.Second()
	if code := p.ExitCode(); code == 0 {
		t.Errorf("started on a file")
	}
	mustSay(t, p.Output(), s.Store)
}

// TestNoRoom: where no file can grow the resolver keeps answering, says what is
// wrong, and loses nothing that was on disk; when there is room again it goes on.
func TestNoRoom(t *testing.T) {
	s := newSite(t)
	server := s.Start()
	s.Resolve(server, "example.com", 0, 20)
	lab.Wait(t, "twenty names on disk", func() bool { return len(s.Seen()) == 20 })
	limitFiles(t, server, 512)
	s.Resolve(server, "example.com", 20, 50)
	lab.Wait(t, "a word about what is wrong", func() bool { return strings.Contains(server.Output(), unix.EFBIG.Error()) })
	s.Resolve(server, "example.com", 70, 10)
	if got := len(s.Seen()); got < 20 {
		t.Errorf("%d names are left of 20 that were on disk", got)
	}
	limitFiles(t, server, unix.RLIM_INFINITY)
	lab.Wait(t, "all names on disk", func() bool { return len(s.Seen()) == 80 })
	server.Stop()
	s.Whole()
}

// limitFiles sets how large a file a process may write, in bytes: a full disk
// that needs no privilege.
func limitFiles(t *testing.T, p *lab.Server, bytes uint64) {
	t.Helper()
	limit := &unix.Rlimit{Cur: bytes, Max: unix.RLIM_INFINITY}
	if err := unix.Prlimit(p.PID(), unix.RLIMIT_FSIZE, limit, nil); err != nil {
		t.Fatal(err)
	}
}

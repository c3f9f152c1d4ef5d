//go:build unix

package durable

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// somebody is a user that no system has.
const somebody = 54321

// TestCreateOwner: a file belongs to whom its directory does; the one that was in
// its place stays whose it was.
func TestCreateOwner(t *testing.T) {
	dir, path := t.TempDir(), filepath.Join(t.TempDir(), "kept")
	if os.Geteuid() == 0 {
		if err := os.Chown(dir, somebody, somebody); err != nil {
			t.Fatal(err)
		}
	}
	made := filepath.Join(dir, "a")
	if err := os.WriteFile(made, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(made, path); err != nil {
		t.Fatal(err)
	}
	create(t, made)
	if got, want := owner(t, made), owner(t, dir); got != want {
		t.Errorf("file of %d in a directory of %d", got, want)
	}
	if got := owner(t, path); int(got[0]) != os.Geteuid() {
		t.Errorf("what was there before belongs to %d", got)
	}
}

func owner(t *testing.T, path string) [2]uint32 {
	t.Helper()
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	s := info.Sys().(*syscall.Stat_t)
	return [2]uint32{s.Uid, s.Gid}
}

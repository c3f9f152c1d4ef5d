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

// ofSomebody makes a directory that, where root can arrange it, belongs to
// somebody else.
func ofSomebody(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if os.Geteuid() == 0 {
		if err := os.Chown(dir, somebody, somebody); err != nil {
			t.Fatal(err)
		}
	}
	return dir
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

func write(t *testing.T, path string) {
	t.Helper()
	if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestRenameOwner: a file belongs to whom its directory does.
func TestRenameOwner(t *testing.T) {
	dir := ofSomebody(t)
	path := filepath.Join(dir, "a")
	write(t, path+".tmp")
	if err := Rename(path+".tmp", path); err != nil {
		t.Fatal(err)
	}
	if got, want := owner(t, path), owner(t, dir); got != want {
		t.Errorf("file of %d in a directory of %d", got, want)
	}
}

// TestOwnLinks: what a link leads to stays whose it was.
func TestOwnLinks(t *testing.T) {
	dir, elsewhere := ofSomebody(t), filepath.Join(t.TempDir(), "mine")
	write(t, elsewhere)
	before := owner(t, elsewhere)
	symbolic, hard := filepath.Join(dir, "symbolic"), filepath.Join(dir, "hard")
	if err := os.Symlink(elsewhere, symbolic); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(elsewhere, hard); err != nil {
		t.Fatal(err)
	}
	Own(symbolic, dir)
	Own(hard, dir)
	if got := owner(t, elsewhere); got != before {
		t.Errorf("belongs to %d, before to %d", got, before)
	}
}

//go:build unix

package store_test

import (
	"context"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"example.org/pdns/plugin/pkg/store"
)

// ofSomebody makes a directory that, where root can arrange it, belongs to
// somebody else.
func ofSomebody(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if os.Geteuid() == 0 {
		must(t, os.Chown(dir, 54321, 54321))
	}
	return dir
}

// TestOwner: all that is made in a store belongs to whom its directory does,
// root made it or not.
func TestOwner(t *testing.T) {
	dir := ofSomebody(t)
	s := open(t, dir, store.Options{})
	for from := range 2 {
		addNumbered(t, s, from, from+1)
		must(t, s.Flush(context.Background()))
	}
	must(t, s.Merge(context.Background(), true, nil))
	must(t, s.Close())
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) != 3 {
		t.Errorf("%v, %v: want a run, the manifest and the lock", files, err)
	}
	for _, f := range files {
		if got, want := owner(t, f), owner(t, dir); got != want {
			t.Errorf("%s belongs to %d, the directory to %d", f, got, want)
		}
	}
}

// TestOwnerOfOthers: what this process did not make stays whose it was, a lock
// that was there as well as a directory.
func TestOwnerOfOthers(t *testing.T) {
	home := ofSomebody(t)
	must(t, os.WriteFile(filepath.Join(home, "LOCK"), nil, 0o600))
	must(t, open(t, home, store.Options{}).Close())
	dir := filepath.Join(home, "store")
	must(t, open(t, dir, store.Options{}).Close())
	for _, path := range []string{filepath.Join(home, "LOCK"), dir, filepath.Join(dir, "MANIFEST")} {
		if got := owner(t, path); int(got[0]) != os.Geteuid() {
			t.Errorf("%s belongs to %d", path, got)
		}
	}
}

// TestPlantedLinks: nothing is made or changed behind a link in the store.
func TestPlantedLinks(t *testing.T) {
	dir, victim := ofSomebody(t), filepath.Join(t.TempDir(), "victim")
	must(t, os.WriteFile(victim, []byte("victim"), 0o600))
	must(t, os.Symlink(victim, filepath.Join(dir, "MANIFEST.tmp")))
	must(t, os.Symlink(victim, filepath.Join(dir, "00000001.run.tmp")))
	s := open(t, dir, store.Options{})
	addNumbered(t, s, 0, 1)
	must(t, s.Close())
	if held, err := os.ReadFile(victim); string(held) != "victim" {
		t.Errorf("%q, %v behind the links", held, err)
	}
}

// TestPlantedLock: a lock that is a link is refused, whether it leads to a file or
// nowhere.
func TestPlantedLock(t *testing.T) {
	elsewhere := t.TempDir()
	there, nowhere := filepath.Join(elsewhere, "there"), filepath.Join(elsewhere, "nowhere")
	must(t, os.WriteFile(there, nil, 0o600))
	for _, victim := range []string{there, nowhere} {
		dir := ofSomebody(t)
		must(t, os.Symlink(victim, filepath.Join(dir, "LOCK")))
		if s, err := store.Open(dir, store.Options{}); err == nil {
			s.Close()
			t.Errorf("opened with a lock that leads to %s", victim)
		}
	}
	if made, err := filepath.Glob(filepath.Join(elsewhere, "*")); err != nil || len(made) != 1 {
		t.Errorf("%v, %v: want what was there", made, err)
	}
}

func owner(t *testing.T, path string) [2]uint32 {
	t.Helper()
	info, err := os.Lstat(path)
	must(t, err)
	s := info.Sys().(*syscall.Stat_t)
	return [2]uint32{s.Uid, s.Gid}
}

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

// TestOwner: all that is made in a store belongs to whom its directory does,
// root made it or not; so does a directory that is made for it.
func TestOwner(t *testing.T) {
	home := t.TempDir()
	if os.Geteuid() == 0 {
		must(t, os.Chown(home, 54321, 54321))
	}
	dir := filepath.Join(home, "store")
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
	for _, f := range append(files, dir) {
		if got, want := owner(t, f), owner(t, home); got != want {
			t.Errorf("%s belongs to %d, the directory above to %d", f, got, want)
		}
	}
}

func owner(t *testing.T, path string) [2]uint32 {
	t.Helper()
	info, err := os.Lstat(path)
	must(t, err)
	s := info.Sys().(*syscall.Stat_t)
	return [2]uint32{s.Uid, s.Gid}
}

package lease_test

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"example.org/pdns/plugin/pkg/store"
)

// snapshotOf writes a snapshot of a store that knows one name to path, in place
// of what is there.
func snapshotOf(t *testing.T, name, path string) {
	t.Helper()
	s, err := store.Open(t.TempDir(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Add(seen(name)); err != nil {
		t.Fatal(err)
	}
	next := filepath.Join(t.TempDir(), "next")
	if err := store.Snapshot(t.Context(), s, next, store.SnapshotOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(next, path); err != nil {
		t.Fatal(err)
	}
}

// TestSnapshotReplaced: a reload asks the file that is there now, and shares one
// that is still the same.
func TestSnapshotReplaced(t *testing.T) {
	path := filepath.Join(t.TempDir(), "snapshot")
	snapshotOf(t, "one.example", path)
	s := start(t, "ask "+path, "ask "+path)
	first := declared[0].Source()
	if first != declared[1].Source() {
		t.Error("two readers of one file, two sources")
	}
	if err := s.reload("ask " + path); err != nil {
		t.Fatal(err)
	}
	if declared[0].Source() != first {
		t.Error("a file that is the same was opened anew")
	}
	for _, name := range []string{"two.example", "three.example"} {
		snapshotOf(t, name, path)
		if err := s.reload("ask " + path); err != nil {
			t.Fatal(err)
		}
		if got := owners(t, declared[0].Source()); got != name+"." {
			t.Errorf("found %q, want %s", got, name)
		}
	}
}

// TestLameduck: at exit a store is open while the servers answer.
func TestLameduck(t *testing.T) {
	dir := t.TempDir()
	s := start(t, "early lameduck\nrecord "+dir)
	l := declared[0]
	lameduck = sync.OnceFunc(func() { // stop calls back more than once
		if l.Store() == nil || l.Store().Add(seen("late.example")) != nil {
			t.Error("nothing is recorded in the lameduck time")
		}
	})
	s.stop()
	if l.Store() != nil {
		t.Error("the store is held after shutdown")
	}
	src, err := store.OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	if got := owners(t, src); got != "late.example." {
		t.Errorf("on disk: %q", got)
	}
}

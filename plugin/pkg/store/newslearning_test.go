package store_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"example.org/pdns/plugin/pkg/store/novelty"
)

// TestNewsReady: while a history is too young it is told when it will not be.
func TestNewsReady(t *testing.T) {
	n := openNewsroom(t, novelty.Options{})
	ready := time.Unix(n.now.Load(), 0).Add(novelty.DefaultLearn)
	for _, step := range []struct {
		later int64
		ago   int64 // of what is recorded
		ready time.Time
	}{{0, 0, ready}, {aDay, 2 * aDay, ready}, {0, 0, ready.Add(-aDay * time.Second)}} {
		n.now.Add(step.later)
		n.info = nil
		n.add("www.a.example A 192.0.2.1", step.ago)
		n.flushed()
		if len(n.info) != 1 || !n.info[0].Learning || !n.info[0].Ready.Equal(step.ready) {
			t.Errorf("told %+v, want ready at %s", n.info, step.ready)
		}
	}
}

// TestNewsDamage: while a part of the history cannot be read nothing counts as new.
func TestNewsDamage(t *testing.T) {
	o := novelty.Options{Learn: -1}
	n := openNewsroom(t, o)
	n.add("www.a.example A 192.0.2.1", 0)
	n.flushed()
	if err := n.store.Close(); err != nil {
		t.Fatal(err)
	}
	runs, err := filepath.Glob(filepath.Join(n.dir, "*.run"))
	if err != nil || len(runs) != 1 {
		t.Fatal(runs, err)
	}
	if err := os.WriteFile(runs[0], make([]byte, 1<<16), 0o600); err != nil {
		t.Fatal(err)
	}
	n.open(o)
	n.info = nil
	n.add("www.a.example A 192.0.2.1", 0)
	if got := n.flushed(); got != nil || len(n.info) != 1 || !n.info[0].Learning || !n.info[0].Ready.IsZero() {
		t.Errorf("told %q, %+v", got, n.info)
	}
}

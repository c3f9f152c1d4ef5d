package lease_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"example.org/pdns/plugin/pkg/lease"
	"example.org/pdns/plugin/pkg/store"
)

const patience = 20 * time.Second

// eventually waits for a condition.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !holds(); runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("not after %v: %s", patience, what)
		}
	}
}

// promptly fails the test if f does not return.
func promptly(t *testing.T, what string, f func()) {
	t.Helper()
	wait(t, what, async(f))
}

// async runs f, and closes what it returns at its end.
func async(f func()) <-chan struct{} {
	done := make(chan struct{})
	go func() { defer close(done); f() }()
	return done
}

func wait(t *testing.T, what string, done <-chan struct{}) {
	t.Helper()
	select {
	case <-done:
	case <-time.After(patience):
		t.Fatalf("not after %v: %s", patience, what)
	}
}

func free(dir string) bool {
	s, err := store.Open(dir, store.Options{})
	if err == nil {
		s.Close()
	}
	return !errors.Is(err, store.ErrLocked)
}

// A gate is where a store waits, once, in an event of its work.
type gate struct{ reached, open chan struct{} }

func newGate() gate { return gate{make(chan struct{}), make(chan struct{})} }

func (g gate) pass() {
	close(g.reached)
	<-g.open
}

// TestSlowClose: while one store takes its time to close, another one closes and
// opens, and whoever wants the first one waits for it.
func TestSlowClose(t *testing.T) {
	slow, quick := t.TempDir(), t.TempDir()
	g := newGate()
	events[slow] = store.Events{Flushed: func(store.FlushInfo) { g.pass() }}
	s := start(t, "record "+slow, "record "+quick)
	if err := declared[0].Store().Add(seen("a.example")); err != nil {
		t.Fatal(err)
	}
	reloaded := async(func() {
		if err := s.reload("trouble never"); err != nil {
			t.Error(err)
		}
	})
	wait(t, "the slow store closes", g.reached)
	promptly(t, "what is open is told", func() { lease.Stores() })
	eventually(t, "the quick store is closed", func() bool { return free(quick) })
	promptly(t, "the quick store opens", func() { startAnother(t, "record "+quick) })
	delete(events, slow)
	opened := async(func() { startAnother(t, "record "+slow) })
	eventually(t, "the slow store is wanted", func() bool { return len(lease.Stores()) == 1 })
	close(g.open)
	wait(t, "the reload ends", reloaded)
	wait(t, "the slow store opens again", opened)
	wantLocked(t, []string{slow, quick})
}

// TestSlowOpen: the same while one store takes its time to open.
func TestSlowOpen(t *testing.T) {
	slow, quick := newStore(t), t.TempDir()
	runs, err := filepath.Glob(filepath.Join(slow, "*.run"))
	if err != nil || len(runs) != 1 {
		t.Fatalf("runs %v, %v", runs, err)
	}
	if err := os.Truncate(runs[0], 10); err != nil { // an event to stop at
		t.Fatal(err)
	}
	g := newGate()
	events[slow] = store.Events{Error: func(error) { g.pass() }}
	opened := async(func() { startAnother(t, "record "+slow) })
	wait(t, "the slow store opens", g.reached)
	promptly(t, "what is open is told", func() { lease.Stores() })
	promptly(t, "the quick store opens", func() { startAnother(t, "record "+quick, "ask "+quick) })
	wantLocked(t, []string{quick})
	close(g.open)
	wait(t, "the slow store is open", opened)
	wantLocked(t, []string{slow, quick})
}

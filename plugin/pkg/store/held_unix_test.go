//go:build unix

package store_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gofrs/flock"

	"example.org/pdns/plugin/pkg/store"
)

// A run that something passing keeps from opening is not damaged: repair says so
// and changes nothing, and a store opens it when it can.
func TestRunHeld(t *testing.T) {
	dir, runs := twoRuns(t)
	before := listing(t, dir)
	held := flock.New(runs[0])
	must(t, held.Lock())
	defer held.Close()
	err := store.Repair(t.Context(), dir, store.RepairOptions{Report: func(r store.Repaired) { t.Errorf("did %+v", r) }})
	if err == nil || !strings.Contains(err.Error(), runs[0]) {
		t.Errorf("repair: %v", err)
	}
	if after := listing(t, dir); !slices.Equal(before, after) {
		t.Errorf("files were %q and are %q", before, after)
	}
	s := open(t, dir, store.Options{Flush: time.Hour})
	src, err := store.OpenReader(dir)
	must(t, err)
	defer src.Close()
	for _, from := range []store.Source{s, src} {
		if n, err := walk(from); n != perRun || !errors.Is(err, store.ErrIncomplete) || !strings.Contains(err.Error(), runs[0]) {
			t.Errorf("%d RRsets, %v while a run is held", n, err)
		}
	}
	must(t, held.Close())
	if n, err := walk(src); n != 2*perRun || err != nil {
		t.Errorf("a reader: %d RRsets, %v", n, err)
	}
	must(t, s.Merge(t.Context(), false, nil))
	if n, err := walk(s); n != 2*perRun || err != nil {
		t.Errorf("%d RRsets, %v", n, err)
	}
}

//go:build linux && (amd64 || arm64)

package crash

import (
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"example.org/pdns/plugin/pkg/store/manifest"
	"example.org/pdns/test/crash/script"
	"example.org/pdns/test/crash/tracer"
)

// A fault is what befalls operations from a point on.
type fault struct {
	name    string
	matters func(*tracer.Op) bool // chooses the operations that it befalls
	verdict tracer.Verdict
	last    int  // how many of them, one after the other
	rare    bool // it is left out of a sample: others are much like it
	room    bool // it is left out where a sample repairs, which writes as a merge does
}

// faults are those that disks are known for. A write that is cut short finds no
// room when it goes on.
var faults = []fault{
	{name: "EIO", matters: notMappings, verdict: tracer.Verdict{Fail: unix.EIO}, last: 1},
	{name: "ENOSPC", matters: takesRoom, verdict: tracer.Verdict{Fail: unix.ENOSPC}, last: 1, rare: true},
	{name: "ENOSPC 20 times", matters: takesRoom, verdict: tracer.Verdict{Fail: unix.ENOSPC}, last: 20, room: true},
	{name: "short", matters: writes, verdict: tracer.Verdict{Cut: 100}, last: 1, rare: true},
	{name: "short, then ENOSPC", matters: writes, verdict: tracer.Verdict{Cut: 100}, last: 2, room: true},
	{name: "ENOMEM", matters: mappings, verdict: tracer.Verdict{Fail: unix.ENOMEM}, last: 1},
	{name: "EMFILE", matters: opens, verdict: tracer.Verdict{Fail: unix.EMFILE}, last: 1, rare: true},
	{name: "EMFILE 20 times", matters: opens, verdict: tracer.Verdict{Fail: unix.EMFILE}, last: 20},
}

func writes(op *tracer.Op) bool      { return len(op.Data) > 100 }
func mappings(op *tracer.Op) bool    { return op.Call == "mmap" }
func notMappings(op *tracer.Op) bool { return !mappings(op) }
func opens(op *tracer.Op) bool       { return op.Call == "openat" }

func takesRoom(op *tracer.Op) bool {
	return changes(op) && op.Call != "unlinkat" || op.Call == "fsync"
}

// TestFault lets operations fail. The program says so, loses nothing, and goes on
// when it is over.
func TestFault(t *testing.T) {
	for _, name := range ordinary() {
		for _, f := range faults {
			if !all && (f.rare || f.room && script.Repairs(name)) {
				continue
			}
			t.Run(name+"/"+f.name, func(t *testing.T) {
				eachPoint(t, name, f.matters, func(t *testing.T, p point) bool { return failAt(t, name, p, f) })
			})
		}
	}
}

// ordinary are the scripts that operations fail in, of a sample those that do the
// same each time.
func ordinary() []string {
	if all {
		return scripts()
	}
	return append(repairs(), "collect", "import")
}

// strike returns what befalls each operation, and how many it befell.
func (f *fault) strike(at point) (before func(*tracer.Op) tracer.Verdict, struck *int) {
	count := counter{}
	struck = new(int)
	return func(op *tracer.Op) tracer.Verdict {
		here := count.point(op) == at
		if !here && *struck == 0 || *struck == f.last || !f.matters(op) {
			return tracer.Verdict{}
		}
		*struck++
		if f.verdict.Cut > 0 && *struck > 1 {
			return tracer.Verdict{Fail: unix.ENOSPC}
		}
		return f.verdict
	}, struck
}

func failAt(t *testing.T, name string, at point, f fault) (reached bool) {
	root := newStart(t, name)
	before, struck := f.strike(at)
	o := trace(t, name, root, func(op *tracer.Op, _ *script.Promise) tracer.Verdict { return before(op) }, nil)
	if *struck == 0 {
		return false
	}
	wantEnd(t, &o)
	if len(o.promise.Errors)+len(o.promise.Gone) == 0 && !o.promise.ByCut && !harmless(at, f) {
		t.Error("not a word about it")
	}
	if o.promise.Kept != o.promise.Added {
		t.Errorf("%d observations of %d are on disk after all is well again", o.promise.Kept, o.promise.Added)
	}
	if err := o.promise.Check(root); err != nil {
		t.Errorf("with %+v: %v", o.promise, err)
	}
	return true
}

// harmless tells faults that need no word: of a write that goes on where it was
// cut, of what only clears away, which the next start does again, of what only
// looks, also for what is to be cleared away, of a second name of a run that is
// renamed instead. (A cut is tried again before it is told.)
func harmless(at point, f fault) bool {
	file := filepath.Base(at.path)
	return f.name == "short" || at.call == "unlinkat" || at.call == "stat" ||
		at.call == "linkat" && file != manifest.File ||
		file == "LOCK" || strings.HasPrefix(file, "PROBE") || at.call == "openat" && file == "store"
}

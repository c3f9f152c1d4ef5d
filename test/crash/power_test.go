//go:build linux && (amd64 || arm64)

package crash

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"testing"

	"github.com/cespare/xxhash/v2"
	"golang.org/x/sys/unix"

	"example.org/pdns/test/crash/disk"
	"example.org/pdns/test/crash/script"
	"example.org/pdns/test/crash/tracer"
)

// An event is an operation that is over, and what was promised before it.
type event struct {
	op      tracer.Op
	promise script.Promise
}

// record returns all that a program does, to its end.
func record(t *testing.T, name string, before func(*tracer.Op) tracer.Verdict) []event {
	t.Helper()
	var events []event
	promised := script.Promise{Script: name}
	o := trace(t, name, newStart(t, name), func(op *tracer.Op, p *script.Promise) tracer.Verdict {
		promised = *p
		return before(op)
	}, func(op *tracer.Op) { events = append(events, event{*op, promised}) })
	wantEnd(t, &o)
	// What is promised last is promised when all is over.
	return append(events, event{promise: o.promise})
}

func pass(*tracer.Op) tracer.Verdict { return tracer.Verdict{} }

// TestPower lets the power fail before each operation, and the disk lose what it
// may lose.
func TestPower(t *testing.T) {
	random := 1
	if all {
		random = 20
	}
	for _, name := range scripts() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			failPower(t, name, record(t, name, pass), func(i int) []disk.Loss {
				return append(disk.Losses(), disk.Random(uint64(i), random)...)
			})
		})
	}
}

// TestFaultThenPower lets a sync fail, and later the power: what the disk said it
// could not do must not be promised.
func TestFaultThenPower(t *testing.T) {
	syncs := func(op *tracer.Op) bool { return op.Call == "fsync" || op.Call == "fdatasync" }
	for _, name := range append(repairs(), "collect", "import") {
		t.Run(name, func(t *testing.T) {
			eachPoint(t, name, syncs, func(t *testing.T, p point) bool {
				before, struck := (&fault{matters: syncs, verdict: tracer.Verdict{Fail: unix.EIO}, last: 1}).strike(p)
				events := record(t, name, before)
				struckAt := slices.IndexFunc(events, func(e event) bool { return syncs(&e.op) && e.op.Err == unix.EIO })
				failPower(t, name, events, func(i int) []disk.Loss {
					if i < struckAt {
						return nil // TestPower does that
					}
					if !all && i%8 != 0 && i < len(events)-1 {
						return nil // what was not written stays so for long
					}
					return disk.Losses()[:2]
				})
				return *struck > 0
			})
		})
	}
}

// failPower checks what is left of a recorded run at each of its events, with the
// losses for that. Many leave the same: that is held against what was promised
// last.
func failPower(t *testing.T, name string, events []event, losses func(i int) []disk.Loss) {
	var prints []uint64
	states := map[uint64]int{} // the last that is the same
	start, err := script.Start(name)
	must(t, err)
	visit(t, start, events, losses, func(n, _ int, loss disk.Loss, d *disk.Disk) {
		prints = append(prints, fingerprint(d.After(loss)))
		states[prints[n]] = n
	})
	root := newRoot(t)
	visit(t, start, events, losses, func(n, at int, loss disk.Loss, d *disk.Disk) {
		if states[prints[n]] != n || t.Failed() {
			return
		}
		tree := d.After(loss)
		must(t, rebuild(root, tree))
		promise := events[at].promise
		if err := promise.Check(root); err != nil {
			t.Errorf("the power fails before operation %d, %v, %s, with %+v: %v", at, &events[at].op, loss.Text, promise, err)
			must(t, rebuild(root, tree)) // for whoever looks at it
		}
	})
	t.Logf("%d states of the disk at %d operations", len(states), len(events))
}

// visit gives, numbered, the disk at each event and what it may lose.
func visit(t *testing.T, start map[string][]byte, events []event, losses func(i int) []disk.Loss, give func(n, at int, loss disk.Loss, d *disk.Disk)) {
	d := disk.New(start)
	n := 0
	for at, e := range events {
		for _, loss := range losses(at) {
			give(n, at, loss, d)
			n++
		}
		must(t, d.Do(&e.op))
	}
}

// fingerprint tells trees from each other.
func fingerprint(t disk.Tree) uint64 {
	h := xxhash.New()
	for _, path := range slices.Sorted(maps.Keys(t.Files)) {
		b := t.Files[path]
		fmt.Fprintf(h, "%q %t %d", path, b == nil, len(b))
		h.Write(b)
	}
	fmt.Fprint(h, t.Links)
	return h.Sum64()
}

// rebuild makes a directory hold a tree and nothing else.
func rebuild(root string, tree disk.Tree) error {
	if err := os.RemoveAll(root); err != nil {
		return err
	}
	if err := os.Mkdir(root, 0o700); err != nil {
		return err
	}
	return tree.Write(root)
}

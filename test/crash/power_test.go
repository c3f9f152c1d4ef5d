//go:build linux && (amd64 || arm64)

package crash

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

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
	var promised script.Promise
	o := trace(t, name, newRoot(t), func(op *tracer.Op, p *script.Promise) tracer.Verdict {
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
	for name := range script.Scripts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			failPower(t, record(t, name, pass), func(i int) []disk.Loss {
				return append(disk.Losses(), disk.Random(rand.New(rand.NewPCG(uint64(i), 3)), random)...)
			})
		})
	}
}

// TestFaultThenPower lets a sync fail, and later the power: what the disk said it
// could not do must not be promised.
func TestFaultThenPower(t *testing.T) {
	syncs := func(op *tracer.Op) bool { return op.Call == "fsync" || op.Call == "fdatasync" }
	for name := range script.Scripts {
		t.Run(name, func(t *testing.T) {
			eachPoint(t, name, syncs, func(t *testing.T, p point) bool {
				before, struck := (&fault{matters: syncs, verdict: tracer.Verdict{Fail: unix.EIO}, last: 1}).strike(p)
				failPower(t, record(t, name, before), func(int) []disk.Loss { return disk.Losses()[:2] })
				return *struck > 0
			})
		})
	}
}

// failPower checks what is left of a recorded run at each of its events, with the
// losses for that.
func failPower(t *testing.T, events []event, losses func(i int) []disk.Loss) {
	d := disk.New()
	checked := map[[sha256.Size]byte]bool{}
	root := newRoot(t)
	for i, e := range events {
		for _, loss := range losses(i) {
			tree := d.After(loss)
			id := fingerprint(tree, &e.promise)
			if checked[id] {
				continue
			}
			checked[id] = true
			must(t, rebuild(root, tree))
			if err := e.promise.Check(root); err != nil {
				t.Errorf("the power fails before operation %d, %v, %s, with %+v: %v", i, &e.op, loss.Text, e.promise, err)
				must(t, rebuild(root, tree)) // for whoever looks at it
				return
			}
		}
		must(t, d.Do(&e.op))
	}
	t.Logf("%d states of the disk at %d operations", len(checked), len(events))
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

// fingerprint tells what was checked already.
func fingerprint(t disk.Tree, p *script.Promise) (sum [sha256.Size]byte) {
	h := sha256.New()
	for _, path := range slices.Sorted(maps.Keys(t)) {
		h.Write(binary.AppendUvarint([]byte(path), uint64(len(t[path]))))
		h.Write(t[path])
	}
	fmt.Fprintf(h, "%+v", *p)
	return [sha256.Size]byte(h.Sum(nil))
}

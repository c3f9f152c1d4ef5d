//go:build linux && (amd64 || arm64)

package crash

import (
	"testing"

	"example.org/pdns/test/crash/script"
	"example.org/pdns/test/crash/tracer"
)

// TestReader reads a store as another process does before each operation of the
// one that writes: it sees what is promised, whole.
func TestReader(t *testing.T) {
	for _, name := range scripts() {
		if script.Repairs(name) {
			continue // what is damaged does not answer
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := newRoot(t)
			n := 0
			o := trace(t, name, root, func(op *tracer.Op, p *script.Promise) tracer.Verdict {
				n++
				if err := p.CheckReader(root); err != nil && !t.Failed() {
					t.Errorf("before operation %d, %v, with %+v: %v", n, op, *p, err)
				}
				return tracer.Verdict{}
			}, nil)
			wantEnd(t, &o)
		})
	}
}

// TestWriter lets a writer flush, and merge away every file there is, before one
// operation of a reader and some that follow: the reader sees all that was on disk
// when it began to look.
func TestWriter(t *testing.T) {
	for _, apart := range []int{1, 2, 5} {
		at := 0
		for n := 1; at < n; at++ {
			n = lookWhile(t, func(n int) bool { return n >= at && (n-at)%apart == 0 && (n-at)/apart < 4 })
		}
		if at < 10 {
			t.Errorf("the reader has %d operations alone", at)
		}
	}
}

// lookWhile runs a reader. The writer takes a step before those of its operations
// that it is asked for. It returns how many there were.
func lookWhile(t *testing.T, step func(n int) bool) (n int) {
	t.Helper()
	root := newRoot(t)
	w, err := script.NewWriter(root)
	must(t, err)
	defer w.Close()
	look, kept := 0, 0
	o := trace(t, "look", root, func(op *tracer.Op, p *script.Promise) tracer.Verdict {
		if p.Look != look {
			if p.Saw < kept {
				t.Errorf("look %d, before operation %d: %d observations seen, %d were there before", look, n, p.Saw, kept)
			}
			look, kept = p.Look, w.Kept()
		}
		if step(n) {
			must(t, w.Step())
		}
		n++
		return tracer.Verdict{}
	}, nil)
	wantEnd(t, &o)
	return n
}

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
	for name := range script.Scripts {
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

package interop

import (
	"net"
	"slices"
	"testing"

	"example.org/pdns/test/lab"
)

// TestStartedFirst: these resolvers find a collector that begins after them. Knot
// Resolver looks for it only once, as the README says.
func TestStartedFirst(t *testing.T) {
	w := newWorld(t)
	for _, r := range []resolver{unbound, bind, recursor} {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			c := newCollector(t, r.user)
			w.start(t, r, c.socket(r))
			c.start(t)
			goesOn(t, r, c, "later")
		})
	}
}

// TestTogether: Unbound and Knot Resolver write one history, each by a block of its
// own with types of its own.
func TestTogether(t *testing.T) {
	w := newWorld(t)
	c := collect(t, unbound.user)
	for _, r := range []resolver{unbound, knot} {
		w.start(t, r, c.socket(r))
		dig(t, net.JoinHostPort(r.address, "53"), "A", "www.plain.alpha")
	}
	for sender, known := range map[string]bool{unbound.name: true, knot.name: false} {
		lab.Wait(t, "what "+sender+" sent", func() bool {
			return slices.ContainsFunc(c.past(t, "www.plain.alpha._a"), func(r lab.Record) bool { return r.Known == known })
		})
	}
}

//go:build !race

// The race detector empties pools at random, which then allocate.

package observation_test

import (
	"testing"

	"example.org/pdns/plugin/pkg/observation"
	"example.org/pdns/plugin/pkg/rrset"
)

func TestObserveAllocatesNothing(t *testing.T) {
	for name, text := range usual {
		for where, zone := range map[string][]byte{"no zone": nil, "a zone": rrset.MustName("com")} {
			t.Run(name+" of "+where, func(t *testing.T) {
				o := observation.New(observation.Options{Exclude: [][]byte{rrset.MustName("corp.example")}})
				m := observation.Message{Response: parseMessage(t, text), Time: when, Zone: zone}
				for _, m := range []observation.Message{m, onWire(t, m)} {
					c := new(counter)
					if n := testing.AllocsPerRun(100, func() { o.Observe(m, c) }); n != 0 {
						t.Errorf("%v allocations", n)
					}
					if c.seen == 0 {
						t.Error("nothing observed")
					}
				}
			})
		}
	}
}

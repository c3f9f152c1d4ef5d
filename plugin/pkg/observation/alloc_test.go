//go:build !race

// The race detector empties pools at random, which then allocate.

package observation_test

import (
	"testing"
	"time"

	"example.org/pdns/plugin/pkg/observation"
	"example.org/pdns/plugin/pkg/rrset"
)

func TestObserveAllocatesNothing(t *testing.T) {
	for name, text := range usual {
		t.Run(name, func(t *testing.T) {
			o := observation.New(observation.Options{Exclude: [][]byte{rrset.MustName("corp.example")}})
			m := observation.Message{Response: parseMessage(t, text), Time: time.Now(), Zone: rrset.MustName("com")}
			if name == "chain" {
				m.Zone = nil
			}
			c := new(counter)
			if n := testing.AllocsPerRun(100, func() { o.Observe(m, c) }); n != 0 {
				t.Errorf("%v allocations", n)
			}
			if c.seen == 0 || c.dropped != 0 {
				t.Errorf("%d observed, %d dropped", c.seen, c.dropped)
			}
		})
	}
}

package interop

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"syscall"
	"testing"

	"example.org/pdns/test/lab"
)

// TestResolvers has each resolver recurse over the tree, reads the history back
// and looks for the clients in it; meanwhile the collector reloads, goes away and
// comes again.
func TestResolvers(t *testing.T) {
	w := newWorld(t)
	for _, r := range []resolver{unbound, bind, recursor, knot} {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			v := fromServers
			if r.client {
				v = fromOthers
			}
			c := collect(t, r.user)
			w.start(t, r, c.socket(r))
			ask(t, r.address)
			w.compare(t, c, v)
			noPoison(t, c, v)
			c.Signal(syscall.SIGUSR1)
			goesOn(t, r, c, "reloaded")
			c.Stop()
			c.start(t)
			goesOn(t, r, c, "restarted")
			w.compare(t, c, v)
			c.Stop()
			noClient(t, c, r.address)
		})
	}
}

// goesOn asks for names that nobody has asked for until one is in the history: after
// a restart the resolver has to connect again.
func goesOn(t *testing.T, r resolver, c *collector, prefix string) {
	t.Helper()
	n := 0
	lab.Wait(t, r.name+" being heard again", func() bool {
		n++
		name := fmt.Sprintf("%s%d.wild.plain.alpha", prefix, n)
		dig(t, net.JoinHostPort(r.address, "53"), "A", name)
		return slices.ContainsFunc(c.past(t, "*.wild.plain.alpha"), func(r lab.Record) bool { return strings.HasPrefix(r.Owner, prefix) })
	})
}

// noPoison looks whether what the poisoner said of others was left out for the
// right reason. What is in the history was compared already.
func noPoison(t *testing.T, c *collector, v view) {
	t.Helper()
	for _, reason := range []string{"out_of_bailiwick", "additional"} {
		if v == fromServers && (c.dropped(t)[reason] == 0 || !c.counts(t, reason)) {
			t.Errorf("nothing is counted as %s: %v", reason, c.dropped(t))
		}
	}
	for _, subject := range []string{"192.0.2.66._rdata", poisonerAddress + "._rdata"} {
		for _, r := range c.past(t, subject) {
			if !strings.HasSuffix(r.Owner, "."+poisonZone) {
				t.Errorf("the poisoner wrote %s %s", r.Owner, r.Type)
			}
		}
	}
}

// noClient reads every byte of a store, and all that can be read from it, for
// those who asked, and for the resolver, which asked the name servers.
func noClient(t *testing.T, c *collector, resolver string) {
	t.Helper()
	traces := lab.Traces{"letters of a client": []byte("wWw.PlAiN")}
	for i := range questions {
		traces.Add(t, asker(i))
	}
	traces.AddAddress(resolver)
	if !traces.SearchStore(t, c.store, []byte("nowhere")) {
		t.Error("the search does not find what is there")
	}
	traces.Search(t, "pdns export", []byte(c.pdns(t, "export", "--json")))
	traces.Search(t, "what CoreDNS said", []byte(c.Output()))
}

//go:build !race

// The race detector empties pools at random, which then allocate.

package pdnscollect

import (
	"testing"

	"github.com/coredns/coredns/plugin/test"
	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/store"
)

// observing returns what is called for an answer that holds one RRset at name.
func observing(t testing.TB) func(name string) {
	t.Helper()
	h, s := open(t, nil)
	q := ask("www.example.com.")
	m := new(dns.Msg).SetReply(q)
	m.RecursionAvailable = true
	a := test.A("www.example.com. 300 IN A 192.0.2.1")
	m.Answer = []dns.RR{a}
	w := &writer{ResponseWriter: new(recordingWriter), observer: h.observer, recorder: h.recorders.get(s, ""), query: q}
	return func(name string) {
		q.Question[0].Name, m.Question[0].Name, a.Hdr.Name = name, name, name
		if err := w.WriteMsg(m); err != nil {
			t.Fatal(err)
		}
	}
}

func TestHeldRRsetAllocatesNothing(t *testing.T) {
	observe := observing(t)
	if n := testing.AllocsPerRun(1000, func() { observe("www.example.com.") }); n != 0 {
		t.Errorf("%v allocations for an RRset that is held", n)
	}
}

// TestHandlerAllocatesItsWriter: one object a query, whatever the answer.
func TestHandlerAllocatesItsWriter(t *testing.T) {
	h, _ := open(t, answering(t, "www.example.com. 300 IN A 192.0.2.1"))
	q, w := ask("www.example.com."), new(recordingWriter)
	serve := func() { h.ServeDNS(t.Context(), w, q) }
	with := testing.AllocsPerRun(1000, serve)
	h.store = func() *store.Store { return nil }
	without := testing.AllocsPerRun(1000, serve)
	if with-without > 1 {
		t.Errorf("%v allocations, %v without recording", with, without)
	}
}

func BenchmarkObserveHeld(b *testing.B) {
	observe := observing(b)
	b.ReportAllocs()
	for b.Loop() {
		observe("www.example.com.")
	}
}

func BenchmarkObserveNew(b *testing.B) {
	observe, names := observing(b), nameMaker()
	b.ReportAllocs()
	for b.Loop() {
		observe(names())
	}
}

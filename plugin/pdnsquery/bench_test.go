package pdnsquery

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/coredns/coredns/plugin/test"
	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// BenchmarkServeDNS: exact questions about a hundred thousand names, without the
// server's part.
func BenchmarkServeDNS(b *testing.B) {
	const names = 100_000
	dir := filepath.Join(b.TempDir(), "store")
	s, err := store.Open(dir, store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	for i := range names {
		r := &rrset.RRset{Owner: rrset.MustName(fmt.Sprintf("n%d.example.com", i)), Type: dns.TypeA, Rdata: [][]byte{{192, 0, byte(i >> 8), byte(i)}}}
		r.First, r.Last, r.Count = 1, 2, 2
		if err := s.AddWait(b.Context(), r); err != nil {
			b.Fatal(err)
		}
	}
	if err := s.Flush(b.Context()); err != nil {
		b.Fatal(err)
	}
	h := newHandler([]string{defaultZone})
	h.source = func() store.Source { return s }
	w := &test.ResponseWriter{RemoteIP: "127.0.0.1"}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		m := new(dns.Msg).SetQuestion(fmt.Sprintf("n%d.example.com._pdns.local.", i*7919%names), dns.TypeTXT)
		if rcode, err := h.ServeDNS(b.Context(), w, m); rcode != dns.RcodeSuccess || err != nil {
			b.Fatal(rcode, err)
		}
	}
}

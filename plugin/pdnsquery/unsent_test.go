package pdnsquery

import (
	"testing"

	"github.com/coredns/coredns/plugin/test"
	"github.com/miekg/dns"
	"github.com/prometheus/client_golang/prometheus"
)

// TestUnsent: who asked does not get into the log by way of what could not be
// sent to him; that is counted.
func TestUnsent(t *testing.T) {
	found := endless{found: 1}
	for name, tc := range map[string]struct {
		h *Handler
		m *dns.Msg
	}{
		"answer":   {handler(nil), new(dns.Msg).SetQuestion("_pdns.local.", dns.TypeSOA)},
		"failure":  {handler(nil), new(dns.Msg).SetQuestion("www.example.com._pdns.local.", dns.TypeTXT)},
		"transfer": {transferring(t, forever{ended: make(chan struct{})}), new(dns.Msg).SetAxfr("*.example.com._pdns.local.")},
		"refused":  {handler(found), new(dns.Msg).SetAxfr("*.example.com._pdns.local.")},
	} {
		w := &leaving{ResponseWriter: test.ResponseWriter{TCP: true}}
		before := countUnsent(t)
		if rcode, err := tc.h.ServeDNS(t.Context(), w, tc.m); rcode != dns.RcodeSuccess || err != nil {
			t.Errorf("%s: the server is told %d, %v", name, rcode, err)
		}
		if n := countUnsent(t) - before; n != 1 {
			t.Errorf("%s: counted %v times, want 1", name, n)
		}
	}
}

func countUnsent(t *testing.T) (n float64) {
	t.Helper()
	families, err := prometheus.DefaultGatherer.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == "coredns_pdnsquery_unsent_total" {
			for _, m := range f.GetMetric() {
				n += m.GetCounter().GetValue()
			}
		}
	}
	return n
}

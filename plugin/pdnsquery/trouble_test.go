package pdnsquery

import (
	"context"
	"errors"
	"iter"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/coredns/coredns/plugin/pkg/dnstest"
	"github.com/coredns/coredns/plugin/test"
	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// endless is a source whose searches find some RRsets and then do not end, or
// end in an error.
type endless struct {
	store.Source
	found int
	err   error
}

func (e endless) Find(ctx context.Context, _ store.Query) iter.Seq2[*rrset.RRset, error] {
	return func(yield func(*rrset.RRset, error) bool) {
		r := &rrset.RRset{Owner: rrset.MustName("www.example.com"), Type: dns.TypeA, Rdata: [][]byte{{192, 0, 2, 1}}}
		for range e.found {
			if !yield(r, nil) {
				return
			}
		}
		if e.err != nil {
			yield(nil, e.err)
			return
		}
		<-ctx.Done()
		yield(nil, ctx.Err())
	}
}

func (e endless) Coverage() (store.Coverage, error) { return store.Coverage{}, e.err }

// TestTrouble: a search that does not end, or fails, is answered with what it
// found; if that is nothing, not as if there were nothing.
func TestTrouble(t *testing.T) {
	broken := errors.New("disk on fire")
	damaged := errors.Join(store.ErrIncomplete, broken)
	tests := []struct {
		src   store.Source
		name  string
		qtype uint16
		rcode int
		rrs   int
		text  string
	}{
		{endless{found: 3}, "www.example.com", dns.TypeTXT, dns.RcodeSuccess, 3, "incomplete: the search was stopped after 4s"},
		{endless{found: 3}, "www.example.com._summary", dns.TypeTXT, dns.RcodeSuccess, 1, "stopped after 4s"},
		{endless{found: 3}, "www.example.com", dns.TypeA, dns.RcodeSuccess, 1, "stopped after 4s"},
		{endless{}, "www.example.com", dns.TypeTXT, dns.RcodeServerFailure, 0, "stopped after 4s"},
		{endless{}, "www.example.com", dns.TypeA, dns.RcodeServerFailure, 0, "stopped after 4s"},
		{endless{found: 1, err: damaged}, "www.example.com", dns.TypeTXT, dns.RcodeSuccess, 1, "incomplete answer; disk on fire"},
		{endless{err: damaged}, "www.example.com", dns.TypeTXT, dns.RcodeServerFailure, 0, "disk on fire"},
		{endless{found: 1, err: broken}, "www.example.com", dns.TypeTXT, dns.RcodeServerFailure, 0, "disk on fire"},
		{endless{err: broken}, "_status", dns.TypeTXT, dns.RcodeServerFailure, 0, "disk on fire"},
		{nil, "www.example.com", dns.TypeTXT, dns.RcodeServerFailure, 0, "not open"},
	}
	for _, c := range tests {
		synctest.Test(t, func(t *testing.T) {
			h := &Handler{
				zones: []string{defaultZone}, allow: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")},
				timeout: defaultTimeout, source: func() store.Source { return c.src },
			}
			if h.Ready() != (c.src != nil) {
				t.Errorf("ready: %v with source %v", h.Ready(), c.src)
			}
			w := dnstest.NewRecorder(&test.ResponseWriter{})
			m := new(dns.Msg).SetQuestion(c.name+"._pdns.local.", c.qtype).SetEdns0(1232, false)
			if rcode, _ := h.ServeDNS(t.Context(), w, m); rcode != dns.RcodeSuccess {
				t.Errorf("%s: server told %d: it would answer again", c.name, rcode)
			}
			var text string
			for _, o := range w.Msg.IsEdns0().Option {
				text += o.(*dns.EDNS0_EDE).ExtraText
			}
			if w.Msg.Rcode != c.rcode || len(w.Msg.Answer) != c.rrs || !strings.Contains(text, c.text) {
				t.Errorf("%s: got %v, want %d records and %q", c.name, w.Msg, c.rrs, c.text)
			}
		})
	}
}

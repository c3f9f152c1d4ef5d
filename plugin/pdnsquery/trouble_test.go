package pdnsquery

import (
	"context"
	"errors"
	"iter"
	"net"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/coredns/caddy"
	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/plugin/pkg/dnstest"
	"github.com/coredns/coredns/plugin/test"
	"github.com/coredns/coredns/plugin/transfer"
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

// handler answers the client of test.ResponseWriter from a source.
func handler(src store.Source) *Handler {
	h := newHandler([]string{defaultZone})
	h.allow = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	h.source = func() store.Source { return src }
	return h
}

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
			h := handler(c.src)
			if h.Ready() != (c.src != nil) {
				t.Errorf("ready: %v with source %v", h.Ready(), c.src)
			}
			w := dnstest.NewRecorder(&test.ResponseWriter{})
			m := new(dns.Msg).SetQuestion(c.name+"._pdns.local.", c.qtype).SetEdns0(1232, false)
			if rcode, _ := h.ServeDNS(t.Context(), w, m); rcode != dns.RcodeSuccess {
				t.Errorf("%s: server told %d: it would answer again", c.name, rcode)
			}
			text := extended(w.Msg)
			if w.Msg.Rcode != c.rcode || len(w.Msg.Answer) != c.rrs || !strings.Contains(text, c.text) {
				t.Errorf("%s: got %v, want %d records and %q", c.name, w.Msg, c.rrs, c.text)
			}
		})
	}
}

// forever is a source whose searches find RRsets without end.
type forever struct {
	store.Source
	ended chan struct{}
}

func (f forever) Find(ctx context.Context, _ store.Query) iter.Seq2[*rrset.RRset, error] {
	return func(yield func(*rrset.RRset, error) bool) {
		defer close(f.ended)
		r := &rrset.RRset{Owner: rrset.MustName("www.example.com"), Type: dns.TypeA, Rdata: [][]byte{{192, 0, 2, 1}}}
		for ctx.Err() == nil {
			if !yield(r, nil) {
				return
			}
		}
		yield(nil, ctx.Err())
	}
}

// leaving is the writer of a client that goes after some messages.
type leaving struct {
	test.ResponseWriter
	messages int
	closed   bool
}

func (l *leaving) WriteMsg(*dns.Msg) error {
	if l.messages--; l.messages < 0 {
		return net.ErrClosed
	}
	return nil
}

func (l *leaving) Close() error {
	l.closed = true
	return nil
}

// transferring is a handler with a transfer plugin that gives to everybody.
func transferring(t *testing.T, src store.Source) *Handler {
	t.Helper()
	c := caddy.NewTestController("dns", "transfer _pdns.local {\n to *\n}")
	setup, err := caddy.DirectiveAction("dns", "transfer")
	if err != nil {
		t.Fatal(err)
	}
	if err := setup(c); err != nil {
		t.Fatal(err)
	}
	h := handler(src)
	h.transfer = dnsserver.GetConfig(c).Plugin[0](nil).(*transfer.Transfer)
	return h
}

// TestTransferAbandoned: the search ends when the client has gone.
func TestTransferAbandoned(t *testing.T) {
	src := forever{ended: make(chan struct{})}
	w := &leaving{ResponseWriter: test.ResponseWriter{TCP: true}, messages: 3}
	rcode, err := transferring(t, src).ServeDNS(t.Context(), w, new(dns.Msg).SetAxfr("*.example.com._pdns.local."))
	if rcode != dns.RcodeSuccess || err != nil || !w.closed {
		t.Errorf("got %d, %v, connection closed %v", rcode, err, w.closed)
	}
	<-src.ended
}

// TestTransferIncomplete: what a damaged run holds is missing, and a note says so
// in the form of the rest.
func TestTransferIncomplete(t *testing.T) {
	src := endless{found: 1, err: errors.Join(store.ErrIncomplete, errors.New("disk on fire"))}
	for name, want := range map[string]string{
		"www.example.com":       `; store: incomplete answer; disk on fire`,
		"www.example.com._json": `{"note":"store: incomplete answer; disk on fire"}`,
	} {
		w := dnstest.NewRecorder(&test.ResponseWriter{TCP: true})
		rcode, err := transferring(t, src).ServeDNS(t.Context(), w, new(dns.Msg).SetAxfr(name+"._pdns.local."))
		if rcode != dns.RcodeSuccess || err != nil || w.Msg == nil || len(w.Msg.Answer) != 4 {
			t.Fatalf("%s: got %d, %v: %v", name, rcode, err, w.Msg)
		}
		if got := w.Msg.Answer[2].(*dns.TXT).Txt[0]; got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}

// alias is a source whose names are aliases of what no store would take in.
type alias struct {
	store.Source
	target []byte
}

func (a alias) Find(context.Context, store.Query) iter.Seq2[*rrset.RRset, error] {
	return func(yield func(*rrset.RRset, error) bool) {
		yield(&rrset.RRset{Owner: rrset.MustName("www.example.com"), Type: dns.TypeCNAME, Rdata: [][]byte{a.target}}, nil)
	}
}

// A file may say anything of an alias.
func TestForgedAlias(t *testing.T) {
	for _, target := range []string{"", "\x09short\x00", "\x03www", "\x03www\x00more"} {
		if m := reply(t, handler(alias{target: []byte(target)}), "www.example.com", dns.TypeA); len(m.Answer) > 0 || extended(m) == "" {
			t.Errorf("%q: %v", target, m)
		}
	}
}

package pdnsquery_test

import (
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coredns/caddy"
	"github.com/coredns/coredns/core/dnsserver"
	clog "github.com/coredns/coredns/plugin/pkg/log"
	"github.com/miekg/dns"

	_ "github.com/coredns/coredns/plugin/bind"
	_ "github.com/coredns/coredns/plugin/cache"
	_ "github.com/coredns/coredns/plugin/errors"
	_ "github.com/coredns/coredns/plugin/forward"
	_ "github.com/coredns/coredns/plugin/ready"
	_ "github.com/coredns/coredns/plugin/root"
	_ "github.com/coredns/coredns/plugin/template"
	_ "github.com/coredns/coredns/plugin/transfer"
	_ "github.com/coredns/coredns/plugin/tsig"

	_ "example.org/pdns/plugin/pdnscollect"
	_ "example.org/pdns/plugin/pdnsquery"
	"example.org/pdns/plugin/pkg/clock"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

var now = time.Date(2019, 9, 1, 12, 0, 0, 0, time.UTC)

func TestMain(m *testing.M) {
	caddy.Quiet, dnsserver.Quiet = true, true
	log.SetOutput(io.Discard)
	clog.Discard()
	clock.Set(func() time.Time { return now })
	for _, d := range [][2]string{{"pdnsquery", "template"}, {"pdnscollect", "forward"}} {
		at := slices.Index(dnsserver.Directives, d[1])
		dnsserver.Directives = slices.Insert(dnsserver.Directives, at, d[0])
	}
	if err := dnsserver.Register(); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// A server is CoreDNS in this process.
type server struct {
	t        *testing.T
	udp, tcp string
	edns     bool
}

// start starts CoreDNS; the Corefile's servers must share one port, 0.
func start(t *testing.T, corefile string) *server {
	t.Helper()
	i, err := caddy.Start(caddy.CaddyfileInput{Contents: []byte(corefile), Filepath: "Corefile", ServerTypeName: "dns"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		i.ShutdownCallbacks()
		if err := i.Stop(); err != nil {
			t.Error(err)
		}
	})
	s := i.Servers()[0]
	port := func(addr string) string { return "127.0.0.1" + addr[strings.LastIndexByte(addr, ':'):] }
	return &server{t: t, udp: port(s.LocalAddr().String()), tcp: port(s.Addr().String()), edns: true}
}

// ask asks over "udp" or "tcp" and returns whatever the answer is.
func (s *server) ask(network, name string, qtype uint16) *dns.Msg {
	s.t.Helper()
	m := new(dns.Msg).SetQuestion(dns.Fqdn(name), qtype)
	if s.edns {
		m.SetEdns0(1232, false)
	}
	addr := map[string]string{"udp": s.udp, "tcp": s.tcp}[network]
	c := &dns.Client{Net: network, Timeout: 10 * time.Second, UDPSize: 1232}
	r, _, err := c.Exchange(m, addr)
	if err != nil {
		s.t.Fatalf("%s %s: %v", name, dns.TypeToString[qtype], err)
	}
	return r
}

// asked asks for TXT and shows the answer: the rcode, unless it is NOERROR with
// records, extended errors, and a line a TXT.
func (s *server) asked(name string) string {
	s.t.Helper()
	return show(s.ask("tcp", name+"._pdns.local", dns.TypeTXT))
}

func show(r *dns.Msg) string {
	var lines []string
	switch {
	case r.Rcode != dns.RcodeSuccess:
		lines = append(lines, dns.RcodeToString[r.Rcode])
	case len(r.Answer) == 0:
		lines = append(lines, "NODATA")
	}
	for _, e := range extended(r) {
		lines = append(lines, fmt.Sprintf("EDE %d: %s", e.InfoCode, e.ExtraText))
	}
	for _, rr := range r.Answer {
		lines = append(lines, shortRR(rr))
	}
	return strings.Join(lines, "\n")
}

func shortRR(rr dns.RR) string {
	if txt, ok := rr.(*dns.TXT); ok {
		return plain(strings.Join(txt.Txt, " | "))
	}
	h := rr.Header()
	return h.Name + " " + dns.TypeToString[h.Rrtype] + " " + strings.TrimPrefix(rr.String(), h.String())
}

// plain undoes the escapes of a received string.
func plain(s string) string { return strings.NewReplacer(`\\`, `\`, `\"`, `"`).Replace(s) }

func extended(r *dns.Msg) (es []*dns.EDNS0_EDE) {
	if opt := r.IsEdns0(); opt != nil {
		for _, o := range opt.Option {
			if e, ok := o.(*dns.EDNS0_EDE); ok {
				es = append(es, e)
			}
		}
	}
	return es
}

// history writes RRsets into a new store and returns its directory.
func history(t *testing.T, rrsets ...*rrset.RRset) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "store")
	s, err := store.Open(dir, store.Options{Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rrsets {
		if err := s.AddWait(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

// seen is an RRset that was seen from a day to a day of August 2019, at noon,
// once a day: "www.example.com A 1-9 192.0.2.1, 192.0.2.2".
func seen(text string) *rrset.RRset {
	f := strings.SplitN(text, " ", 4)
	var first, last int
	if _, err := fmt.Sscanf(f[2], "%d-%d", &first, &last); err != nil {
		panic(err)
	}
	rtype, err := rrset.ParseType(f[1])
	if err != nil {
		panic(err)
	}
	r := &rrset.RRset{Owner: rrset.MustName(f[0]), Type: rtype}
	for _, rd := range strings.Split(strings.Join(f[3:], ""), ", ") {
		wire, err := rrset.ParseRdata(rtype, rd)
		if err != nil {
			panic(err)
		}
		r.Rdata = append(r.Rdata, wire)
	}
	r.Rdata = rrset.SortRdata(r.Rdata)
	r.First, r.Last, r.Count = noon(first), noon(last), uint64(last-first+1)
	return r
}

func noon(day int) int64 { return time.Date(2019, 8, day, 12, 0, 0, 0, time.UTC).Unix() }

// world is a history with a bit of everything.
func world(t *testing.T) string { return history(t, worldRRsets()...) }

func worldRRsets() []*rrset.RRset {
	return []*rrset.RRset{
		seen("www.example.com A 1-9 192.0.2.1, 192.0.2.2"),
		seen("www.example.com A 10-20 198.51.100.7"),
		seen("www.example.com A 12-15 203.0.113.9"),
		seen("www.example.com AAAA 3-4 2001:db8::1"),
		seen("example.com NS 1-20 ns1.example.net., ns2.example.net."),
		seen("example.com MX 1-20 10 mail.example.com."),
		seen("example.com TXT 5-5 \"v=spf1 -all\""),
		seen("mail.example.com A 1-20 192.0.2.25"),
		seen("alias.example.com CNAME 2-8 www.example.com."),
		seen("alias.example.com A 9-12 192.0.2.77"),
		seen("gone.example.com A 1-5 192.0.2.5"),
		seen("gone.example.com NXDOMAIN 7-20"),
		seen("empty.example.com NODATA 1-2 AAAA"),
		seen("lost.example.com CNAME 1-2 nowhere.example.net."),
		seen("loop.example.com CNAME 1-2 loop.example.com."),
		seen("odd.example.com CNAME 1-2 a._tcp."),
		seen("www.example.org A 1-2 192.0.2.3"),
		seen(". NS 1-20 a.root.example."),
	}
}

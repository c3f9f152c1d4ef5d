package main

import (
	"io"
	"log"
	"net"
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
)

func TestMain(m *testing.M) {
	caddy.Quiet, dnsserver.Quiet = true, true
	log.SetOutput(io.Discard)
	clog.Discard()
	if err := configure(); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// TestPlugins: what a resolver and its operator use is built in.
func TestPlugins(t *testing.T) {
	for _, name := range strings.Fields(`
		root reload bind debug ready health pprof prometheus errors log acl cache header tsig tls transfer template hosts file
		secondary forward view metadata local loop whoami dnstap minimal any chaos cancel rewrite timeouts multisocket bufsize
		https https3 quic nsid loadbalance dns64 sign dnssec auto pdnscollect pdnsquery`) {
		if _, err := caddy.DirectiveAction("dns", name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if !slices.Contains(dnsserver.Directives, name) {
			t.Errorf("%s is no directive", name)
		}
	}
	if !strings.Contains(caddy.AppVersion, "passive DNS") {
		t.Errorf("the version is %q", caddy.AppVersion)
	}
}

// TestOrder: where a directive stands decides what its plugin sees.
func TestOrder(t *testing.T) {
	at := func(name string) int { return slices.Index(dnsserver.Directives, name) }
	if at("pdnscollect") != at("forward")-1 {
		t.Error("pdnscollect does not stand right above forward")
	}
	if at("pdnscollect") < at("cache") {
		t.Error("pdnscollect stands above cache")
	}
	for _, above := range []string{"errors", "log", "tsig", "rewrite", "acl", "cache", "header", "minimal"} {
		if at(above) > at("pdnsquery") {
			t.Errorf("%s stands below pdnsquery", above)
		}
	}
	for _, below := range []string{"template", "transfer", "hosts", "kubernetes", "file", "auto", "secondary", "etcd", "pdnscollect", "forward", "whoami"} {
		if at(below) < at("pdnsquery") {
			t.Errorf("%s stands above pdnsquery", below)
		}
	}
	if _, err := insertOurs([]string{"cache", "forward"}); err == nil {
		t.Error("directives without a place for ours: want an error")
	}
}

// TestCorefileExample: it starts as it is, but for its ports and its store's
// place, resolves its demonstration zone and remembers.
func TestCorefileExample(t *testing.T) {
	text, err := os.ReadFile("../../Corefile.example")
	if err != nil {
		t.Fatal(err)
	}
	main, demo := freePort(t), freePort(t)
	corefile := strings.NewReplacer("1053", main, "1054", demo, ":8053", ":0", ":8080", ":0", ":8181", ":0", ":9153", ":0",
		" pdns-data", " "+filepath.Join(t.TempDir(), "pdns-data"), "/etc/resolv.conf", "192.0.2.53").Replace(string(text))
	i, err := caddy.Start(caddy.CaddyfileInput{Contents: []byte(corefile), Filepath: "Corefile.example", ServerTypeName: "dns"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		i.ShutdownCallbacks()
		if err := i.Stop(); err != nil {
			t.Error(err)
		}
	})
	for _, test := range []struct {
		name  string
		qtype uint16
		want  string
	}{
		{"www.demo.example.", dns.TypeA, "192.0.2.10 192.0.2.11"},
		{"www.demo.example.", dns.TypeAAAA, "2001:db8::10"},
		{"shop.demo.example.", dns.TypeA, "www.demo.example. 192.0.2.10 192.0.2.11"},
		{"demo.example.", dns.TypeMX, "10 mail.demo.example."},
		{"demo.example.", dns.TypeNS, "ns1.demo.example. ns2.demo.example."},
		{"demo.example.", dns.TypeHTTPS, `1 www.demo.example. alpn="h2,h3" ipv4hint="192.0.2.10,192.0.2.11"`},
		{"nobody.demo.example.", dns.TypeA, ""},
		{"www.demo.example._pdns.local.", dns.TypeA, "192.0.2.10 192.0.2.11"},
		{"www.demo.example._pdns.local.", dns.TypeAAAA, "2001:db8::10"},
		{"demo.example._pdns.local.", dns.TypeMX, "10 mail.demo.example."},
		{"shop.demo.example._pdns.local.", dns.TypeCNAME, "www.demo.example._pdns.local."},
	} {
		if got := ask(t, "127.0.0.1:"+main, test.name, test.qtype); got != test.want {
			t.Errorf("%s %s: got %q, want %q", test.name, dns.TypeToString[test.qtype], got, test.want)
		}
	}
	if got := ask(t, "127.0.0.1:"+main, "nobody.demo.example._nxdomain._pdns.local.", dns.TypeTXT); !strings.Contains(got, "NXDOMAIN 20") {
		t.Errorf("a name that was seen not to exist: got %q", got)
	}
}

// freePort is a port that is free for UDP and TCP on loopback.
func freePort(t *testing.T) string {
	t.Helper()
	for range 20 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		u, err := net.ListenPacket("udp", l.Addr().String())
		if err != nil {
			continue
		}
		defer u.Close()
		_, port, _ := net.SplitHostPort(l.Addr().String())
		return port
	}
	t.Fatal("no port is free")
	return ""
}

// ask returns the rdata of an answer, sorted but for the aliases, which come first.
func ask(t *testing.T, addr, name string, qtype uint16) string {
	t.Helper()
	m := new(dns.Msg).SetQuestion(name, qtype).SetEdns0(1232, false)
	r, _, err := (&dns.Client{Timeout: 10 * time.Second}).Exchange(m, addr)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	var aliases, others []string
	for _, rr := range r.Answer {
		rdata := strings.TrimPrefix(rr.String(), rr.Header().String())
		if rr.Header().Rrtype == dns.TypeCNAME {
			aliases = append(aliases, rdata)
		} else {
			others = append(others, rdata)
		}
	}
	slices.Sort(others)
	return strings.Join(append(aliases, others...), " ")
}

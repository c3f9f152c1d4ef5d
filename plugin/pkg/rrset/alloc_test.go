package rrset_test

import (
	"testing"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/rrset"
)

// usual are records of the types that resolvers see most.
var usual = []string{
	`www.example. A 192.0.2.1`,
	`www.example. AAAA 2001:db8::1`,
	`example. NS Ns1.Example.`,
	`w\.w\032w.example. CNAME a\.b\255c.Example.`,
	`1.2.0.192.in-addr.arpa. PTR host.example.`,
	`old.example. DNAME new.example.`,
	`example. MX 10 mail.example.`,
	`example. SOA ns.example. dns\.admin.example. 1 2 3 4 5`,
	`_sip._udp.example. SRV 1 2 5060 sip.example.`,
	`a\.b.example. TXT "v=spf1 \"\\\009 -all" "" "second"`,
	`a\.b.example. CAA 128 issue "ca.example; a=\"b\""`,
	`example. HTTPS 1 . mandatory=alpn alpn=h2,h3 no-default-alpn port=443 ipv4hint=192.0.2.1,192.0.2.2 ech=AAAA ipv6hint=2001:db8::1`,
	`_dns.example. SVCB 1 dot.example. alpn=h2 dohpath=/q{?dns} key65333=abc`,
	`example. HTTPS 0 cdn.example.`,
}

func parseRR(t testing.TB, s string) dns.RR {
	t.Helper()
	rr, err := dns.NewRR(s)
	if err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	return rr
}

// offWire is the record as it comes out of a message.
func offWire(t testing.TB, rr dns.RR) dns.RR {
	t.Helper()
	buf := make([]byte, 1024)
	end, err := dns.PackRR(rr, buf, 0, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	out, _, err := dns.UnpackRR(buf[:end], 0)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestAppendRdataAllocatesNothing(t *testing.T) {
	room := make([]byte, 0, 1024)
	for _, s := range usual {
		rr := offWire(t, parseRR(t, s))
		if n := testing.AllocsPerRun(100, func() {
			if _, err := rrset.AppendRdata(room, rr); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations", s, n)
		}
	}
}

func TestNamesAllocateNothing(t *testing.T) {
	room := make([]byte, 0, 1024)
	name := rrset.MustName(`a\.b.www.example.com`)
	reversed := rrset.AppendReversed(nil, name)
	zone := rrset.MustName("example.com")
	for what, f := range map[string]func(){
		"AppendName":       func() { rrset.AppendName(room, `a\.b.WWW.example.com`) },
		"AppendReversed":   func() { rrset.AppendReversed(room, name) },
		"AppendUnreversed": func() { rrset.AppendUnreversed(room, reversed) },
		"CheckName":        func() { rrset.CheckName(name) },
		"Encloses":         func() { rrset.Encloses(zone, name) },
	} {
		if n := testing.AllocsPerRun(100, f); n != 0 {
			t.Errorf("%s: %v allocations", what, n)
		}
	}
}

func TestSortRdataAllocatesNothing(t *testing.T) {
	set := [][]byte{{3}, {1}, {2}, {1}}
	if n := testing.AllocsPerRun(100, func() { rrset.SortRdata(set) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

package observation_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/observation"
	"example.org/pdns/plugin/pkg/rrset"
)

// hostile are messages of up to 64 KiB that make as much work as they can.
func hostile(t testing.TB) map[string]observation.Message {
	t.Helper()
	deep := strings.Repeat("a.", 104) + "example."
	ancestors := make([]string, 0, 104)
	for i := range 104 {
		ancestors = append(ancestors, deep[2*i:])
	}
	under := func(n int) string { return fmt.Sprintf("x%04d.", n) + deep }
	header := func(name string, rrtype uint16) dns.RR_Header {
		return dns.RR_Header{Name: name, Rrtype: rrtype, Class: dns.ClassINET}
	}
	message := func(answer, authority []dns.RR) *dns.Msg {
		m := new(dns.Msg).SetQuestion(under(0), dns.TypeA)
		m.Response, m.Authoritative, m.Compress = true, true, true
		m.Answer, m.Ns = answer, authority
		return offWire(t, m)
	}
	var chain, servers, nsec, referrals, sigs, kinds []dns.RR
	for i := range 31 {
		chain = append(chain, &dns.CNAME{Hdr: header(under(i), dns.TypeCNAME), Target: under(i + 1)})
	}
	for i := range 2500 {
		servers = append(servers, &dns.NS{Hdr: header(under(1000+i), dns.TypeNS), Ns: "."})
		nsec = append(nsec, &dns.NSEC{Hdr: header(under(1000+i), dns.TypeNSEC), NextDomain: ".", TypeBitMap: []uint16{1}})
		referrals = append(referrals, &dns.NS{Hdr: header(ancestors[i%len(ancestors)], dns.TypeNS), Ns: under(i % 31)})
	}
	for i := range 1500 {
		covered := []uint16{dns.TypeNSEC, dns.TypeNS}[i%2]
		sigs = append(sigs, &dns.RRSIG{Hdr: header(deep, dns.TypeRRSIG), TypeCovered: covered, SignerName: ".", KeyTag: uint16(i)})
		kinds = append(kinds, &dns.RFC3597{Hdr: header(under(0), uint16(20000+i)), Rdata: "00"})
	}
	soa := &dns.SOA{Hdr: header("example.", dns.TypeSOA), Ns: ".", Mbox: "."}
	any := message(kinds, []dns.RR{soa})
	any.Question[0].Qtype = dns.TypeANY
	zone := rrset.MustName("example")
	messages := map[string]observation.Message{
		"servers":            {Response: message(chain, servers)},
		"servers in a zone":  {Response: message(chain, servers), Zone: zone},
		"nsec":               {Response: message(chain, append([]dns.RR{soa}, nsec...)), Zone: zone},
		"referrals":          {Response: message(chain, referrals)},
		"grouped referrals":  {Response: message(chain, grouped(referrals))},
		"signatures":         {Response: message(chain, append([]dns.RR{soa}, sigs...))},
		"owners":             {Response: message(servers, nil)},
		"types of one owner": {Response: any},
	}
	for name, m := range messages {
		m.Time = when
		messages[name] = m
	}
	return messages
}

// grouped puts the records of one owner together.
func grouped(rrs []dns.RR) []dns.RR {
	var names []string
	by := make(map[string][]dns.RR)
	for _, rr := range rrs {
		name := rr.Header().Name
		if by[name] == nil {
			names = append(names, name)
		}
		by[name] = append(by[name], rr)
	}
	rrs = nil
	for _, name := range names {
		rrs = append(rrs, by[name]...)
	}
	return rrs
}

// TestHostile: what such a message makes a collector look at is bounded.
func TestHostile(t *testing.T) {
	for name, m := range hostile(t) {
		n := watch(t, observation.New(observation.Options{DNSSEC: true}), m)
		if n.drops[observation.TooMany] == 0 || len(n.seen) > 64+32 {
			t.Errorf("%s: observed %d, dropped %v", name, len(n.seen), n.drops)
		}
	}
}

func BenchmarkHostile(b *testing.B) {
	for name, m := range hostile(b) {
		b.Run(name, func(b *testing.B) {
			o, c := observation.New(observation.Options{DNSSEC: true}), new(counter)
			for form, m := range map[string]observation.Message{"unpacked": m, "wire": onWire(b, m)} {
				b.Run(form, func(b *testing.B) {
					for b.Loop() {
						o.Observe(m, c)
					}
				})
			}
		})
	}
}

// TestHostileHIP: octets that are pointers to a long name must not become as many
// names.
func TestHostileHIP(t *testing.T) {
	name := strings.Repeat(strings.Repeat("a", 62)+".", 4)
	wire, err := new(dns.Msg).SetQuestion(name, dns.TypeHIP).Pack()
	if err != nil {
		t.Fatal(err)
	}
	rdata := append([]byte{0, 1, 0, 0}, bytes.Repeat([]byte{0xc0, 12}, 30_000)...)
	wire[2], wire[7] = 0x84, 1 // a response with one answer
	wire = append(wire, 0xc0, 12, 0, byte(dns.TypeHIP), 0, 1, 0, 0, 0, 9, byte(len(rdata)>>8), byte(len(rdata)))
	wire = append(wire, rdata...)
	u := new(dns.Msg)
	if err := u.Unpack(wire); err != nil {
		t.Fatal(err)
	}
	o := observation.New(observation.Options{})
	for form, m := range map[string]observation.Message{"unpacked": {Response: u, Time: when}, "wire": {Wire: wire, Time: when}} {
		n := &notebook{t: t}
		if allocs := testing.AllocsPerRun(2, func() { o.Observe(m, n) }); allocs > 200 { // a name each were 30,000
			t.Errorf("%s: %v allocations", form, allocs)
		}
		if n.drops[observation.MalformedRdata] == 0 || len(n.seen) > 0 {
			t.Errorf("%s: %s", form, n)
		}
	}
}

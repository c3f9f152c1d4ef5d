package observation_test

import (
	"encoding/binary"
	"slices"
	"testing"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/observation"
)

// FuzzWire observes any octets as a message on the wire, with the library as the
// oracle: what it unpacks must be observed the same. It refuses a message for one
// record that is wrong, of which we leave out that record; and it reads a message
// that ends early as far as it goes, which we refuse.
func FuzzWire(f *testing.F) {
	for name, text := range usual {
		wire, err := parseMessage(f, text).Pack()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(wire, []string{"", "com", ".", "example.com"}[len(name)%4])
	}
	for _, rr := range []string{
		"example.com. 1 SRV 1 2 3 a.example.com.", `example.com. 1 NAPTR 1 2 "u" "sip" "!^.*$!x!" .`, `example.com. 1 CAA 0 issue "ca.test"`,
		"example.com. 1 DNAME example.net.", "example.com. 1 NSEC b.example.com. A NS", "example.com. 1 DS 1 13 2 00ff",
		"example.com. 1 RRSIG A 13 2 300 20300101000000 20200101000000 1 example.com. AAAA", `example.com. 1 HINFO "RFC8482" ""`,
		"example.com. 1 SVCB 1 a.test. mandatory=alpn alpn=h2 ipv6hint=2001:db8::1 key65000=x", "example.com. 1 TYPE65000 \\# 2 abcd",
		"example.com. 1 HIP 2 200100107B1A74DF365639CC39F1D578 AwEAAbdxyhNuSutc a.example.com. b.example.",
		"example.com. 1 TLSA 3 1 1 00ff", "example.com. 1 LOC 52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m",
	} {
		wire, err := parseMessage(f, "qr\n? www.example.com. ANY\n"+rr+"\nwww."+rr).Pack()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(wire, "com")
	}
	f.Add([]byte("\x00\x00\x84\x00\x00\x01\x00\x01\x00\x00\x00\x00\xc0\x0c\x00\x01\x00\x01\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x00\x00\x04abcd"), "")
	options := observation.Options{DNSSEC: true}
	o := observation.New(options)
	f.Fuzz(func(t *testing.T, wire []byte, zone string) {
		m := observation.Message{Wire: wire, Time: when, Zone: zoneOf(zone)}
		got := &notebook{t: t}
		o.Observe(m, got)
		if clean, err := observation.Sanitize(slices.Clone(wire)); err == nil {
			checkClean(t, o, clean)
		}
		u := new(dns.Msg)
		if u.Unpack(wire) != nil || !whole(u, wire) {
			return
		}
		m.Response, m.Wire = u, nil
		want := &notebook{t: t}
		o.Observe(m, want)
		if got.String() != want.String() {
			t.Errorf("on the wire:\n%sunpacked:\n%s", got, want)
		}
	})
}

// whole reports whether a message that was unpacked holds as many records as its
// header says.
func whole(m *dns.Msg, wire []byte) bool {
	for i, n := range []int{len(m.Question), len(m.Answer), len(m.Ns), len(m.Extra)} {
		if n != int(binary.BigEndian.Uint16(wire[4+2*i:])) {
			return false
		}
	}
	return true
}

// checkClean checks that what was cleaned stays clean. (A message in which names
// point into what is cleaned may say something else afterwards.)
func checkClean(t *testing.T, o *observation.Observer, clean []byte) {
	t.Helper()
	n := &notebook{t: t}
	o.Observe(observation.Message{Wire: clean, Time: when}, n)
	again, err := observation.Sanitize(slices.Clone(clean))
	if err != nil {
		t.Errorf("cleaned twice: %v", err)
	}
	if string(again) != string(clean) {
		t.Errorf("cleaned %x, again %x", clean, again)
	}
	if binary.BigEndian.Uint16(clean) != 0 {
		t.Errorf("id of %x", clean)
	}
}

package observation_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/observation"
	"example.org/pdns/plugin/pkg/rrset"
)

// usual are messages as resolvers see them all day.
var usual = map[string]string{
	"address":  "qr ra\n? www.example.com. A\nwww.example.com. 300 A 192.0.2.1\nwww.example.com. 300 A 192.0.2.2",
	"chain":    "qr ra\n? www.example.com. AAAA\nwww.example.com. 300 CNAME a.cdn.test.\na.cdn.test. 60 AAAA 2001:db8::1",
	"nxdomain": "qr ra NXDOMAIN\n? no.example.com. A\nauthority\nexample.com. 300 SOA ns.example.com. dns\\.admin.example.com. 1 2 3 4 5",
	"nodata":   "qr ra\n? www.example.com. AAAA\nauthority\nexample.com. 300 SOA ns.example.com. root.example.com. 1 2 3 4 5",
	"https":    "qr ra\n? www.example.com. HTTPS\nwww.example.com. 300 HTTPS 1 . alpn=h2,h3 port=443 ipv4hint=192.0.2.1",
	"txt":      "qr ra\n? example.com. TXT\nexample.com. 300 TXT \"v=spf1 \\032\" \"-all\"",
	"mx":       "qr ra\n? example.com. MX\nexample.com. 300 MX 10 Mail.example.com.\nexample.com. 300 MX 5 mail2.example.com.",
	"referral": "qr\n? www.example.com. A\nauthority\nexample.com. 300 NS ns1.example.com.\nexample.com. 300 NS ns2.example.com.\nadditional\nns1.example.com. 300 A 192.0.2.53",
}

// A counter is a Sink that keeps nothing.
type counter struct{ seen, dropped int }

func (c *counter) Observe(*rrset.RRset)    { c.seen++ }
func (c *counter) Drop(observation.Reason) { c.dropped++ }

// TestLargeMessages bounds the work on what an attacker can put into one
// message: the test would not end if it grew with the square of the records.
func TestLargeMessages(t *testing.T) {
	var chain, set, owners, servers strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&chain, "\nl%d.example. 1 CNAME l%d.example.", i, i+1)
		fmt.Fprintf(&set, "\nwww.example. 1 A 192.0.%d.%d", 8-i/256, 255-i%256)
		fmt.Fprintf(&owners, "\nl%d.example. 1 A 192.0.2.1", i)
		fmt.Fprintf(&servers, "\nexample. 1 NS l%d.example.", i)
	}
	for _, tc := range []struct{ name, text, zone, want string }{
		{"chain", "qr\n? l0.example. A" + chain.String(), "", "32 and 1968"},
		{"chain", "qr\n? l0.example. A" + chain.String(), "example", "32 and 1968"},
		{"set", "qr\n? www.example. A" + set.String(), "", "1 and 0"},
		{"set", "qr\n? www.example. A" + set.String(), "example", "1 and 0"},
		{"owners", "qr\n? l7.example. A" + owners.String(), "", "1 and 1999"},
		{"owners", "qr\n? l7.example. A" + owners.String(), "example", "1 and 1999"},
		{"servers", "qr\n? l7.example. A\nauthority" + servers.String() + "\nadditional" + owners.String(), "", "1 and 2000"},
		{"servers", "qr\n? l7.example. A\nauthority" + servers.String() + "\nadditional" + owners.String(), ".", "33 and 1968"},
	} {
		t.Run(tc.name+" of "+tc.zone, func(t *testing.T) {
			c := new(counter)
			m := observation.Message{Response: parseMessage(t, tc.text), Time: when}
			if tc.zone != "" {
				m.Zone = rrset.MustName(tc.zone)
			}
			observation.New(observation.Options{}).Observe(m, c)
			onTheWire := new(counter)
			observation.New(observation.Options{}).Observe(onWire(t, m), onTheWire)
			if *onTheWire != *c {
				t.Errorf("%+v on the wire, %+v unpacked", *onTheWire, *c)
			}
			if got := fmt.Sprintf("%d and %d", c.seen, c.dropped); got != tc.want {
				t.Errorf("observed and dropped %s, want %s", got, tc.want)
			}
		})
	}
}

// TestOversized has names inside rdata that compression made small.
func TestOversized(t *testing.T) {
	m := new(dns.Msg)
	m.SetQuestion("example.", dns.TypeMX)
	m.Response, m.Compress = true, true
	long := strings.Repeat(strings.Repeat("a", 63)+".", 3) + "example."
	for i := range 400 {
		m.Answer = append(m.Answer, &dns.MX{
			Hdr: dns.RR_Header{Name: "example.", Rrtype: dns.TypeMX, Class: dns.ClassINET}, Preference: uint16(i), Mx: long})
	}
	n := watch(t, observation.New(observation.Options{}), observation.Message{Response: offWire(t, m), Time: when})
	if len(n.seen) != 0 || n.drops[observation.Oversized] != 1 {
		t.Errorf("observed %d, dropped %v", len(n.seen), n.drops)
	}
}

func TestObserveConcurrently(t *testing.T) {
	o := observation.New(observation.Options{})
	var wg sync.WaitGroup
	for name, text := range usual {
		m := observation.Message{Response: parseMessage(t, text), Time: when}
		want := observe(t, o, m)
		for range 2 {
			wg.Go(func() {
				for range 50 {
					if got := observe(t, o, m); got != want {
						t.Errorf("%s: %s, want %s", name, got, want)
					}
				}
			})
		}
	}
	wg.Wait()
}

func TestReasonNames(t *testing.T) {
	names := make(map[string]bool)
	for r := range observation.AllReasons() {
		if s := r.String(); s == "" || names[s] || strings.Trim(s, "abcdefghijklmnopqrstuvwxyz_") != "" {
			t.Errorf("reason %d is called %q", r, s)
		}
		names[r.String()] = true
	}
	if len(names) != observation.Reasons-1 {
		t.Errorf("%d reasons, want %d", len(names), observation.Reasons-1)
	}
}

func BenchmarkObserve(b *testing.B) {
	for name, text := range usual {
		b.Run(name, func(b *testing.B) {
			o, c := observation.New(observation.Options{}), new(counter)
			m := observation.Message{Response: parseMessage(b, text), Time: when}
			for form, m := range map[string]observation.Message{"unpacked": m, "wire": onWire(b, m)} {
				b.Run(form, func(b *testing.B) {
					b.ReportAllocs()
					for b.Loop() {
						o.Observe(m, c)
					}
				})
			}
		})
	}
}

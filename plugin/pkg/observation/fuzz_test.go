package observation_test

import (
	"testing"
	"time"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/observation"
	"example.org/pdns/plugin/pkg/rrset"
)

// FuzzObserve observes any octets that unpack as a message, with every option,
// with and without a known bailiwick.
func FuzzObserve(f *testing.F) {
	for _, text := range usual {
		wire, err := parseMessage(f, text).Pack()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(wire, "example.com")
		f.Add(wire, "")
	}
	everything := observation.New(observation.Options{DNSSEC: true, ECS: true})
	usually := observation.New(observation.Options{})
	f.Fuzz(func(t *testing.T, wire []byte, zone string) {
		m := observation.Message{Response: new(dns.Msg), Time: time.Unix(1564617600, 0)}
		if m.Response.Unpack(wire) != nil {
			return
		}
		m.Zone, _ = rrset.ParseName(zone)
		all, some := &notebook{t: t}, &notebook{t: t}
		everything.Observe(m, all)
		usually.Observe(m, some)
		if len(some.seen) > len(all.seen) {
			t.Errorf("%d observations, but %d with every option", len(some.seen), len(all.seen))
		}
		forwarder := len(m.Zone) == 1 && m.Response.RecursionAvailable
		for _, r := range all.seen {
			if m.Zone != nil && !forwarder && !rrset.Encloses(m.Zone, r.Owner) {
				t.Errorf("%s is outside of %s", rrset.NameString(r.Owner), zone)
			}
		}
		for _, r := range some.seen {
			if rrset.IsDNSSEC(r.Type) || rrset.IsMeta(r.Type) {
				t.Errorf("type %s", rrset.TypeString(r.Type))
			}
		}
	})
}

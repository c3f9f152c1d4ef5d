package observation_test

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/observation"
	"example.org/pdns/plugin/pkg/rrset"
)

// FuzzObserve observes any octets that unpack as a message, with every option and
// with none, and with and without a known bailiwick.
func FuzzObserve(f *testing.F) {
	for _, text := range usual {
		wire, err := parseMessage(f, text).Pack()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(wire, "example.com")
		f.Add(wire, ".")
	}
	everything := observation.New(observation.Options{DNSSEC: true, ECS: true})
	usually := observation.New(observation.Options{})
	f.Fuzz(func(t *testing.T, wire []byte, zone string) {
		m := observation.Message{Response: new(dns.Msg), Time: time.Unix(1564617600, 0)}
		if m.Response.Unpack(wire) != nil {
			return
		}
		for _, m.Zone = range [][]byte{nil, zoneOf(zone)} {
			all, some := &notebook{t: t}, &notebook{t: t}
			everything.Observe(m, all)
			usually.Observe(m, some)
			if len(some.seen) > len(all.seen) {
				t.Errorf("%d observations, but %d with every option", len(some.seen), len(all.seen))
			}
			for _, r := range all.seen {
				checkObserved(t, &m, r)
			}
			for _, r := range some.seen {
				if rrset.IsDNSSEC(r.Type) {
					t.Errorf("type %s", rrset.TypeString(r.Type))
				}
			}
		}
	})
}

// zoneOf is the zone of that name, or nil.
func zoneOf(name string) []byte {
	zone, err := rrset.ParseName(name)
	if err != nil {
		return nil
	}
	return zone
}

// checkObserved checks what must hold of an observation of m.
func checkObserved(t *testing.T, m *observation.Message, r *rrset.RRset) {
	t.Helper()
	forwarder := len(m.Zone) == 1 && m.Response.RecursionAvailable
	switch known := m.Zone != nil && !forwarder; {
	case known != (r.Marks&rrset.BailiwickKnown != 0):
		t.Errorf("marks %b with zone %x", r.Marks, m.Zone)
	case known && !rrset.Encloses(m.Zone, r.Owner):
		t.Errorf("%s is outside of %s", rrset.NameString(r.Owner), rrset.NameString(m.Zone))
	case rrset.IsMeta(r.Type):
		t.Errorf("type %s", rrset.TypeString(r.Type))
	case !known && !rrset.IsNegative(r.Type) && !within(m.Response.Answer, r) && !within(m.Response.Ns, r):
		t.Errorf("%s %s stands neither in answer nor in authority", rrset.NameString(r.Owner), rrset.TypeString(r.Type))
	}
}

// within reports whether a section holds records of the owner and type of r.
func within(section []dns.RR, r *rrset.RRset) bool {
	return slices.ContainsFunc(section, func(rr dns.RR) bool {
		owner, err := rrset.ParseName(rr.Header().Name)
		return err == nil && rr.Header().Rrtype == r.Type && bytes.Equal(owner, r.Owner)
	})
}

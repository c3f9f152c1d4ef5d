package observation_test

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/observation"
	"example.org/pdns/plugin/pkg/rrset"
)

// TestClientLeavesNoTrace varies everything of a response that depends on the
// client that asked; what is observed must not vary with it.
func TestClientLeavesNoTrace(t *testing.T) {
	o := observation.New(observation.Options{ECS: true})
	rng := rand.New(rand.NewPCG(1, 2))
	var want []*rrset.RRset
	for i := range 200 {
		n := watch(t, o, observation.Message{Response: clientResponse(rng), Time: when.Add(time.Duration(rng.Int64N(1e9)))})
		if i == 0 {
			want = n.seen
		}
		if len(want) == 0 || !reflect.DeepEqual(n.seen, want) {
			t.Fatalf("observed %v, before %v", n.seen, want)
		}
	}
}

// clientResponse answers one question as some client would be answered.
func clientResponse(rng *rand.Rand) *dns.Msg {
	m := new(dns.Msg)
	m.SetQuestion(mixCase(rng, "www.example.com."), dns.TypeA)
	m.Id = uint16(rng.Uint32())
	m.Response = true
	m.RecursionDesired, m.CheckingDisabled, m.AuthenticatedData = rng.IntN(2) == 0, rng.IntN(2) == 0, rng.IntN(2) == 0
	m.Answer = []dns.RR{&dns.A{
		Hdr: dns.RR_Header{Name: mixCase(rng, "www.example.com."), Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: 300},
		A:   []byte{192, 0, 2, 1},
	}}
	m.SetEdns0(uint16(512+rng.IntN(4096)), rng.IntN(2) == 0)
	opt := m.IsEdns0()
	client := []byte{10, byte(rng.Uint32()), byte(rng.Uint32()), byte(rng.Uint32())}
	opt.Option = append(opt.Option,
		&dns.EDNS0_SUBNET{Code: dns.EDNS0SUBNET, Family: 1, SourceNetmask: 24, SourceScope: 24, Address: client},
		&dns.EDNS0_COOKIE{Code: dns.EDNS0COOKIE, Cookie: "0123456789abcdef"},
		&dns.EDNS0_LOCAL{Code: dns.EDNS0LOCALSTART, Data: client})
	return m
}

func mixCase(rng *rand.Rand, name string) string {
	b := []byte(name)
	for i := range b {
		if rng.IntN(2) == 0 {
			b[i] = bytes.ToUpper(b[i : i+1])[0]
		}
	}
	return string(b)
}

// TestObservationHasNoPlaceForAClient fails when a field is added to what is
// kept: think about what it could hold first.
func TestObservationHasNoPlaceForAClient(t *testing.T) {
	want := map[string]bool{
		"Owner": true, "Type": true, "Bailiwick": true, "Rdata": true,
		"First": true, "Last": true, "Count": true, "TTLMin": true, "TTLMax": true, "Marks": true,
	}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[rrset.RRset]()) {
		if !f.Anonymous && !want[f.Name] {
			t.Errorf("RRset has a new field %s", f.Name)
		}
	}
}

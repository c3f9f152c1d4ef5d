package main

import (
	"bytes"
	"net/netip"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
	"example.org/pdns/test/bench/workload"
)

// kinds of look-ups, as rows name them.
var kinds = []string{"exact", "never", "suffix", "name", "address", "cidr"}

// subjects are what a store is asked for.
type subjects struct {
	byKind map[string][]store.Subject
	shared netip.Addr // the address that most of the chosen RRsets hold
}

// choose takes subjects from all of the observations alike, so many of each kind
// at most.
func choose(c workload.Config, size uint64, most int) subjects {
	s := subjects{byKind: map[string][]store.Subject{}}
	holders := map[netip.Addr]int{}
	g := workload.NewGenerator(c)
	step := max(1, size/uint64(4*most)) // not each RRset has a subject of each kind
	for i := range size {
		r := g.Next()
		if i%step != 0 || rrset.IsNegative(r.Type) {
			continue
		}
		s.take(r, most)
		if a, ok := addressOf(r); ok && a.Is4() {
			if holders[a]++; holders[a] > holders[s.shared] {
				s.shared = a
			}
		}
	}
	return s
}

// take takes what an RRset is a subject for.
func (s *subjects) take(r *rrset.RRset, most int) {
	add := func(kind string, subject store.Subject) {
		if len(s.byKind[kind]) < most {
			s.byKind[kind] = append(s.byKind[kind], subject)
		}
	}
	owner := bytes.Clone(r.Owner)
	add("exact", store.Owner(owner))
	if never, err := rrset.AppendName(nil, "never-seen."+rrset.NameString(owner)); err == nil {
		add("never", store.Owner(never))
	}
	if rrset.CountLabels(owner) > 2 {
		add("suffix", store.Below(rrset.Parent(owner)))
	}
	if a, ok := addressOf(r); ok {
		add("address", store.Address(a))
		if a.Is4() {
			add("cidr", store.Network(netip.PrefixFrom(a, 24).Masked()))
		}
	}
	if r.Type == dns.TypeNS || r.Type == dns.TypeCNAME || r.Type == dns.TypeMX {
		// The generator makes rdata that is well-formed.
		_ = rrset.RdataNames(r.Type, r.Rdata[0], func(name []byte) {
			if len(name) > 1 {
				add("name", store.Target(bytes.Clone(name)))
			}
		})
	}
}

// addressOf is the first address of an RRset that has some.
func addressOf(r *rrset.RRset) (netip.Addr, bool) {
	if r.Type != dns.TypeA && r.Type != dns.TypeAAAA {
		return netip.Addr{}, false
	}
	return netip.AddrFromSlice(r.Rdata[0])
}

package main

import (
	"cmp"
	"context"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"

	"github.com/miekg/dns"
	"golang.org/x/net/publicsuffix"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// subjects are what is asked about.
type subjects struct {
	records int
	names   []string // owners, at random
	address string   // of those that most names share
	suffix  string   // a top-level domain with many names below
}

// sample is of how many records the subjects are chosen.
const sample = 2_000_000

// choose reads a part of the store.
func choose(dir string) (*subjects, error) {
	src, err := store.OpenReader(dir)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	s := &subjects{}
	st, err := src.Stats()
	if err != nil {
		return nil, err
	}
	for _, r := range st.Runs {
		s.records += int(r.Records)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	addresses, suffixes := map[string]int{}, map[string]int{}
	seen := 0
	for r, err := range src.Find(context.Background(), store.Query{}) {
		if err != nil {
			return nil, err
		}
		if seen++; seen > sample {
			break
		}
		if rng.IntN(200) == 0 {
			name := strings.TrimSuffix(rrset.NameString(r.Owner), ".")
			s.names = append(s.names, name)
			suffix, _ := publicsuffix.PublicSuffix(name)
			suffixes[suffix]++
		}
		if r.Type == dns.TypeA {
			a, _ := netip.AddrFromSlice(r.Rdata[0])
			addresses[a.String()]++
		}
	}
	rng.Shuffle(len(s.names), func(i, j int) { s.names[i], s.names[j] = s.names[j], s.names[i] })
	s.address, s.suffix = largest(addresses), largest(suffixes)
	return s, nil
}

func largest(counts map[string]int) string {
	var keys []string
	for k := range counts {
		keys = append(keys, k)
	}
	return slices.MaxFunc(keys, func(a, b string) int { return cmp.Or(cmp.Compare(counts[a], counts[b]), strings.Compare(b, a)) })
}

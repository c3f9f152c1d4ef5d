package analysis

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"net/netip"
	"slices"
	"time"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// A CandidatesQuery says among which names flux is looked for. Zero values are
// defaults.
type CandidatesQuery struct {
	Below []byte // canonical wire name: it, and the names below it
	Window

	Addresses int           // that a name had at least, in two networks or more; as many as flux has, 6
	Names     int           // that are kept, those with the most networks; 100
	RRsets    int           // RRsets to read; 5,000,000
	Time      time.Duration // 60 s
}

// mostCounted bounds how many addresses of one name are told from each other.
const mostCounted = 5000

func (q CandidatesQuery) withDefaults() CandidatesQuery {
	q.Addresses, q.Names = cmp.Or(max(0, q.Addresses), fluxAddresses), cmp.Or(max(0, q.Names), 100)
	q.RRsets = cmp.Or(max(0, q.RRsets), 5_000_000)
	q.Time = cmp.Or(max(0, q.Time), time.Minute)
	return q
}

// A Candidate is a name that had many addresses.
type Candidate struct {
	Name      []byte // canonical wire name
	Addresses int    // different ones of its own, at most 5000 are counted
	Networks  int    // of these: /16 and /32
}

// Candidates are names at and below another that had so many addresses that they may
// be flux, those in most networks first. It is a cheap sieve for Flux: it reads what
// the names themselves had and no aliases, what leads to a CDN mostly.
//
// Memory grows with Names only. What bounds left out is told: of names that had too few
// addresses the cut is called addresses, and counts them. An error that matches
// store.ErrIncomplete comes beside the candidates that could be found; with any other
// there are none.
func Candidates(ctx context.Context, src store.Source, q CandidatesQuery) ([]Candidate, []Cut, error) {
	q = q.withDefaults()
	if err := rrset.CheckName(q.Below); err != nil {
		return nil, nil, err
	}
	if q.Until != 0 && q.Until < q.Since {
		return nil, nil, errBackwards
	}
	limited, cancel := context.WithTimeoutCause(ctx, q.Time, errTime)
	defer cancel()
	s := sieve{q: &q, addrs: map[netip.Addr]struct{}{}, networks: map[string]struct{}{}}
	r := reader{src: src, window: q.Window, most: q.RRsets}
	err := r.sift(limited, &s)
	s.next(nil)
	switch {
	case errors.Is(err, errSpent):
		s.cuts.part("rrsets", int64(q.RRsets), &node{key: NameKey(q.Below)})
	case err != nil && context.Cause(limited) == errTime:
		s.cuts.part("time", q.Time.Milliseconds(), &node{key: NameKey(q.Below)})
	case err != nil:
		return nil, nil, err
	}
	slices.SortFunc(s.kept, compareCandidates)
	if more := len(s.kept) - q.Names; more > 0 {
		s.left += more
		s.kept = s.kept[:q.Names]
	}
	if s.left > 0 {
		s.cuts.at("names", int64(q.Names)).Nodes = s.left
	}
	if s.few > 0 {
		s.cuts.at("addresses", int64(q.Addresses)).Nodes = s.few
	}
	cuts := []Cut{}
	for _, c := range s.cuts.all {
		cuts = append(cuts, *c)
	}
	return s.kept, cuts, r.damage
}

// compareCandidates orders those first that are in most networks.
func compareCandidates(a, b Candidate) int {
	return cmp.Or(cmp.Compare(b.Networks, a.Networks), cmp.Compare(b.Addresses, a.Addresses), bytes.Compare(a.Name, b.Name))
}

// sift reads the addresses of names below another, which come name by name.
func (r *reader) sift(ctx context.Context, s *sieve) error {
	find := store.Query{Subject: store.Below(s.q.Below), Types: []uint16{dns.TypeA, dns.TypeAAAA}, Fences: r.window.fences()}
	for set, err := range r.find(ctx, find) {
		if err != nil {
			return err
		}
		if !bytes.Equal(set.Owner, s.name) {
			s.next(set.Owner)
		}
		for _, rd := range set.Rdata {
			s.add(rd)
		}
	}
	return nil
}

// A sieve counts the addresses of one name after the other.
type sieve struct {
	q        *CandidatesQuery
	name     []byte
	addrs    map[netip.Addr]struct{}
	networks map[string]struct{}
	kept     []Candidate
	left     int // candidates for which there was no room
	few      int // names that had too few addresses, or all in one network
	cuts     cuts
}

func (s *sieve) add(rdata []byte) {
	if len(s.addrs) >= mostCounted {
		return
	}
	a, ok := netip.AddrFromSlice(rdata)
	if !ok {
		return
	}
	if _, known := s.addrs[a]; !known {
		s.addrs[a] = struct{}{}
		s.networks[proxy(a)] = struct{}{}
	}
}

// next keeps the name that was counted if it is a candidate, and begins with another.
func (s *sieve) next(name []byte) {
	n := len(s.addrs)
	switch {
	case n == 0:
	case n < s.q.Addresses || len(s.networks) < fluxPlaces:
		s.few++
	default:
		s.kept = append(s.kept, Candidate{Name: s.name, Addresses: n, Networks: len(s.networks)})
		if len(s.kept) >= 2*s.q.Names+100 {
			slices.SortFunc(s.kept, compareCandidates)
			s.left += len(s.kept) - s.q.Names
			s.kept = s.kept[:s.q.Names]
		}
	}
	s.name = bytes.Clone(name)
	clear(s.addrs)
	clear(s.networks)
}

package analysis

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/registered"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// A fluxNeighbour is what others had of an address.
type fluxNeighbour struct {
	domains int   // registered domains beside that of the name
	age     int64 // seconds that it had been known when the name first had it
	more    bool  // there are more than were counted
}

// readNeighbours reads who else had the addresses of a name, of some that are spread
// over its history if there are many.
func (f *fluxer) readNeighbours(ctx context.Context) error {
	addrs := slices.Clone(f.own.addrs)
	slices.SortFunc(addrs, func(a, b traced) int {
		return cmp.Or(cmp.Compare(a.seen.First, b.seen.First), a.addr.Compare(b.addr))
	})
	some := min(len(addrs), f.q.Sample)
	if some < len(addrs) {
		f.cuts.at("sample", int64(f.q.Sample)).Links = len(addrs) - some
	}
	own := registered.Domain(f.q.Name)
	for i := range some {
		a := addrs[i*len(addrs)/some]
		n, err := f.neighbours(ctx, a, own)
		if err != nil {
			return err
		}
		f.neighbour = append(f.neighbour, n)
	}
	return nil
}

func (f *fluxer) neighbours(ctx context.Context, a traced, own []byte) (fluxNeighbour, error) {
	q := store.Query{Subject: store.Address(a.addr), Types: []uint16{dns.TypeA, dns.TypeAAAA}, Records: true,
		Fences: store.Fences{FirstBefore: f.window.Until}}
	n := fluxNeighbour{}
	var domains nameSet
	first, read := a.seen.First, 0
	for s, err := range f.find(ctx, q) {
		if err != nil {
			return n, err
		}
		if read++; read > f.q.Count {
			n.more = true
			break
		}
		first = min(first, s.First)
		if d := registered.Domain(s.Owner); !bytes.Equal(d, own) {
			domains.add(d)
		}
	}
	n.domains, n.age = domains.len(), a.seen.First-first
	return n, nil
}

// readOperators counts how many registered domains are aliases of what is operated
// with the target of an alias: names below one registered domain, or below one public
// suffix that is somebody's own, as cloudfront.net.
func (f *fluxer) readOperators(ctx context.Context) error {
	counted := map[string]*FluxAlias{}
	own, self := registered.Operator(f.q.Name), string(registered.Domain(f.q.Name))
	for i := range f.aliases {
		a := &f.aliases[i]
		by := registered.Operator(a.wire)
		a.Operator = rrset.NameString(by)
		if bytes.Equal(by, own) {
			continue
		}
		if has := counted[string(by)]; has != nil {
			a.Domains, a.More = has.Domains, has.More
			continue
		}
		counted[string(by)] = a
		q := store.Query{Subject: store.TargetBelow(by), Types: []uint16{dns.TypeCNAME}, Records: true,
			Fences: store.Fences{FirstBefore: f.window.Until}}
		found, read := map[string]struct{}{}, 0
		for s, err := range f.find(ctx, q) {
			if err != nil {
				return err
			}
			if read++; read > f.q.Count {
				a.More = true
				break
			}
			// Those of the operator itself only lead from one of its names to the next.
			if d := string(registered.Domain(s.Owner)); d != self && !rrset.Encloses(by, s.Owner) {
				found[d] = struct{}{}
			}
		}
		a.Domains = len(found)
	}
	return nil
}

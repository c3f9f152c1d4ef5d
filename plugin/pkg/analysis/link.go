package analysis

import (
	"bytes"
	"cmp"
	"context"
	"iter"
	"net/netip"
	"slices"

	"example.org/pdns/plugin/pkg/registered"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// A Link is an edge of the graph that the history makes.
type Link struct {
	Owner  Key  `json:"owner"`  // what has: a name; of the kind network an address
	Target Key  `json:"target"` // what it has
	Kind   Kind `json:"kind"`   // in what way
	Seen
	wide int // members of the widest RRset that makes it, if that is wide: of forward
}

// A Window bounds a view of the history, in Unix seconds, both inclusive; zero is no
// bound. What was seen at some time in it belongs to it, with all its figures.
type Window struct {
	Since, Until int64
}

func (w Window) fences() store.Fences {
	return store.Fences{LastAfter: w.Since, FirstBefore: w.Until}
}

// forward finds what a name has by records, ordered by kind and target, and reports whether it is
// all: at most most targets are kept. If the bounds stop it, so does the error.
func (r *reader) forward(ctx context.Context, k Key, most int) (links []Link, whole bool, err error) {
	q := store.Query{Subject: store.Owner(k.Name()), Types: r.types(func(Kind) bool { return true }), Fences: r.window.fences()}
	if k.name == "" || len(q.Types) == 0 {
		return nil, true, nil
	}
	found := map[Link]Link{} // by links without figures
	whole = true
	for s, err := range r.find(ctx, q) {
		if err != nil {
			return nil, false, err
		}
		wide := len(s.Rdata)
		if wide < wideFrom {
			wide = 0
		}
		if !r.pay(edgeCost * wide) {
			whole = false
			continue
		}
		for _, rd := range s.Rdata {
			to, ok := target(s.Type, rd)
			if !ok {
				continue
			}
			l := Link{Owner: k, Target: to, Kind: kindOf(s.Type)}
			has, known := found[l]
			if !known && len(found) >= most {
				whole = false
				continue
			}
			l.Seen, l.wide = has.Seen, max(has.wide, wide)
			l.Add(seen(&s.Figures))
			found[l.bare()] = l
		}
	}
	for _, l := range found {
		links = append(links, l)
	}
	slices.SortFunc(links, compareLinks)
	return links, whole, nil
}

// bare is a link without its figures.
func (l Link) bare() Link { return Link{Owner: l.Owner, Target: l.Target, Kind: l.Kind} }

func compareLinks(a, b Link) int {
	return cmp.Or(compareKinds(a.Kind, b.Kind), compareKeys(a.Target, b.Target), compareKeys(a.Owner, b.Owner))
}

// compareKinds orders kinds as Kinds does.
func compareKinds(a, b Kind) int { return slices.Index(Kinds(), a) - slices.Index(Kinds(), b) }

// compareKeys orders names by zone, before addresses.
func compareKeys(a, b Key) int {
	switch {
	case a.name != "" && b.name != "":
		return bytes.Compare(rrset.AppendReversed(nil, a.Name()), rrset.AppendReversed(nil, b.Name()))
	case a.name != "":
		return -1
	case b.name != "":
		return 1
	}
	return a.net.Compare(b.net)
}

// place is the link that no record says, from a name to its registered domain or from
// an address to its network, seen when its owner was; false if none is followed.
func (r *reader) place(k Key, at Seen) (Link, bool) {
	l := Link{Owner: k, Kind: InDomain, Seen: at}
	switch k.Type() {
	case "name":
		l.Target = NameKey(registered.Domain(k.Name()))
	case "address":
		bits := 24
		if k.net.Addr().Is6() {
			bits = 48
		}
		l.Kind, l.Target = InNetwork, NetworkKey(netip.PrefixFrom(k.net.Addr(), bits))
	default:
		return l, false
	}
	return l, l.Target != k && at.Count > 0 && r.follows(l.Kind)
}

// backward streams the links that lead to a key by records, ordered by kind, target
// and owner.
func (r *reader) backward(ctx context.Context, k Key, window Window) iter.Seq2[Link, error] {
	q := store.Query{Records: true, Fences: window.fences()}
	if name := k.Name(); name != nil {
		q.Subject = store.Target(name)
		q.Types = r.types(func(k Kind) bool { return k != HasAddress })
	} else {
		q.Subject = store.Network(k.net)
		if r.follows(HasAddress) || k.Type() == "network" {
			q.Types = HasAddress.types()
		}
	}
	if len(q.Types) == 0 {
		return func(func(Link, error) bool) {}
	}
	return r.join(ctx, q, func(s *rrset.RRset) (Link, bool) {
		to, ok := target(s.Type, s.Rdata[0])
		return Link{Owner: NameKey(s.Owner), Target: to, Kind: kindOf(s.Type)}, ok
	})
}

// below streams a link for each name in a registered domain, in their order.
func (r *reader) below(ctx context.Context, k Key) iter.Seq2[Link, error] {
	q := store.Query{Subject: store.Below(k.Name()), Fences: r.window.fences()}
	return r.join(ctx, q, func(s *rrset.RRset) (Link, bool) {
		return Link{Owner: NameKey(s.Owner), Target: k, Kind: InDomain}, string(s.Owner) != k.name
	})
}

// join streams the links that RRsets make. Those that follow each other and differ
// in parameters alone, or in the preference of a mail exchange, are one.
func (r *reader) join(ctx context.Context, q store.Query, link func(*rrset.RRset) (Link, bool)) iter.Seq2[Link, error] {
	return func(yield func(Link, error) bool) {
		var last, edge Link // edge is last without its figures
		for s, err := range r.find(ctx, q) {
			if err != nil {
				yield(Link{}, err)
				return
			}
			l, ok := link(s)
			if !ok {
				continue
			}
			if l == edge {
				last.Add(seen(&s.Figures))
				continue
			}
			if last.Kind != "" && !yield(last, nil) {
				return
			}
			last, edge = l, l
			last.Seen = seen(&s.Figures)
		}
		if last.Kind != "" {
			yield(last, nil)
		}
	}
}

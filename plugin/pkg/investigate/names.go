package investigate

import (
	"cmp"
	"context"
	"slices"

	"example.org/pdns/plugin/pkg/analysis"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// names are those of the map that stay when what is shared is gone: those of the scheme,
// and apart from them those that only a domain, mail exchange or name server leads to.
func (w *walker) names(context.Context) error {
	domains := map[string]bool{}
	bound := w.bound()
	for i := range w.graph.Nodes {
		n := &w.graph.Nodes[i]
		if n.State == analysis.Shared || n.State == analysis.Unseen || n.Depth > 0 && n.Score == 0 || w.onlyDomain(n) {
			continue
		}
		_, own := bound[n.ID]
		if own {
			w.out.Seen.Add(n.Seen)
		}
		switch {
		case n.Type != "name" || n.Depth == 0:
		case own:
			domains[n.Domain] = true
			w.out.Names = append(w.out.Names, w.nameOf(n))
		default:
			w.out.Loose = append(w.out.Loose, w.nameOf(n))
		}
	}
	byScore(w.out.Names)
	byScore(w.out.Loose)
	w.out.Domains = len(domains)
	return nil
}

func (w *walker) nameOf(n *analysis.Node) Name {
	return Name{Name: n.ID, Domain: n.Domain, Score: n.Score, Depth: n.Depth, Via: n.Via, Seen: n.Seen, New: n.First >= w.out.Lately, Speaks: speaks(n.ID)}
}

func byScore(all []Name) {
	slices.SortStableFunc(all, func(a, b Name) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.First, b.First), cmp.Compare(a.Name, b.Name))
	})
}

// mostUnborn bounds of how many names it is looked up since when they did not exist.
const mostUnborn = 2000

// unborn finds which names were asked for before they existed.
func (w *walker) unborn(ctx context.Context) error {
	for i := range w.out.Names {
		if i == mostUnborn {
			w.cut("whether they did not exist before was looked up of the %d strongest names", mostUnborn)
			break
		}
		n := &w.out.Names[i]
		wire, err := rrset.ParseName(n.Name)
		if err != nil {
			continue
		}
		q := store.Query{Subject: store.Owner(wire), Types: []uint16{rrset.TypeNXDOMAIN}, Negative: true}
		for s, err := range w.src.Find(ctx, q) {
			if err := w.survive(err); err != nil {
				return err
			}
			if s != nil && s.First < n.First && (n.Unborn == 0 || s.First < n.Unborn) {
				n.Unborn = s.First
			}
		}
	}
	return nil
}

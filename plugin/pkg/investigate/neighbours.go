package investigate

import (
	"cmp"
	"context"
	"slices"

	"example.org/pdns/plugin/pkg/analysis"
)

// neighbours finds, for each thing that a seed had, who else had it at the same time. A
// seed that is an address is such a thing itself, and what the registered domain of a
// seed had counts too: name servers are the domain's.
func (w *walker) neighbours(ctx context.Context) error {
	told := map[string]bool{}
	for _, s := range w.walked {
		if s.Type == "address" {
			if n := w.node(s.ID); n != nil {
				w.shareOf(s.ID, n, analysis.Edge{To: s.ID, Kind: analysis.HasAddress, Seen: n.Seen})
			}
			continue
		}
		owners := []string{s.ID}
		if n := w.node(s.ID); n != nil && n.Domain != s.ID && w.node(n.Domain) != nil && w.node(n.Domain).Depth > 0 {
			owners = append(owners, n.Domain)
		}
		for _, owner := range owners {
			for _, e := range w.has[owner] {
				n := w.node(e.To)
				if n == nil || told[s.ID+"\n"+e.To+"\n"+string(e.Kind)] {
					continue
				}
				told[s.ID+"\n"+e.To+"\n"+string(e.Kind)] = true
				w.shareOf(s.ID, n, e)
			}
		}
	}
	for i := range w.out.Neighbours {
		if err := w.others(ctx, &w.out.Neighbours[i]); err != nil {
			return err
		}
	}
	return nil
}

// shareOf notes who had something at the same time as a seed, by an edge.
func (w *walker) shareOf(seed string, target *analysis.Node, own analysis.Edge) {
	out := Neighbours{Seed: seed, Owner: cmp.Or(own.From, seed), Target: target.ID, Kind: own.Kind, Seen: own.Seen, State: target.State, Range: target.Range,
		Names: target.Names, Domains: target.Domains, More: target.More, Other: -1, With: []Tenant{}}
	if target.State != analysis.Shared {
		names, domains := map[string]bool{}, map[string]bool{}
		if own.From != "" {
			names[own.From] = true
			domains[w.node(own.From).Domain] = true
		}
		for _, e := range w.had[target.ID] {
			if e.Kind != own.Kind || e.From == own.From || names[e.From] || !e.Seen.Overlaps(own.Seen) {
				continue
			}
			names[e.From] = true
			n := w.node(e.From)
			domains[n.Domain] = true
			t := Tenant{Name: e.From, Domain: n.Domain, Seen: e.Seen, Speaks: speaks(e.From)}
			if own.From != "" {
				t.From, t.To = together(e.Seen, own.Seen)
			}
			out.With = append(out.With, t)
		}
		out.Names, out.Domains = len(names), len(domains)
		if target.State == analysis.Partly || target.State == analysis.Left {
			out.More = true
		}
		byCame(out.With)
	}
	w.out.Neighbours = append(w.out.Neighbours, out)
}

// byCame orders tenants as they came.
func byCame(all []Tenant) {
	slices.SortFunc(all, func(a, b Tenant) int {
		return cmp.Or(cmp.Compare(a.First, b.First), cmp.Compare(a.Name, b.Name))
	})
}

// others counts the names that had something at other times.
func (w *walker) others(ctx context.Context, n *Neighbours) error {
	target := w.node(n.Target)
	if n.State == analysis.Shared || n.Kind == analysis.InDomain || target == nil {
		return nil
	}
	found, read := map[analysis.Key]bool{}, 0
	for l, err := range analysis.Pivot(ctx, w.src, analysis.PivotQuery{From: target.Key, Kinds: []analysis.Kind{n.Kind}, Window: w.q.Window}) {
		if err != nil {
			return w.survive(err)
		}
		if read++; read > w.q.Count {
			w.cut("of who had %s at other times only the first %d were counted", Plain(n.Target), w.q.Count)
			break
		}
		if l.Target == target.Key && l.Kind == n.Kind && l.Owner.String() != n.Seed && !l.Seen.Overlaps(n.Seen) {
			found[l.Owner] = true
		}
	}
	n.Other = len(found)
	return nil
}

package investigate

import (
	"cmp"
	"context"
	"math"
	"slices"

	"example.org/pdns/plugin/pkg/analysis"
	"example.org/pdns/plugin/pkg/registered"
	"example.org/pdns/plugin/pkg/rrset"
)

// mostStages bounds how many addresses are followed further.
const mostStages = 20

// stages follows the neighbours of the seeds to the addresses that they had besides:
// those to which most of them lead first. They join the map with the names there.
func (w *walker) stages(ctx context.Context) error {
	candidates := w.candidates()
	if len(candidates) > mostStages {
		w.cut("of %d addresses that neighbours of the seeds had, the %d with most of them were followed", len(candidates), mostStages)
		candidates = candidates[:mostStages]
	}
	for _, s := range candidates {
		err := w.follow(ctx, &s)
		w.join(&s)
		w.out.Stages = append(w.out.Stages, s)
		if err != nil {
			w.index(w.graph)
			return err
		}
	}
	w.sortMap()
	return nil
}

// candidates are the addresses of the map that the seeds did not have.
func (w *walker) candidates() (all []Stage) {
	bound := w.bound()
	for i := range w.graph.Nodes {
		n := &w.graph.Nodes[i]
		if n.Type != "address" || n.Depth < 2 || n.State == analysis.Shared {
			continue
		}
		s := Stage{Address: n.ID, Score: n.Score, Shared: n.Range != ""}
		for _, e := range w.had[n.ID] {
			if from, ok := bound[e.From]; ok && e.Kind == analysis.HasAddress && from < bound[n.ID] {
				s.Led = append(s.Led, e.From)
				s.Seen.Add(e.Seen)
			}
		}
		if s.Seen.Count > 0 {
			all = append(all, s)
		}
	}
	slices.SortStableFunc(all, func(a, b Stage) int {
		return cmp.Or(cmp.Compare(len(b.Led), len(a.Led)), cmp.Compare(b.Score, a.Score))
	})
	return all
}

// follow finds who had an address at the same time as those who led there.
func (w *walker) follow(ctx context.Context, s *Stage) error {
	n := w.node(s.Address)
	led := s.Seen
	s.Seen = analysis.Seen{}
	domains := map[string]bool{}
	read := 0
	for l, err := range analysis.Pivot(ctx, w.src, analysis.PivotQuery{From: n.Key, Kinds: []analysis.Kind{analysis.HasAddress}, Window: w.q.Window}) {
		if err != nil {
			return w.survive(err)
		}
		if read++; read > w.q.Count {
			s.More = true
			break
		}
		if !l.Seen.Overlaps(led) || w.q.ignored(l.Owner) {
			continue
		}
		s.Names++
		s.Seen.Add(l.Seen)
		t := Tenant{Name: l.Owner.String(), Domain: rrset.NameString(registered.Domain(l.Owner.Name())), Seen: l.Seen}
		t.From, t.To = together(l.Seen, led)
		t.Speaks = speaks(t.Name)
		domains[t.Domain] = true
		s.Tenants = append(s.Tenants, t)
	}
	s.Domains = len(domains)
	if s.Shared = s.Shared || s.Domains > w.q.Domains; s.Shared {
		s.Tenants = nil
	}
	byCame(s.Tenants)
	return nil
}

// join brings a stage into the map as if the walk had gone one step further there: see
// analysis.Node.Score.
func (w *walker) join(s *Stage) {
	i := w.at[s.Address]
	n := &w.graph.Nodes[i]
	if n.State != analysis.Frontier {
		return
	}
	before := map[string]bool{}
	for _, e := range w.had[s.Address] {
		before[w.node(e.From).Domain] = true
	}
	n.Score *= math.Sqrt(float64(max(1, len(before)))) / math.Sqrt(float64(max(1, s.Domains)))
	n.Names, n.Domains, n.More, n.State, n.Seen = s.Names, s.Domains, s.More, analysis.Expanded, s.Seen
	s.Score = n.Score
	if s.Shared {
		n.State = analysis.Shared
		w.graph.Shared = append(w.graph.Shared, n.ID)
		w.out.Shared = append(w.out.Shared, *n)
		return
	}
	depth, score, left := n.Depth+1, n.Score, 0
	for _, t := range s.Tenants {
		if w.node(t.Name) == nil {
			if len(w.graph.Nodes) >= w.q.Nodes {
				left++
				continue
			}
			k, err := analysis.ParseKey(t.Name)
			if err != nil { // it came from a key
				continue
			}
			w.at[t.Name] = len(w.graph.Nodes)
			w.graph.Nodes = append(w.graph.Nodes, analysis.Node{ID: t.Name, Type: "name", Domain: t.Domain, Depth: depth,
				State: analysis.Frontier, Score: score, Via: []string{s.Address}, Seen: t.Seen, Key: k})
		}
		if !slices.ContainsFunc(w.has[t.Name], func(e analysis.Edge) bool { return e.To == s.Address && e.Kind == analysis.HasAddress }) {
			e := analysis.Edge{From: t.Name, To: s.Address, Kind: analysis.HasAddress, Seen: t.Seen}
			w.graph.Edges = append(w.graph.Edges, e)
			w.has[e.From] = append(w.has[e.From], e)
			w.had[e.To] = append(w.had[e.To], e)
		}
	}
	if left > 0 {
		w.graph.Nodes[i].State = analysis.Partly
		w.cut("%s at %s are not on the map, which has no room for them", counted(left, "name"), Plain(s.Address))
	}
	w.graph.Depth = max(w.graph.Depth, depth)
}

// sortMap brings nodes and edges into the order that a map has.
func (w *walker) sortMap() {
	g := w.graph
	slices.SortStableFunc(g.Nodes, func(a, b analysis.Node) int {
		return cmp.Or(cmp.Compare(a.Depth, b.Depth), cmp.Compare(b.Score, a.Score))
	})
	w.index(g)
	slices.SortStableFunc(g.Edges, func(a, b analysis.Edge) int { return cmp.Compare(w.at[a.From], w.at[b.From]) })
}

package investigate

import (
	"context"
	"slices"

	"example.org/pdns/plugin/pkg/analysis"
)

// binding are the kinds of edges that make a name one of the scheme. Registered domains,
// mail exchanges and name servers are those of a whole company, or of all customers of
// one: a host that somebody broke into has them in common with its owner.
var binding = []analysis.Kind{analysis.HasAddress, analysis.IsAlias, analysis.HasService}

// bound finds what hangs together with the seeds by such edges alone: how many edges away
// each node is, by id. Names count at what they had only if they had it at the same time
// as those nearer to the seeds, as in the score of a node.
func (w *walker) bound() map[string]int {
	level := map[string]int{}
	var todo []string
	for _, s := range w.walked {
		if w.node(s.ID) != nil {
			level[s.ID] = 0
			todo = append(todo, s.ID)
		}
	}
	reach := func(from, to string) {
		if _, ok := level[to]; !ok && w.node(to) != nil {
			level[to] = level[from] + 1
			todo = append(todo, to)
		}
	}
	for ; len(todo) > 0; todo = todo[1:] {
		id := todo[0]
		if w.node(id).State == analysis.Shared {
			continue
		}
		for _, e := range w.has[id] {
			if slices.Contains(binding, e.Kind) {
				reach(id, e.To)
			}
		}
		var led []analysis.Seen
		for _, e := range w.had[id] {
			if at, ok := level[e.From]; ok && at < level[id] && slices.Contains(binding, e.Kind) {
				led = append(led, e.Seen)
			}
		}
		for _, e := range w.had[id] {
			if slices.Contains(binding, e.Kind) && (led == nil || slices.ContainsFunc(led, e.Seen.Overlaps)) {
				reach(id, e.From)
			}
		}
	}
	return level
}

// onlyDomain reports whether a node is on the map for no more than that names lie in it,
// as far as its edges tell.
func (w *walker) onlyDomain(n *analysis.Node) bool {
	inside := func(e analysis.Edge) bool { return e.Kind == analysis.InDomain }
	other := func(e analysis.Edge) bool { return !inside(e) }
	return slices.ContainsFunc(w.had[n.ID], inside) && !slices.ContainsFunc(w.had[n.ID], other) && !slices.ContainsFunc(w.has[n.ID], other)
}

// mostLooked bounds how many registered domains are looked up.
const mostLooked = 2000

// lookedUp tells the registered domains of names on the map that were seen themselves:
// those are names like others, if apart from the scheme.
func (w *walker) lookedUp(ctx context.Context) error {
	looked := 0
	for i := range w.graph.Nodes {
		n := &w.graph.Nodes[i]
		if n.Depth == 0 || n.Score == 0 || n.State == analysis.Shared || !w.onlyDomain(n) {
			continue
		}
		if looked++; looked > mostLooked {
			w.cut("whether registered domains were seen themselves was looked up of the first %d", mostLooked)
			break
		}
		seen, err := w.seen(ctx, n.Key)
		if err != nil {
			return err
		}
		if seen.Count > 0 {
			name := w.nameOf(n)
			name.Seen = seen
			w.out.Loose = append(w.out.Loose, name)
		}
	}
	byScore(w.out.Loose)
	return nil
}

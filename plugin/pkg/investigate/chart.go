package investigate

import (
	"context"
	"slices"
	"strings"

	"example.org/pdns/plugin/pkg/analysis"
)

// charts are the map of a walk and how to find one's way in it.
type charts struct {
	graph *analysis.Graph
	at    map[string]int             // nodes of the graph by id
	has   map[string][]analysis.Edge // edges by what has
	had   map[string][]analysis.Edge // edges by what is had
}

// cutWords say what a bound of the map left out.
var cutWords = map[string]string{
	"neighbours": "have more neighbours than the map takes of one",
	"nodes":      "have neighbours for which the map has no room",
	"rdata":      "have a part in RRsets of so many members that who shares these was not looked for",
	"rrsets":     "were not looked at, since the map reads no more RRsets",
	"time":       "were not looked at, since the time for the map was over",
}

// mapShare is the part of the time that the map may take: the rest is for what it leads
// to.
const mapShare = 2

// chart makes the map.
func (w *walker) chart(ctx context.Context) error {
	w.index(&analysis.Graph{})
	w.out.Map = w.graph
	if len(w.walked) == 0 {
		return nil
	}
	q := analysis.MapQuery{Depth: w.q.Depth, Window: w.q.Window, Ranges: w.q.Ranges, Bounds: w.q.Bounds}
	if q.Time == 0 {
		q.Time = w.q.Timeout / mapShare
	}
	for _, s := range w.walked {
		q.Seeds = append(q.Seeds, s.Key)
	}
	g, err := analysis.Map(ctx, w.src, q)
	if err := w.survive(err); err != nil {
		return err
	}
	for _, c := range g.Cut {
		some := make([]string, 0, 3)
		for _, id := range c.IDs[:min(3, len(c.IDs))] {
			some = append(some, Plain(id))
		}
		if c.Nodes > len(some) {
			some = append(some, "...")
		}
		w.cut("%s of the map (%s) %s", counted(c.Nodes, "node"), strings.Join(some, ", "), cutWords[c.At])
	}
	w.forget(g)
	w.index(g)
	w.out.Map = g
	for i := range g.Nodes {
		if g.Nodes[i].State == analysis.Shared {
			w.out.Shared = append(w.out.Shared, g.Nodes[i])
		}
	}
	return nil
}

// forget takes the names that do not count out of a map.
func (w *walker) forget(g *analysis.Graph) {
	gone := map[string]bool{}
	g.Nodes = slices.DeleteFunc(g.Nodes, func(n analysis.Node) bool {
		if n.Depth > 0 && w.q.ignored(n.Key) {
			gone[n.ID] = true
		}
		return gone[n.ID]
	})
	for i := range g.Nodes {
		g.Nodes[i].Via = slices.DeleteFunc(g.Nodes[i].Via, func(id string) bool { return gone[id] })
	}
	g.Edges = slices.DeleteFunc(g.Edges, func(e analysis.Edge) bool { return gone[e.From] || gone[e.To] })
	g.Shared = slices.DeleteFunc(g.Shared, func(id string) bool { return gone[id] })
	w.out.Ignored += len(gone)
}

func (c *charts) index(g *analysis.Graph) {
	c.graph = g
	c.at = map[string]int{}
	c.has, c.had = map[string][]analysis.Edge{}, map[string][]analysis.Edge{}
	for i := range g.Nodes {
		c.at[g.Nodes[i].ID] = i
	}
	for _, e := range g.Edges {
		c.has[e.From] = append(c.has[e.From], e)
		c.had[e.To] = append(c.had[e.To], e)
	}
}

// node is that of an id; nil if the map has none.
func (c *charts) node(id string) *analysis.Node {
	i, ok := c.at[id]
	if !ok {
		return nil
	}
	return &c.graph.Nodes[i]
}

// together is when both were seen; zero if never.
func together(a, b analysis.Seen) (from, to int64) {
	if !a.Overlaps(b) {
		return 0, 0
	}
	return max(a.First, b.First), min(a.Last, b.Last)
}

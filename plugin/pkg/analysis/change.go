package analysis

import (
	"cmp"
	"slices"
)

// A Change is the difference between two maps, of two times mostly. As JSON it is one
// object with the keys below.
type Change struct {
	Appeared []Node `json:"appeared"` // nodes of the second map alone
	Vanished []Node `json:"vanished"` // nodes of the first map alone
	// EdgesAppeared and EdgesVanished are those of one map alone, whether or not
	// their nodes are in both.
	EdgesAppeared []Edge  `json:"edges_appeared"`
	EdgesVanished []Edge  `json:"edges_vanished"`
	Moved         []Move  `json:"moved"`
	Partial       Partial `json:"partial"`
}

// A Move is a node of both maps that has lost edges of a kind and got others.
type Move struct {
	ID   string   `json:"id"`
	Kind Kind     `json:"kind"`
	From []string `json:"from"` // what it had in the first map alone
	To   []string `json:"to"`   // what it has in the second map alone
}

// Partial says which half of a change is not certain: a map lacks what bounds or damage
// left out, and what is behind a node that it shows as shared and the other expanded.
type Partial struct {
	First  bool `json:"first"`  // what appeared may have been there before
	Second bool `json:"second"` // what vanished may still be there
}

// Compare tells what is different in the second of two maps that were made with the
// same query but for the window.
func Compare(first, second *Graph) *Change {
	before, after := ids(first), ids(second)
	c := &Change{
		Appeared: only(seenNodes(second), before, nodeID), Vanished: only(seenNodes(first), after, nodeID),
		EdgesAppeared: only(second.Edges, edgesOf(first), edgeOf), EdgesVanished: only(first.Edges, edgesOf(second), edgeOf),
		Partial: Partial{First: first.lacks(second), Second: second.lacks(first)},
	}
	c.Moved = moves(c, before, after)
	return c
}

// lacks reports whether g may lack something that another map has, although it was
// there.
func (g *Graph) lacks(other *Graph) bool {
	if len(g.Cut) > 0 || g.Incomplete != "" {
		return true
	}
	shared := map[string]bool{}
	for _, id := range g.Shared {
		shared[id] = true
	}
	return slices.ContainsFunc(other.Nodes, func(n Node) bool { return n.State == Expanded && shared[n.ID] })
}

// seenNodes are the nodes without seeds that were not seen.
func seenNodes(g *Graph) []Node {
	return slices.DeleteFunc(slices.Clone(g.Nodes), func(n Node) bool { return n.State == Unseen })
}

func nodeID(n Node) string { return n.ID }

// edgeOf is an edge without its figures.
func edgeOf(e Edge) Edge { return Edge{From: e.From, To: e.To, Kind: e.Kind} }

func ids(g *Graph) map[string]bool {
	has := map[string]bool{}
	for _, n := range seenNodes(g) {
		has[n.ID] = true
	}
	return has
}

func edgesOf(g *Graph) map[Edge]bool {
	has := map[Edge]bool{}
	for _, e := range g.Edges {
		has[edgeOf(e)] = true
	}
	return has
}

// only is what is not among others, which are known by a key.
func only[T any, K comparable](some []T, others map[K]bool, key func(T) K) []T {
	out := []T{}
	for _, s := range some {
		if !others[key(s)] {
			out = append(out, s)
		}
	}
	return out
}

// moves puts together what each node of both maps has lost and got, by kind.
func moves(c *Change, before, after map[string]bool) []Move {
	type what struct {
		id   string
		kind Kind
	}
	all := map[what]*Move{}
	at := func(e Edge) *Move {
		w := what{e.From, e.Kind}
		if all[w] == nil {
			all[w] = &Move{ID: e.From, Kind: e.Kind}
		}
		return all[w]
	}
	for _, e := range c.EdgesVanished {
		m := at(e)
		m.From = append(m.From, e.To)
	}
	for _, e := range c.EdgesAppeared {
		m := at(e)
		m.To = append(m.To, e.To)
	}
	out := []Move{}
	for _, m := range all {
		if before[m.ID] && after[m.ID] && len(m.From) > 0 && len(m.To) > 0 {
			out = append(out, *m)
		}
	}
	slices.SortFunc(out, func(a, b Move) int {
		return cmp.Or(cmp.Compare(a.ID, b.ID), compareKinds(a.Kind, b.Kind))
	})
	return out
}

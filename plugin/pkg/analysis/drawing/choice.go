package drawing

import (
	"cmp"
	"slices"

	"example.org/pdns/plugin/pkg/analysis"
)

// mostRests is how many boxes of a column stand for the rest of what one node binds;
// what others bind is together.
const mostRests = 5

// fill puts nodes into columns, of each those that say most alone and the others
// together. It returns the box of each node.
func (l *layout) fill(g *analysis.Graph, most int) map[string]*box {
	boxes := make(map[string]*box, len(g.Nodes))
	leads := map[string]int{} // how many nodes each binds
	nodes := make([]*analysis.Node, len(g.Nodes))
	for i := range g.Nodes {
		nodes[i] = &g.Nodes[i]
		for _, id := range g.Nodes[i].Via {
			leads[id]++
		}
	}
	slices.SortStableFunc(nodes, func(a, b *analysis.Node) int {
		return cmp.Or(cmp.Compare(a.Depth, b.Depth), cmp.Compare(b.Score, a.Score))
	})
	for len(nodes) > 0 {
		end := slices.IndexFunc(nodes, func(n *analysis.Node) bool { return n.Depth != nodes[0].Depth })
		if end < 0 {
			end = len(nodes)
		}
		l.column(nodes[:end], most, leads, boxes)
		nodes = nodes[end:]
	}
	return boxes
}

// column makes the boxes of one distance.
func (l *layout) column(nodes []*analysis.Node, most int, leads map[string]int, boxes map[string]*box) {
	alone, rest := choose(nodes, most, leads)
	var column []*box
	for _, n := range alone {
		l.span(n.Seen)
		b := &box{node: n, column: len(l.columns)}
		column = append(column, b)
		boxes[n.ID] = b
	}
	for _, nodes := range together(rest, boxes) {
		b := &box{rest: nodes, column: len(l.columns)}
		if len(nodes) == 1 { // a node of its own takes the same room
			b.node, b.rest = nodes[0], nil
		}
		for _, n := range nodes {
			l.span(n.Seen)
			boxes[n.ID] = b
		}
		column = append(column, b)
	}
	l.columns = append(l.columns, column)
}

// choose tells which nodes of a column, which come the strongest first, get a box: half
// of the room is for the strongest; the other half goes round among what binds them, so
// that something of all is to be seen, and that first by which the map goes on.
func choose(nodes []*analysis.Node, most int, leads map[string]int) (alone, rest []*analysis.Node) {
	if most < 1 || len(nodes) <= most+1 {
		return nodes, nil
	}
	half := most - most/2
	alone, rest = slices.Clone(nodes[:half]), slices.Clone(nodes[half:])
	slices.SortStableFunc(rest, func(a, b *analysis.Node) int { return cmp.Compare(leads[b.ID], leads[a.ID]) })
	turn, turns := map[*analysis.Node]int{}, map[string]int{}
	for _, n := range rest {
		turn[n] = turns[binds(n)]
		turns[binds(n)]++
	}
	slices.SortStableFunc(rest, func(a, b *analysis.Node) int {
		return cmp.Or(cmp.Compare(turn[a], turn[b]), cmp.Compare(leads[b.ID], leads[a.ID]), cmp.Compare(b.Score, a.Score))
	})
	alone, rest = append(alone, rest[:most-half]...), rest[most-half:]
	slices.SortStableFunc(rest, func(a, b *analysis.Node) int { return cmp.Compare(b.Score, a.Score) })
	return alone, rest
}

// binds is what binds a node most; empty for a seed.
func binds(n *analysis.Node) string {
	if len(n.Via) == 0 {
		return ""
	}
	return n.Via[0]
}

// together groups nodes of one type that the same box binds. Of small groups there is
// one for each type.
func together(rest []*analysis.Node, boxes map[string]*box) [][]*analysis.Node {
	type group struct {
		nodeType string
		by       *box
	}
	var order []group
	members := map[group][]*analysis.Node{}
	add := func(g group, nodes ...*analysis.Node) {
		if members[g] == nil {
			order = append(order, g)
		}
		members[g] = append(members[g], nodes...)
	}
	for _, n := range rest {
		add(group{n.Type, boxes[binds(n)]}, n)
	}
	slices.SortStableFunc(order, func(a, b group) int { return cmp.Compare(len(members[b]), len(members[a])) })
	if len(order) > mostRests {
		small := order[mostRests:]
		order = slices.Clone(order[:mostRests])
		for _, g := range small {
			nodes := members[g]
			delete(members, g)
			add(group{nodeType: g.nodeType}, nodes...)
		}
	}
	var groups [][]*analysis.Node
	for _, g := range order {
		slices.SortStableFunc(members[g], func(a, b *analysis.Node) int { return cmp.Compare(b.Score, a.Score) })
		groups = append(groups, members[g])
	}
	return groups
}

package analysis

import (
	"cmp"
	"math"
	"slices"
)

const mostVia = 5

// score computes how strongly each node is bound to the seeds, from these outward:
// see Node.Score.
func (m *mapper) score() {
	slices.SortStableFunc(m.order, func(a, b *node) int { return cmp.Compare(a.depth, b.depth) })
	for _, n := range m.order {
		n.strength, n.via = 1, nil
		if n.depth > 0 {
			n.bind(m.q.AnyTime)
		}
		n.serves = n.countServed()
		n.score = n.strength / math.Sqrt(float64(n.serves))
		if n.depth == 0 {
			n.score = 1
		}
	}
}

// A bond is what a node gets from one nearer to the seeds.
type bond struct {
	from   *node
	chance float64
}

// bind sums up what a node gets from those nearer to the seeds, of each by the edge
// that gives most.
func (n *node) bind(anyTime bool) {
	most := map[*node]float64{}
	for _, e := range n.links {
		u := e.from
		if u == n {
			u = e.to
		}
		if u.depth < n.depth {
			most[u] = max(most[u], u.gives(e, anyTime))
		}
	}
	var bonds []bond
	for u, chance := range most {
		bonds = append(bonds, bond{u, chance})
	}
	slices.SortFunc(bonds, func(a, b bond) int {
		return cmp.Or(cmp.Compare(b.chance, a.chance), compareKeys(a.from.key, b.from.key))
	})
	none := 1.0
	for _, b := range bonds {
		none *= 1 - b.chance
		if b.chance > 0 && len(n.via) < mostVia {
			n.via = append(n.via, b.from.key.String())
		}
	}
	n.strength = 1 - none
}

// gives is what n gives to the node at the other end of an edge.
func (n *node) gives(e *edge, anyTime bool) float64 {
	if e.to == n && e.kind == InDomain {
		return n.strength / math.Sqrt(float64(max(1, n.served.hosts)))
	}
	if e.to == n && !anyTime && len(n.leading) > 0 && e.kind != InNetwork && !n.leading.overlap(e.seen) {
		return 0
	}
	return n.strength / math.Sqrt(float64(n.serves))
}

// countServed is how many registered domains a node serves, at least 1: of one that
// was not expanded, those in the map.
func (n *node) countServed() int {
	if n.state != "" && n.state != Left {
		return max(1, n.served.domains)
	}
	domains := map[string]bool{}
	for _, e := range n.links {
		if e.to == n && e.kind != InDomain {
			domains[e.from.domain] = true
		}
	}
	return max(1, len(domains))
}

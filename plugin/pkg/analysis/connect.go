package analysis

// connect puts a link of n into the map, with the node at its other end.
func (m *mapper) connect(n *node, l Link) {
	e := m.edges[edgeKey{l.Owner, l.Target, l.Kind}]
	if e == nil {
		if e = m.newEdge(n, l); e == nil {
			return
		}
	}
	e.seen.same(l.Seen)
	e.to.wide = max(e.to.wide, l.wide)
	// A seed is asked about for all times, whichever other seed had it at one.
	if e.to.depth > 0 && l.Kind != InDomain && l.Kind != InNetwork {
		e.to.leading.add(l.First, l.Last)
	}
}

// newEdge makes the edge of a link of n, and the node at its other end if there is
// none; nil if the map has no room for that.
func (m *mapper) newEdge(n *node, l Link) *edge {
	e := &edge{edgeKey: edgeKey{l.Owner, l.Target, l.Kind}, from: m.nodes[l.Owner], to: m.nodes[l.Target]}
	if e.from == nil || e.to == nil {
		if len(m.nodes) >= m.q.Nodes {
			m.cuts.full(int64(m.q.Nodes), n)
			return nil
		}
		if e.from == nil {
			e.from = m.newNode(l.Owner, n.depth+1)
		} else {
			e.to = m.newNode(l.Target, n.depth+1)
		}
	}
	e.from.owned = true
	e.from.links = append(e.from.links, e)
	if e.to != e.from {
		e.to.links = append(e.to.links, e)
	}
	m.edges[e.edgeKey] = e
	return e
}

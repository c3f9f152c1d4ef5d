package analysis

import (
	"context"
	"iter"
	"slices"
)

// expand finds the neighbours of a node: first what it serves, since of what serves
// too many not even that is followed which it has itself.
func (m *mapper) expand(ctx context.Context, n *node) error {
	links, err := m.serves(ctx, n)
	if err != nil {
		return err
	}
	state := Expanded
	if n.served.neighbours > len(links) || n.served.more {
		state = Partly
	}
	if m.shared(n) {
		state, links = Shared, nil
	}
	if state != Shared || n.owned {
		has, whole, err := m.forward(ctx, n.key, m.q.Neighbours)
		if err != nil {
			return err
		}
		if !whole && state == Expanded {
			state = Partly
		}
		links = append(links, has...)
		if l, ok := m.place(n.key, n.known(links)); ok {
			links = append(links, l)
		}
	}
	n.state = state
	if state == Partly {
		m.cuts.part("neighbours", int64(m.q.Neighbours), n)
	}
	for _, l := range links {
		m.connect(n, l)
	}
	return nil
}

// known is when a node was seen, by its edges and by links that were found: by
// records, or else by the names and addresses in it.
func (n *node) known(links []Link) Seen {
	var byRecord, inside Seen
	add := func(k Kind, at Seen) {
		if k == InDomain || k == InNetwork {
			inside.add(at)
		} else {
			byRecord.add(at)
		}
	}
	for _, e := range n.links {
		add(e.kind, e.seen)
	}
	for _, l := range links {
		add(l.Kind, l.Seen)
	}
	if byRecord.Count > 0 {
		return byRecord
	}
	return inside
}

// shared reports whether a node is not expanded because it serves too many.
func (m *mapper) shared(n *node) bool {
	if m.q.ExpandShared || slices.Contains(m.q.Expand, n.key) {
		return false
	}
	s := &n.served
	return n.label != "" || s.domains.len() > m.q.Domains || s.hosts > m.q.Domains
}

// served is what a node was found to serve.
type served struct {
	domains    domainSet // registered domains of those that have it by a record
	names      int       // that have it by a record
	hosts      int       // names in a registered domain
	neighbours int       // of the map to be
	more       bool      // there are more than were counted
}

// serves finds the links that lead to a node, at most as many as it may have
// neighbours, and counts what is behind it.
func (m *mapper) serves(ctx context.Context, n *node) (links []Link, err error) {
	leading := n.leading
	if m.q.AnyTime {
		leading = nil
	}
	keep := func(l Link) {
		if n.served.neighbours++; len(links) < m.q.Neighbours {
			links = append(links, l)
		}
	}
	err = m.count(m.backward(ctx, n.key, leading.within(m.window)), n, func(l Link) {
		if len(leading) > 0 && !leading.overlap(l.Seen) {
			return
		}
		n.served.names++
		n.served.domains.add(l.Owner.Name())
		switch {
		case n.key.Type() != "network":
			keep(l)
		case len(links) > 0 && links[len(links)-1].Owner == l.Target:
			links[len(links)-1].add(l.Seen)
		default:
			keep(Link{Owner: l.Target, Target: n.key, Kind: InNetwork, Seen: l.Seen})
		}
	})
	if name := n.key.Name(); err == nil && m.follows(InDomain) && isRegistered(name) {
		err = m.count(m.below(ctx, n.key), n, func(l Link) {
			n.served.hosts++
			keep(l)
		})
	}
	return links, err
}

// count gives links to add until it has counted as many as are counted of one node.
func (m *mapper) count(links iter.Seq2[Link, error], n *node, add func(Link)) error {
	left := m.q.Count
	for l, err := range links {
		if err != nil {
			return err
		}
		if left--; left < 0 {
			n.served.more = true
			return nil
		}
		add(l)
	}
	return nil
}

// connect puts a link of n into the map, with the node at its other end.
func (m *mapper) connect(n *node, l Link) {
	e := m.edges[edgeKey{l.Owner, l.Target, l.Kind}]
	if e == nil {
		e = m.newEdge(n, l)
		if e == nil {
			return
		}
	}
	e.seen.same(l.Seen)
	if l.Kind != InDomain && l.Kind != InNetwork {
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
	e.to.links = append(e.to.links, e)
	m.edges[e.edgeKey] = e
	return e
}

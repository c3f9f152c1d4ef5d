package analysis

import (
	"context"
	"iter"
	"slices"

	"example.org/pdns/plugin/pkg/registered"
)

// expand finds the neighbours of a node: first what it serves, since of what serves
// too many not even that is followed which it has itself.
func (m *mapper) expand(ctx context.Context, n *node) error {
	if m.short = n.wide > m.again; m.short {
		n.state = Left
		m.notWholly(n)
		return nil
	}
	links, err := m.serves(ctx, n)
	if err != nil {
		return err
	}
	state := Expanded
	if n.served.links > len(links) || n.served.more {
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
	}
	n.state = state
	if state == Partly {
		m.notWholly(n)
	}
	for _, l := range links {
		m.connect(n, l)
	}
	if l, ok := m.place(n.key, n.known()); ok && (state != Shared || n.owned) {
		m.connect(n, l)
	}
	return nil
}

// notWholly notes which bound left out neighbours of a node.
func (m *mapper) notWholly(n *node) {
	if m.short {
		m.cuts.part("rdata", int64(m.q.Rdata), n)
	} else {
		m.cuts.part("neighbours", int64(m.q.Neighbours), n)
	}
}

// known is when a node was seen, by its edges: those of records, or else those of the
// names and addresses in it.
func (n *node) known() Seen {
	var byRecord, inside Seen
	for _, e := range n.links {
		if e.kind == InDomain || e.kind == InNetwork {
			inside.Add(e.seen)
		} else {
			byRecord.Add(e.seen)
		}
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
	return n.label != "" || s.domains > m.q.Domains || s.hosts > m.q.Domains
}

// served is what a node was found to serve.
type served struct {
	names   int // that have it by a record, or are in it
	domains int // registered domains of those that have it by a record
	hosts   int // names in a registered domain
	links   int // of these
	more    bool
}

// serves finds the links that lead to a node, at most as many as it may have
// neighbours, and counts what is behind it.
func (m *mapper) serves(ctx context.Context, n *node) ([]Link, error) {
	c := counter{n: n, most: m.q.Neighbours}
	leading := n.leading
	if m.q.AnyTime {
		leading = nil
	}
	err := m.count(m.backward(ctx, n.key, leading.within(m.window)), n, func(l Link) {
		if len(leading) == 0 || leading.overlap(l.Seen) {
			c.has(l)
		}
	})
	if name := n.key.Name(); err == nil && m.follows(InDomain) && registered.Is(name) {
		err = m.count(m.below(ctx, n.key), n, c.host)
	}
	if err != nil {
		n.served = served{}
		return nil, err
	}
	n.served.names, n.served.domains = c.names.len(), c.domains.len()
	return c.links, nil
}

// count gives links to add until it has counted as many as are counted of one node.
func (m *mapper) count(links iter.Seq2[Link, error], n *node, add func(Link)) error {
	left := m.q.Count
	for l, err := range links {
		if err != nil {
			return err
		}
		if left--; left < 0 || !m.pay(n.wide) {
			n.served.more = true
			return nil
		}
		add(l)
	}
	return nil
}

// A counter counts what a node serves, and keeps the links that the map may have.
type counter struct {
	n              *node
	most           int
	links          []Link
	names, domains nameSet
}

// has counts a link by a record. In place of those into a network the map has one
// link for each address in it.
func (c *counter) has(l Link) {
	c.names.add(l.Owner.Name())
	c.domains.add(registered.Domain(l.Owner.Name()))
	last := len(c.links) - 1
	switch {
	case c.n.key.Type() != "network":
		c.keep(l)
	case last >= 0 && c.links[last].Owner == l.Target:
		c.links[last].Add(l.Seen)
	default:
		c.keep(Link{Owner: l.Target, Target: c.n.key, Kind: InNetwork, Seen: l.Seen})
	}
}

// host counts a name in a registered domain.
func (c *counter) host(l Link) {
	c.names.add(l.Owner.Name())
	c.n.served.hosts++
	c.keep(l)
}

func (c *counter) keep(l Link) {
	if c.n.served.links++; len(c.links) < c.most {
		c.links = append(c.links, l)
	}
}

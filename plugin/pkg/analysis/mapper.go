package analysis

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"example.org/pdns/plugin/pkg/registered"
	"example.org/pdns/plugin/pkg/store"
)

// Map walks the history from the seeds, breadth-first, and returns what it found. It
// can be called concurrently. What its bounds leave out the graph says in Cut.
//
// An error that matches store.ErrIncomplete comes beside a graph of what could be
// read. With any other there is no graph: the query makes no sense, ctx has ended or
// the source cannot be read.
func Map(ctx context.Context, src store.Source, q MapQuery) (*Graph, error) {
	q, err := q.withDefaults()
	if err != nil {
		return nil, err
	}
	m := newMapper(src, &q)
	limited, cancel := context.WithTimeoutCause(ctx, q.Time, errTime)
	defer cancel()
	err = m.walk(limited)
	m.tell()
	if err != nil {
		return nil, err
	}
	return m.graph(), m.damage
}

// errTime ends a map that takes longer than it may.
var errTime = errors.New("the map takes longer than it may")

// A mapper makes one map.
type mapper struct {
	reader
	q     *MapQuery
	nodes map[Key]*node
	order []*node // by depth, as found
	edges map[edgeKey]*edge
	cuts  cuts
}

// A node is one of the map that is being made.
type node struct {
	key      Key
	domain   string // of a name
	depth    int
	state    State
	strength float64  // the score before it is divided by what the node serves
	serves   int      // registered domains, at least 1
	score    float64  // see Node.Score
	via      []string // see Node.Via
	links    []*edge
	owned    bool // an edge leads from it, or it is a seed
	// leading are the times of the edges that led here: what shares this node with
	// their owners does so at one of them.
	leading periods
	served  served
	wide    int    // members of the widest RRset that leads here, if that is wide
	label   string // of the range it lies in
}

// An edge is one of the map that is being made.
type edge struct {
	edgeKey
	from, to *node
	seen     Seen
}

type edgeKey struct {
	owner, target Key
	kind          Kind
}

func newMapper(src store.Source, q *MapQuery) *mapper {
	m := &mapper{
		reader: reader{src: src, kinds: q.Kinds, window: q.Window, most: q.RRsets, again: q.Rdata, progress: q.Progress},
		q:      q, nodes: map[Key]*node{}, edges: map[edgeKey]*edge{},
	}
	for _, k := range q.Seeds {
		if m.nodes[k] == nil {
			m.newNode(k, 0).owned = true
		}
	}
	return m
}

func (m *mapper) newNode(k Key, depth int) *node {
	n := &node{key: k, depth: depth, label: m.q.Ranges.Label(k.net)}
	if name := k.Name(); name != nil {
		n.domain = string(registered.Domain(name))
	}
	m.nodes[k] = n
	m.order = append(m.order, n)
	m.at.Nodes = len(m.order)
	return n
}

// walk expands the nodes of each depth, the strongest first, so that bounds leave out
// what says least.
func (m *mapper) walk(ctx context.Context) error {
	defer m.score()
	for depth := range m.q.Depth {
		m.score()
		level := m.level(depth)
		if len(level) == 0 { // so is every one that is deeper
			return nil
		}
		m.at.Depth = depth
		m.tell()
		for i, n := range level {
			err := ctx.Err()
			if err == nil {
				err = m.expand(ctx, n)
			}
			if errors.Is(err, errSpent) {
				m.cuts.stop("rrsets", int64(m.q.RRsets), m.unseen(level[i:]))
				return nil
			}
			if err != nil && context.Cause(ctx) == errTime {
				m.cuts.stop("time", m.q.Time.Milliseconds(), m.unseen(level[i:]))
				return nil
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// level is the nodes of a depth, the strongest first.
func (m *mapper) level(depth int) []*node {
	var level []*node
	for _, n := range m.order {
		if n.depth == depth {
			level = append(level, n)
		}
	}
	slices.SortFunc(level, compareNodes)
	return level
}

// compareNodes orders nodes by depth, then the strongest first.
func compareNodes(a, b *node) int {
	return cmp.Or(cmp.Compare(a.depth, b.depth), cmp.Compare(b.score, a.score), compareKeys(a.key, b.key))
}

// unseen marks the nodes that nobody looks at when the walk stops before some of a
// level, and returns them.
func (m *mapper) unseen(rest []*node) []*node {
	for _, n := range m.order {
		if n.depth == rest[0].depth+1 && n.depth < m.q.Depth {
			rest = append(rest, n)
		}
	}
	for _, n := range rest {
		n.state = Left
	}
	return rest
}

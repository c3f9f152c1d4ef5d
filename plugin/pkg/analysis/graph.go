package analysis

import (
	"cmp"
	"slices"

	"example.org/pdns/plugin/pkg/rrset"
)

// A Graph is the map of what hangs together with its seeds. As JSON it is one object
// with the keys below; times are Unix seconds, ids are those of Key.String.
type Graph struct {
	Seeds []string `json:"seeds"`
	Kinds []Kind   `json:"kinds"` // edges that were followed
	Depth int      `json:"depth"`
	Since int64    `json:"since,omitempty"` // the window that was asked for
	Until int64    `json:"until,omitempty"`

	// Nodes come by distance from the seeds, then the strongest first.
	Nodes []Node `json:"nodes"`
	// Edges come in the order of the nodes that they lead from.
	Edges []Edge `json:"edges"`
	// Shared are the ids of shared nodes, those of most domains first.
	Shared []string `json:"shared"`

	Cut  []Cut `json:"cut"` // what the bounds left out; empty: nothing
	Read int   `json:"rrsets_read"`
	// Incomplete, if not empty, says which part of the history could not be read.
	Incomplete string `json:"incomplete,omitempty"`
}

// A Node is a name, an address or a network in a map.
type Node struct {
	ID     string `json:"id"`
	Type   string `json:"type"`             // name, address or network
	Domain string `json:"domain,omitempty"` // the registered domain of a name
	Depth  int    `json:"depth"`            // edges from the nearest seed; 0: a seed
	State  State  `json:"state"`

	// Score, from 0 to 1, says how strongly a node is bound to the seeds, which have
	// 1. It comes from the nodes nearer to them that it has an edge with, whose scores
	// are taken for independent chances, 1 - (1-a)(1-b)..., so that sharing several
	// things adds up, and is divided by the square root of the number of registered
	// domains that the node serves: what is rare binds, what is common hardly does.
	// A seed passes on 1 divided in the same way, and a domain to the names in it its
	// score divided by the root of their number. Of a node that was not expanded
	// only the domains in the map count, so its score is the highest possible.
	Score float64 `json:"score"`
	// Via are the ids of the nodes nearer to the seeds that give most of the score,
	// the strongest first, at most five.
	Via []string `json:"via,omitempty"`

	// Seen covers the edges of the node; zero for a seed that was not seen.
	Seen

	// Names and Domains are how many names have this node as address, server, mail
	// exchange, target or domain, and how many registered domains these make: of the
	// nodes that were expanded and of shared ones. With More there are more.
	Names   int  `json:"names,omitempty"`
	Domains int  `json:"domains,omitempty"`
	More    bool `json:"more,omitempty"`

	// Range is what MapQuery.Ranges says that the address lies in.
	Range string `json:"range,omitempty"`

	Key Key `json:"-"`
}

// A State says what was done about a node.
type State string

// The states of a node.
const (
	Expanded State = "expanded" // all its neighbours are in the map
	Frontier State = "frontier" // at the depth that was asked for
	Shared   State = "shared"   // serves too many to say anything
	Partly   State = "partly"   // some neighbours were left out: see Cut
	Left     State = "left"     // not looked at: see Cut
	Unseen   State = "unseen"   // a seed of which nothing was seen in the window
)

// An Edge is a link between two nodes of a map.
type Edge struct {
	From string `json:"from"` // what has
	To   string `json:"to"`   // what it has
	Kind Kind   `json:"kind"`
	Seen
}

// graph is the map that was made.
func (m *mapper) graph() *Graph {
	g := &Graph{Kinds: m.kinds, Depth: m.q.Depth, Since: m.window.Since, Until: m.window.Until, Read: m.read,
		Seeds: []string{}, Nodes: []Node{}, Edges: []Edge{}, Shared: []string{}, Cut: []Cut{}}
	slices.SortFunc(m.order, compareNodes)
	var shared []*Node
	for _, n := range m.order {
		g.Nodes = append(g.Nodes, n.node())
		g.Edges = append(g.Edges, n.edgesFrom()...)
		if n.depth == 0 {
			g.Seeds = append(g.Seeds, n.key.String())
		}
	}
	for i := range g.Nodes {
		if g.Nodes[i].State == Shared {
			shared = append(shared, &g.Nodes[i])
		}
	}
	slices.SortStableFunc(shared, func(a, b *Node) int {
		return cmp.Or(cmp.Compare(b.Domains, a.Domains), cmp.Compare(b.Names, a.Names))
	})
	for _, n := range shared {
		g.Shared = append(g.Shared, n.ID)
	}
	for _, c := range m.cuts.all {
		g.Cut = append(g.Cut, *c)
	}
	if m.damage != nil {
		g.Incomplete = m.damage.Error()
	}
	return g
}

// node is n as the graph shows it.
func (n *node) node() Node {
	out := Node{ID: n.key.String(), Type: n.key.Type(), Depth: n.depth, State: n.state, Score: n.score, Via: n.via,
		Names: n.served.names, Domains: n.served.domains, More: n.served.more, Range: n.label, Seen: n.known(), Key: n.key}
	if n.domain != "" {
		out.Domain = rrset.NameString([]byte(n.domain))
	}
	switch {
	case n.state == "":
		out.State = Frontier
	case n.state == Expanded && len(n.links) == 0:
		out.State = Unseen
	}
	return out
}

// edgesFrom are the edges that lead from n, by kind and target.
func (n *node) edgesFrom() []Edge {
	var from []*edge
	for _, e := range n.links {
		if e.from == n {
			from = append(from, e)
		}
	}
	slices.SortFunc(from, func(a, b *edge) int {
		return cmp.Or(compareKinds(a.kind, b.kind), compareKeys(a.target, b.target))
	})
	edges := make([]Edge, len(from))
	for i, e := range from {
		edges[i] = Edge{From: e.owner.String(), To: e.target.String(), Kind: e.kind, Seen: e.seen}
	}
	return edges
}

package analysis

// A Cut says what a bound left out of a map.
type Cut struct {
	At    string `json:"at"`    // the bound: neighbours, nodes, rdata, rrsets or time
	Limit int64  `json:"limit"` // its value; of time in milliseconds
	// Nodes is how many nodes were not looked at, or not wholly; IDs are those of the
	// strongest, at most 20.
	Nodes int      `json:"nodes"`
	IDs   []string `json:"ids"`
	// Links is how many links were found to nodes that the map has no room for.
	Links int `json:"links,omitempty"`
}

const mostCutIDs = 20

// cuts are those of one map. Nodes come the strongest first.
type cuts struct {
	all     []*Cut
	crowded *node // the last for whose neighbours there was no room
}

func (c *cuts) at(bound string, limit int64) *Cut {
	for _, cut := range c.all {
		if cut.At == bound {
			return cut
		}
	}
	cut := &Cut{At: bound, Limit: limit, IDs: []string{}}
	c.all = append(c.all, cut)
	return cut
}

func (c *Cut) add(n *node) {
	if c.Nodes++; len(c.IDs) < mostCutIDs {
		c.IDs = append(c.IDs, n.key.String())
	}
}

// stop notes the nodes that a bound left when it ended the walk.
func (c *cuts) stop(bound string, limit int64, left []*node) {
	cut := c.at(bound, limit)
	for _, n := range left {
		cut.add(n)
	}
}

// part notes a node of which not all neighbours are in the map.
func (c *cuts) part(bound string, limit int64, n *node) { c.at(bound, limit).add(n) }

// full notes a link of a node that leads to one more node than the map may have.
func (c *cuts) full(limit int64, n *node) {
	cut := c.at("nodes", limit)
	cut.Links++
	if c.crowded != n {
		c.crowded = n
		cut.add(n)
	}
	if n.state == Expanded {
		n.state = Partly
	}
}

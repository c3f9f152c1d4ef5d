package drawing

import (
	"fmt"
	"strings"

	"example.org/pdns/plugin/pkg/analysis"
)

// Sizes of a picture, in the units of SVG.
const (
	boxWidth  = 280.0
	boxHeight = 52.0
	rowGap    = 10.0
	columnGap = 130.0 // room for curves
)

// A layout is a map as a picture shows it: boxes in columns by distance from the
// seeds, and lines between them.
type layout struct {
	columns     [][]*box // in the order of the picture
	lines       []*line
	first, last int64 // the whole time of all nodes
}

// A box is a node, or the rest of a column: nodes of one type that it has no room for.
type box struct {
	node   *analysis.Node // nil: the rest
	rest   []*analysis.Node
	column int
	x, y   float64 // of its left upper corner
	lines  []*line
}

// A line is an edge, or all edges of a kind between two boxes.
type line struct {
	from, to *box
	kind     analysis.Kind
	analysis.Seen
	edges int
	// Of all lines between its boxes, either way, this is the one with beside before it.
	beside int
	all    *int
}

// arrange lays out a map with at most most nodes in a column; 0: all.
func arrange(g *analysis.Graph, most int) *layout {
	l := &layout{}
	boxes := l.fill(g, most)
	l.connect(g, boxes)
	l.order()
	l.place()
	return l
}

func (l *layout) span(s analysis.Seen) {
	if s.Count == 0 {
		return
	}
	if l.first == 0 || s.First < l.first {
		l.first = s.First
	}
	l.last = max(l.last, s.Last)
}

// connect makes a line of all edges of a kind between two boxes. Edges inside a box are
// none.
func (l *layout) connect(g *analysis.Graph, boxes map[string]*box) {
	type ends struct {
		from, to *box
		kind     analysis.Kind
	}
	lines, between := map[ends]*line{}, map[[2]*box]*int{}
	for _, e := range g.Edges {
		k := ends{boxes[e.From], boxes[e.To], e.Kind}
		if k.from == nil || k.to == nil || k.from == k.to {
			continue
		}
		n := lines[k]
		if n == nil {
			n = &line{from: k.from, to: k.to, kind: k.kind, Seen: e.Seen, all: between[[2]*box{k.to, k.from}]}
			if n.all == nil {
				n.all = between[[2]*box{k.from, k.to}]
			}
			if n.all == nil {
				n.all = new(int)
				between[[2]*box{k.from, k.to}] = n.all
			}
			n.beside = *n.all
			*n.all++
			lines[k] = n
			l.lines = append(l.lines, n)
			k.from.lines = append(k.from.lines, n)
			k.to.lines = append(k.to.lines, n)
		} else {
			n.First, n.Last = min(n.First, e.First), max(n.Last, e.Last)
			n.Count += e.Count
		}
		n.edges++
	}
}

// other is the box at the other end of a line.
func (n *line) other(b *box) *box {
	if n.from == b {
		return n.to
	}
	return n.from
}

// score is that of the node, or of the strongest of the rest.
func (b *box) score() float64 {
	if b.node != nil {
		return b.node.Score
	}
	return b.rest[0].Score
}

// counted is what the rest of a column is: so many more of a type, of so many domains.
func (b *box) counted() string {
	t := b.rest[0].Type
	s := fmt.Sprintf("+%s", strings.Replace(plural(len(b.rest), t), " ", " more ", 1))
	if t != "name" {
		return s
	}
	domains := map[string]bool{}
	for _, n := range b.rest {
		domains[n.Domain] = true
	}
	return s + " (" + plural(len(domains), "domain") + ")"
}

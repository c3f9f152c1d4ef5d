package drawing

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"example.org/pdns/plugin/pkg/analysis"
)

// SVGOptions say how a picture is drawn. Zero values are defaults.
type SVGOptions struct {
	// Column is how many nodes of one distance from the seeds have a box of their own:
	// half of them the strongest, half those by turns that each branch has. The others
	// have one together for each type. Default 24; below 0: all.
	Column int
	// Title is the heading; default "What hangs together with" the seeds.
	Title string
	// ID is that of the <svg>, and the beginning of every other id in it, so that
	// several pictures can be in one page; a name of XML, default "pdns-map".
	ID string
}

const defaultColumn = 24

func (o SVGOptions) withDefaults(g *analysis.Graph) SVGOptions {
	o.Column = cmp.Or(o.Column, defaultColumn)
	o.ID = cmp.Or(o.ID, "pdns-map")
	if o.Title == "" {
		o.Title = "What hangs together with " + listed(g.Seeds, 3)
	}
	return o
}

// listed is the first of some, and how many more there are.
func listed(some []string, most int) string {
	if len(some) <= most {
		return strings.Join(some, ", ")
	}
	return strings.Join(some[:most], ", ") + " and " + comma(len(some)-most) + " more"
}

// SVG draws a map as an <svg> element, complete with its style, which stands as a file
// of its own, without an XML declaration, and inside HTML5. Columns are distances from
// the seeds, from left to right; in each, what is bound to the same things stands
// together, the strongest first. A bar in each box says when in the whole time of the
// map a node was seen, a <title> all that is known of it.
//
// It has no script and refers to nothing outside. Boxes are <g class="node"> with
// data-node, the ids of the nodes that they stand for as places in g.Nodes, separated by
// blanks; lines are <g class="edge"> with data-from and data-to, one such place each.
func SVG(w io.Writer, g *analysis.Graph, o SVGOptions) error {
	o = o.withDefaults(g)
	p := &svg{out: bufio.NewWriter(w), g: g, o: o, l: arrange(g, max(0, o.Column)), at: map[string]int{}}
	for i := range g.Nodes {
		p.at[g.Nodes[i].ID] = i
	}
	p.draw()
	return p.out.Flush()
}

// An svg is a picture that is being drawn.
type svg struct {
	out *bufio.Writer // its errors come again at the flush
	g   *analysis.Graph
	o   SVGOptions
	l   *layout
	at  map[string]int // places of nodes in the map
}

// printf writes a line; strings are escaped, those of type raw are not.
func (p *svg) printf(format string, args ...any) {
	for i, a := range args {
		if s, ok := a.(string); ok {
			args[i] = escaped(s)
		}
	}
	fmt.Fprintf(p.out, format+"\n", args...)
}

// raw is text that is markup already.
type raw string

const (
	margin     = 24.0
	headHeight = 96.0 // title, figures and the headings of columns
	lineHeight = 20.0
)

func (p *svg) draw() {
	width, height := 0.0, 0.0
	for _, c := range p.l.columns {
		for _, b := range c {
			b.x, b.y = b.x+margin, b.y+headHeight
			width, height = max(width, b.x+boxWidth), max(height, b.y+boxHeight)
		}
	}
	width = max(width+margin+columnGap/2, 2*boxWidth+columnGap+2*margin) // lines inside the last column bulge
	legend := p.legend(height+36, width)
	height = legend.bottom + margin
	p.printf(`<svg xmlns="http://www.w3.org/2000/svg" id="%s" class="pdns-map" role="group" aria-labelledby="%s-title" viewBox="0 0 %.0f %.0f" width="%.0f" height="%.0f">`,
		p.o.ID, p.o.ID, width, height, width, height)
	p.printf(`<title id="%s-title">%s</title>`, p.o.ID, p.o.Title)
	p.printf("<style>%s</style>", raw(pictureStyle))
	p.markers()
	p.printf(`<rect class="ground" width="%.0f" height="%.0f"/>`, width, height)
	p.printf(`<text class="title" x="%g" y="34">%s</text>`, margin, Shorten(p.o.Title, int(width/10)))
	p.printf(`<text class="small" x="%g" y="54">%s</text>`, margin, p.figures())
	p.headings()
	p.printf(`<g class="edges">`)
	for _, n := range p.l.lines {
		p.edge(n)
	}
	p.printf("</g>\n<g class=\"nodes\">")
	for _, c := range p.l.columns {
		for _, b := range c {
			p.box(b)
		}
	}
	p.printf("</g>\n%s</svg>", raw(legend.markup.String()))
}

// figures say how large the map is.
func (p *svg) figures() string {
	s := plural(len(p.g.Nodes), "node") + ", " + plural(len(p.g.Edges), "edge")
	if p.l.first != 0 {
		s += ", seen " + day(p.l.first) + " – " + day(p.l.last)
	}
	if hidden := p.hidden(); hidden != "" {
		s += "; " + hidden
	}
	if !slices.ContainsFunc(p.g.Nodes, func(n analysis.Node) bool { return n.State != analysis.Unseen }) {
		s += ": nothing was seen"
	}
	return s
}

func (p *svg) headings() {
	for _, c := range p.l.columns {
		text, b := "seeds", c[0]
		n := b.node
		if n == nil {
			n = b.rest[0]
		}
		if n.Depth > 0 {
			text = plural(n.Depth, "step") + " away"
		}
		p.printf(`<text class="small" x="%.1f" y="%g">%s</text>`, b.x, headHeight-12, text)
	}
}

// places are those of the nodes of a box.
func (p *svg) places(b *box) raw {
	if b.node != nil {
		return raw(fmt.Sprint(p.at[b.node.ID]))
	}
	texts := make([]string, len(b.rest))
	for i, n := range b.rest {
		texts[i] = fmt.Sprint(p.at[n.ID])
	}
	return raw(strings.Join(texts, " "))
}

// place is that of the first node of a box, by which lines name it.
func (p *svg) place(b *box) int {
	if b.node != nil {
		return p.at[b.node.ID]
	}
	return p.at[b.rest[0].ID]
}

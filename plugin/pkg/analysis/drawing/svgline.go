package drawing

import (
	"fmt"
	"math"

	"example.org/pdns/plugin/pkg/analysis"
)

// markers declares the heads of arrows, one for each kind, since not every program that
// shows SVG lets them take the colour of their line.
func (p *svg) markers() {
	p.printf("<defs>")
	for _, k := range analysis.Kinds() {
		p.printf(`<marker id="%s-%s" class="head %s" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto-start-reverse"><path d="M0 0 L8 4 L0 8 Z"/></marker>`,
			p.o.ID, string(k), string(k))
	}
	p.printf("</defs>")
}

// edge draws a line with its arrow at what is had.
func (p *svg) edge(n *line) {
	weaker := min(n.from.score(), n.to.score())
	p.printf(`<g class="edge %s" data-from="%d" data-to="%d"><title>%s</title><path d="%s" stroke-width="%.2f" stroke-opacity="%.2f" marker-end="url(#%s-%s)"/></g>`,
		string(n.kind), p.place(n.from), p.place(n.to), p.says(n), raw(course(n)),
		1+min(2.5, math.Log10(float64(n.edges))), 0.45+0.55*weaker, p.o.ID, string(n.kind))
}

// says is what a line means.
func (p *svg) says(n *line) string {
	s := fmt.Sprintf("%s %s %s", p.called(n.from), kindWords[n.kind], p.called(n.to))
	if n.edges > 1 {
		s += "\n" + plural(n.edges, "edge")
	}
	if n.Count > 0 {
		s += "\n" + stamp(n.First) + " – " + stamp(n.Last) + ", " + sightings(n.Count)
	}
	return s
}

func (p *svg) called(b *box) string {
	if b.node != nil {
		return b.node.ID
	}
	return b.counted()
}

// kindWords say what an edge means, from what has to what is had.
var kindWords = map[analysis.Kind]string{
	analysis.HasAddress: "had the address",
	analysis.HasServer:  "had the name server",
	analysis.HasMail:    "had the mail exchange",
	analysis.IsAlias:    "was an alias of",
	analysis.HasService: "had the service at",
	analysis.InDomain:   "is in the domain",
	analysis.InNetwork:  "is in the network",
}

// course is the path of a line: a curve between the sides that face each other, or an
// arc beside a column.
func course(n *line) string {
	a, b := n.from, n.to
	y1, y2 := a.y+boxHeight/2+n.shift(), b.y+boxHeight/2+n.shift()
	if a.column == b.column {
		x := a.x + boxWidth
		bulge := x + min(columnGap/2+20, 30+math.Abs(y2-y1)/12)
		return fmt.Sprintf("M%.1f %.1f C%.1f %.1f %.1f %.1f %.1f %.1f", x, y1, bulge, y1, bulge, y2, x, y2)
	}
	x1, x2, bend := a.x+boxWidth, b.x, columnGap*0.6
	if a.column > b.column {
		x1, x2, bend = a.x, b.x+boxWidth, -bend
	}
	return fmt.Sprintf("M%.1f %.1f C%.1f %.1f %.1f %.1f %.1f %.1f", x1, y1, x1+bend, y1, x2-bend, y2, x2, y2)
}

// shift keeps lines of several kinds between the same boxes apart.
func (n *line) shift() float64 {
	return (float64(n.beside) - float64(*n.all-1)/2) * 8
}

package drawing

import (
	"fmt"
	"strings"

	"example.org/pdns/plugin/pkg/analysis"
)

// How many characters fit into a box, of its first line and of its second.
const (
	labelWidth  = 35
	figureWidth = 41
)

// box draws a node or the rest of a column.
func (p *svg) box(b *box) {
	if b.node == nil {
		p.rest(b)
		return
	}
	n := b.node
	p.printf(`<g class="node%s" data-node="%s" transform="translate(%.1f %.1f)" tabindex="0" role="img" aria-label="%s">`,
		raw(classes(n)), p.places(b), b.x, b.y, strings.ReplaceAll(told(n), "\n", ", "))
	p.printf("<title>%s</title>", told(n))
	p.shape(n.Type, 1+2*n.Score, 0.4+0.6*n.Score)
	p.printf(`<text class="label" x="14" y="20">%s</text>`, Shorten(n.ID, labelWidth))
	right := served(n)
	left := between(n.Seen)
	if n.State == analysis.Unseen {
		left = "not seen"
	}
	left = Shorten(left, max(1, figureWidth-len([]rune(right))-1))
	p.printf(`<text class="small" x="14" y="36">%s</text>`, left)
	p.printf(`<text class="small end" x="%g" y="36">%s</text>`, boxWidth-14, right)
	p.timeBar(n.Seen)
	p.printf("</g>")
}

// rest draws the box of what a column has no room for.
func (p *svg) rest(b *box) {
	text := b.counted()
	var seen analysis.Seen
	for _, n := range b.rest {
		if n.Count > 0 && (seen.Count == 0 || n.First < seen.First) {
			seen.First = n.First
		}
		seen.Last = max(seen.Last, n.Last)
		seen.Count += n.Count
	}
	var names []string
	for _, n := range b.rest {
		names = append(names, n.ID)
	}
	title := text + "\n" + strings.Join(names[:min(len(names), 20)], "\n")
	if more := len(names) - 20; more > 0 {
		title += fmt.Sprintf("\nand %s more", comma(more))
	}
	p.printf(`<g class="node rest" data-node="%s" transform="translate(%.1f %.1f)" tabindex="0" role="img" aria-label="%s">`, p.places(b), b.x, b.y, text)
	p.printf("<title>%s</title>", title)
	p.printf(`<rect class="stack" x="6" y="5" width="%g" height="%g" rx="6"/>`, boxWidth, boxHeight)
	p.shape("name", 1, 0.6)
	p.printf(`<text class="label" x="14" y="20">%s</text>`, Shorten(text, labelWidth))
	p.printf(`<text class="small" x="14" y="36">%s</text>`, between(seen))
	p.printf(`<text class="small end" x="%g" y="36">score to %.2f</text>`, boxWidth-14, b.score())
	p.timeBar(seen)
	p.printf("</g>")
}

// shape draws the outline of a node of a type: names have square ends, addresses round
// ones, networks pointed ones.
func (p *svg) shape(nodeType string, width, opacity float64) {
	const w, h = boxWidth, boxHeight
	look := raw(fmt.Sprintf(`class="shape" stroke-width="%.2f" stroke-opacity="%.2f"`, width, opacity))
	switch nodeType {
	case "address":
		p.printf(`<rect %s width="%g" height="%g" rx="%g"/>`, look, w, h, h/2)
	case "network":
		p.printf(`<path %s d="M0 %g L12 0 H%g L%g %g L%g %g H12 Z"/>`, look, h/2, w-12, w, h/2, w-12, h)
	default:
		p.printf(`<rect %s width="%g" height="%g" rx="6"/>`, look, w, h)
	}
}

// timeBar draws when, in the whole time of the map, something was seen.
func (p *svg) timeBar(s analysis.Seen) {
	const left, width = 22.0, boxWidth - 44
	p.printf(`<rect class="track" x="%g" y="42" width="%g" height="4"/>`, left, width)
	if s.Count == 0 {
		return
	}
	whole := float64(max(1, p.l.last-p.l.first))
	from, to := float64(s.First-p.l.first)/whole*width, float64(s.Last-p.l.first)/whole*width
	from = min(from, width-2) // a moment is to be seen too
	p.printf(`<rect class="time" x="%.1f" y="42" width="%.1f" height="4"/>`, left+from, max(2, to-from))
}

// classes are those of a node beside its own.
func classes(n *analysis.Node) string {
	s := " " + n.Type
	if n.Depth == 0 {
		s += " seed"
	}
	switch n.State {
	case analysis.Shared:
		s += " shared"
	case analysis.Partly, analysis.Left:
		s += " cut"
	}
	return s
}

// served is what the second line of a box says at its end: of what is shared how many
// it serves, else the score.
func served(n *analysis.Node) string {
	var parts []string
	switch {
	case n.Domains > 0 && (n.Domains > 1 || n.More || n.State == analysis.Shared):
		more := ""
		if n.More {
			more = "+"
		}
		parts = append(parts, strings.Replace(plural(n.Domains, "domain"), " ", more+" ", 1))
	case n.State == analysis.Shared:
		parts = append(parts, "shared")
	}
	if n.State != analysis.Shared && n.Depth > 0 && n.Domains < 10_000 { // else there is no room
		parts = append(parts, fmt.Sprintf("%.2f", n.Score))
	}
	return strings.Join(parts, " ")
}

// told is all that is known of a node, a line each.
func told(n *analysis.Node) string {
	lines := []string{n.ID, fmt.Sprintf("%s, %s", n.Type, stateWords[n.State])}
	if n.Domain != "" && n.Domain != n.ID {
		lines = append(lines, "in "+n.Domain)
	}
	if n.Count > 0 {
		lines = append(lines, stamp(n.First)+" – "+stamp(n.Last)+", "+sightings(n.Count))
	}
	if n.Depth > 0 {
		lines = append(lines, fmt.Sprintf("score %.3f, %s from the seeds", n.Score, plural(n.Depth, "step")))
	}
	if len(n.Via) > 0 {
		lines = append(lines, "bound by "+strings.Join(n.Via, ", "))
	}
	if names, domains := counted(n.Names, "name", n.More), counted(n.Domains, "domain", n.More); domains != "" {
		lines = append(lines, "serves "+names+" of "+domains)
	} else if names != "" {
		lines = append(lines, "serves "+names)
	}
	if n.Range != "" {
		lines = append(lines, "lies in "+n.Range)
	}
	return strings.Join(lines, "\n")
}

// stateWords say what was done about a node.
var stateWords = map[analysis.State]string{
	analysis.Expanded: "all that it leads to is in the map",
	analysis.Frontier: "at the end of the map",
	analysis.Shared:   "shared infrastructure, not followed",
	analysis.Partly:   "cut: some that it leads to was left out",
	analysis.Left:     "cut: not looked at",
	analysis.Unseen:   "not seen",
}

func sightings(n uint64) string {
	if n == 1 {
		return "1 sighting"
	}
	return commaU(n) + " sightings"
}

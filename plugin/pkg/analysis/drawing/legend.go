package drawing

import (
	"fmt"
	"slices"
	"strings"

	"example.org/pdns/plugin/pkg/analysis"
)

// A legend says what a picture's signs mean, and what is not in it.
type legend struct {
	markup strings.Builder
	bottom float64
}

// legend is that of a picture, from a height on.
func (p *svg) legend(top, width float64) *legend {
	l := &legend{bottom: top}
	x := margin
	entry := func(sign string, room float64, text string) {
		length := room + float64(len([]rune(text)))*6.6 + 22
		if x+length > width-margin && x > margin {
			x, l.bottom = margin, l.bottom+lineHeight
		}
		fmt.Fprintf(&l.markup, `<g transform="translate(%.1f %.1f)">%s<text class="small" x="%g" y="4">%s</text></g>`+"\n", x, l.bottom, sign, room+6, escaped(text))
		x += length
	}
	for _, k := range analysis.Kinds() {
		if slices.ContainsFunc(p.l.lines, func(n *line) bool { return n.kind == k }) {
			entry(fmt.Sprintf(`<g class="edge %s"><path d="M0 0 H34" stroke-width="1.5" marker-end="url(#%s-%s)"/></g>`, k, escaped(p.o.ID), k), 34, legendWords[k])
		}
	}
	x, l.bottom = margin, l.bottom+lineHeight
	shape := func(class, rest string) string {
		return fmt.Sprintf(`<g class="node %s"><rect class="shape" y="-7" width="26" height="14" %s/></g>`, class, rest)
	}
	entry(shape("name seed", `rx="3" stroke-width="3"`), 26, "seed")
	entry(shape("name", `rx="3"`), 26, "name")
	entry(shape("address", `rx="7"`), 26, "address")
	if slices.ContainsFunc(p.g.Nodes, func(n analysis.Node) bool { return n.Type == "network" }) {
		entry(`<g class="node network"><path class="shape" d="M0 0 L6 -7 H20 L26 0 L20 7 H6 Z"/></g>`, 26, "network")
	}
	if len(p.g.Shared) > 0 {
		entry(shape("shared", `rx="7"`), 26, "shared infrastructure, not followed")
	}
	if len(p.g.Cut) > 0 {
		entry(shape("name cut", `rx="3"`), 26, "not looked at, or not wholly")
	}
	entry(`<rect class="track" y="-2" width="60" height="4"/><rect class="time" x="20" y="-2" width="25" height="4"/>`, 60, p.wholeTime())
	for _, text := range Missing(p.g) {
		l.bottom += lineHeight
		fmt.Fprintf(&l.markup, `<text class="warning" x="%g" y="%.1f">%s</text>`+"\n", margin, l.bottom+4, escaped(Shorten(text, int((width-2*margin)/7))))
	}
	return l
}

// wholeTime is what the bars mean.
func (p *svg) wholeTime() string {
	if p.l.first == 0 {
		return "when it was seen"
	}
	return "when it was seen, from " + day(p.l.first) + " to " + day(p.l.last) + "; numbers are scores, 0 to 1"
}

var legendWords = map[analysis.Kind]string{
	analysis.HasAddress: "address", analysis.HasServer: "name server", analysis.HasMail: "mail exchange",
	analysis.IsAlias: "alias of", analysis.HasService: "HTTPS service", analysis.InDomain: "in the domain",
	analysis.InNetwork: "in the network",
}

// hidden says how many nodes have no box of their own; empty: all have.
func (p *svg) hidden() string {
	hidden := 0
	for _, c := range p.l.columns {
		for _, b := range c {
			hidden += len(b.rest)
		}
	}
	if hidden == 0 {
		return ""
	}
	return plural(hidden, "node") + " more in boxes that count them"
}

// Missing says for people, a line each, what bounds and damage left out of a map; none
// if it is whole.
func Missing(g *analysis.Graph) (lines []string) {
	for _, c := range g.Cut {
		s := fmt.Sprintf("Cut: %s %s", plural(c.Nodes, "node"), cutWords[c.At])
		if c.At == "time" {
			s += fmt.Sprintf(" (%g s)", float64(c.Limit)/1000)
		} else {
			s += fmt.Sprintf(" (%s)", comma(int(c.Limit)))
		}
		if c.Links > 0 {
			s += ", " + plural(c.Links, "link")
		}
		lines = append(lines, s+": "+listed(c.IDs, 3))
	}
	if g.Incomplete != "" {
		lines = append(lines, "Not the whole history could be read: "+g.Incomplete)
	}
	return lines
}

// cutWords say what a bound left out.
var cutWords = map[string]string{
	"neighbours": "with more neighbours than are taken of one",
	"nodes":      "with neighbours for which the map has no room",
	"rdata":      "in RRsets of so many members that who shares these was not looked for",
	"rrsets":     "not looked at since enough RRsets were read",
	"time":       "not looked at when the time was over",
}

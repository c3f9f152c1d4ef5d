package main

import (
	"bufio"
	"fmt"
	"slices"
	"strings"
	"time"

	"example.org/pdns/plugin/pkg/analysis"
	"example.org/pdns/plugin/pkg/analysis/drawing"
)

// A tree is a map as people see it: each node below the one that binds it most.
type tree struct {
	p        *program
	out      *bufio.Writer
	most     int // branches of a node; 0: all
	width    int // columns of a line; 0: any
	children map[string][]*analysis.Node
	bonds    map[string]map[string]string // between nodes, both ways: what the edge says
}

func (p *program) drawTree(out *bufio.Writer, g *analysis.Graph, most int) {
	t := tree{p: p, out: out, most: most, width: p.width(), children: map[string][]*analysis.Node{}, bonds: map[string]map[string]string{}}
	depth := map[string]int{}
	for _, n := range g.Nodes {
		depth[n.ID] = n.Depth
	}
	for _, e := range g.Edges {
		t.bind(e.From, e.To, "→"+string(e.Kind))
		t.bind(e.To, e.From, "←"+string(e.Kind))
	}
	for i := range g.Nodes {
		n := &g.Nodes[i]
		if above := t.above(n, depth); above != "" {
			t.children[above] = append(t.children[above], n)
		}
	}
	for i := range g.Nodes {
		if n := &g.Nodes[i]; n.Depth == 0 {
			t.line("", n)
			t.branches(n, "")
		}
	}
}

// bind notes an edge as it is seen from a; the first of two nodes counts.
func (t *tree) bind(a, b, says string) {
	if t.bonds[a] == nil {
		t.bonds[a] = map[string]string{}
	}
	if t.bonds[a][b] == "" {
		t.bonds[a][b] = says
	}
}

// above is the node below which another is shown; none for a seed.
func (t *tree) above(n *analysis.Node, depth map[string]int) string {
	if n.Depth == 0 {
		return ""
	}
	for _, id := range n.Via {
		if depth[id] < n.Depth {
			return id
		}
	}
	least := ""
	for id := range t.bonds[n.ID] { // nothing binds it: any will do, always the same
		if depth[id] < n.Depth && (least == "" || id < least) {
			least = id
		}
	}
	return least
}

// branches draws what is below a node.
func (t *tree) branches(n *analysis.Node, indent string) {
	below := t.children[n.ID]
	shown := below
	if t.most > 0 && len(below) > t.most {
		shown = below[:t.most]
	}
	for i, c := range shown {
		branch, further := "├─ ", "│  "
		if i == len(below)-1 {
			branch, further = "└─ ", "   "
		}
		t.line(indent+branch+t.bonds[n.ID][c.ID]+" ", c)
		t.branches(c, indent+further)
	}
	if more := len(below) - len(shown); more > 0 {
		fmt.Fprintln(t.out, cutLine(fmt.Sprintf("%s└─ and %s more", indent, number(more)), t.width))
	}
}

// leastName is how much of a name is shown before figures are left out for it.
const leastName = 20

// line draws a node behind what is before it. Where there is no room, figures are left
// out, those that say least first, and then the name is cut.
func (t *tree) line(before string, n *analysis.Node) {
	name, parts := printable(n.ID), figures(n)
	least := min(leastName, columnsOf(name))
	for t.width > 0 && len(parts) > 0 && columnsOf(before)+least+columnsOf(joined(parts)) > t.width {
		last := 0
		for i := range parts {
			if parts[i].rank >= parts[last].rank {
				last = i
			}
		}
		parts = slices.Delete(parts, last, last+1)
	}
	behind := joined(parts)
	name = fit(name, t.width, columnsOf(before)+columnsOf(behind), 1)
	if t.width > 0 && columnsOf(before)+columnsOf(name) > t.width {
		fmt.Fprintln(t.out, cutLine(before+name, t.width))
		return
	}
	switch {
	case n.Depth == 0:
		name = t.p.paint(bold, name)
	case n.State == analysis.Shared:
		name = t.p.paint(dim, name)
	}
	fmt.Fprintln(t.out, before+name+behind)
}

// A part is a figure of a node; of those with the highest rank there is least to tell.
type part struct {
	text string
	rank int
}

func joined(parts []part) string {
	var b strings.Builder
	for _, p := range parts {
		b.WriteString(p.text)
	}
	return b.String()
}

// figures say what is known of a node.
func figures(n *analysis.Node) (parts []part) {
	add := func(rank int, format string, args ...any) {
		parts = append(parts, part{fmt.Sprintf(format, args...), rank})
	}
	if n.Count > 0 {
		add(4, "  %s..%s", day(n.First), day(n.Last))
	}
	if n.Depth > 0 {
		add(2, "  %.2f", n.Score)
	}
	if more := len(n.Via) - 1; more > 0 {
		add(3, " +%d", more)
	}
	if serves := drawing.Serves(n); serves != "" && (n.Domains > 1 || n.More || n.State == analysis.Shared) {
		add(1, "  %s", serves)
	}
	if n.Range != "" {
		add(5, "  in %s", printable(n.Range))
	}
	switch n.State {
	case analysis.Shared, analysis.Unseen:
		add(0, "  %s", string(n.State))
	case analysis.Partly, analysis.Left:
		add(0, "  cut")
	}
	return parts
}

func day(u int64) string { return time.Unix(u, 0).UTC().Format(time.DateOnly) }

package main

import (
	"bufio"
	"fmt"
	"time"

	"example.org/pdns/plugin/pkg/analysis"
	"example.org/pdns/plugin/pkg/analysis/drawing"
)

// A tree is a map as people see it: each node below the one that binds it most.
type tree struct {
	p        *program
	out      *bufio.Writer
	width    int // branches of a node; 0: all
	children map[string][]*analysis.Node
	bonds    map[string]map[string]string // between nodes, both ways: what the edge says
}

func (p *program) drawTree(out *bufio.Writer, g *analysis.Graph, width int) {
	t := tree{p: p, out: out, width: width, children: map[string][]*analysis.Node{}, bonds: map[string]map[string]string{}}
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
			out.WriteString(p.paint(bold, printable(n.ID)) + t.figures(n) + "\n")
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
	if t.width > 0 && len(below) > t.width {
		shown = below[:t.width]
	}
	for i, c := range shown {
		branch, further := "├─ ", "│  "
		if i == len(below)-1 {
			branch, further = "└─ ", "   "
		}
		fmt.Fprintf(t.out, "%s%s%s %s%s\n", indent, branch, t.bonds[n.ID][c.ID], t.label(c), t.figures(c))
		t.branches(c, indent+further)
	}
	if more := len(below) - len(shown); more > 0 {
		fmt.Fprintf(t.out, "%s└─ and %s more\n", indent, number(more))
	}
}

func (t *tree) label(n *analysis.Node) string {
	if n.State == analysis.Shared {
		return t.p.paint(dim, printable(n.ID))
	}
	return printable(n.ID)
}

// figures say what is known of a node.
func (t *tree) figures(n *analysis.Node) string {
	s := ""
	if n.Count > 0 {
		s = fmt.Sprintf("  %s..%s", day(n.First), day(n.Last))
	}
	if n.Depth > 0 {
		s += fmt.Sprintf("  %.2f", n.Score)
	}
	if more := len(n.Via) - 1; more > 0 {
		s += fmt.Sprintf(" +%d", more)
	}
	if n.Domains > 1 || n.More {
		s += "  " + drawing.Domains(n) + " domains"
	}
	if n.Range != "" {
		s += "  in " + printable(n.Range)
	}
	switch n.State {
	case analysis.Shared, analysis.Unseen:
		s += "  " + string(n.State)
	case analysis.Partly, analysis.Left:
		s += "  cut"
	}
	return s
}

func day(u int64) string { return time.Unix(u, 0).UTC().Format(time.DateOnly) }

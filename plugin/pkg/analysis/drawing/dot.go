package drawing

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"example.org/pdns/plugin/pkg/analysis"
)

// shapes of nodes by type.
var shapes = map[string]string{"name": "box", "address": "ellipse", "network": "hexagon"}

func writeDOT(w io.Writer, g *analysis.Graph) error {
	out := bufio.NewWriter(w)
	out.WriteString("digraph map {\n  rankdir=LR;\n  node [style=filled, fillcolor=white];\n")
	for i := range g.Nodes {
		n := &g.Nodes[i]
		label := n.ID
		if serves := Serves(n); serves != "" && (n.Domains > 1 || n.State == analysis.Shared) {
			label += "\n" + serves
		}
		fmt.Fprintf(out, "  %s [label=%s, shape=%s, fillcolor=%q, penwidth=%.2f];\n", quoted(n.ID), quoted(label), shapes[n.Type], fill(n), 1+3*n.Score)
	}
	for _, e := range g.Edges {
		fmt.Fprintf(out, "  %s -> %s [label=%s];\n", quoted(e.From), quoted(e.To), quoted(string(e.Kind)+"\n"+stamp(e.First)[:10]+" "+stamp(e.Last)[:10]))
	}
	out.WriteString("}\n")
	return out.Flush()
}

// fill is the colour of a node.
func fill(n *analysis.Node) string {
	switch {
	case n.Depth == 0:
		return "gold"
	case n.State == analysis.Shared:
		return "lightgrey"
	}
	return "white"
}

// quoted is a string of the DOT language; a newline is one of the label.
func quoted(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s) + `"`
}

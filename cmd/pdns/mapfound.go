package main

import (
	"slices"
	"strings"

	"example.org/pdns/plugin/pkg/analysis"
)

// mapFound reports whether a map has something: edges, or a seed that serves names too
// many to follow. Of one that a bound cut nobody can say that it has nothing.
func mapFound(g *analysis.Graph) bool {
	return len(g.Edges) > 0 || len(g.Cut) > 0 || slices.ContainsFunc(g.Nodes, func(n analysis.Node) bool { return n.Names > 0 || n.More })
}

// sayShared tells how to follow seeds that are shared: who asks for a seed wants to see
// what hangs together with it.
func (p *program) sayShared(g *analysis.Graph) {
	var shared []string
	for i := range g.Nodes {
		if n := &g.Nodes[i]; n.Depth == 0 && n.State == analysis.Shared && (n.Names > 0 || n.More) {
			shared = append(shared, n.ID)
		}
	}
	const most = 3
	switch {
	case len(shared) > most:
		p.say("%s are shared, so that what they serve is left out: --expand all follows it", plural(len(shared), "seed"))
	case len(shared) > 0:
		p.say("shared, so that what it serves is left out: %s; --expand %s follows it", strings.Join(shared, ", "), strings.Join(shared, ","))
	}
}

package drawing

import (
	"encoding/csv"
	"strconv"
	"strings"

	"example.org/pdns/plugin/pkg/analysis"
)

// nodeTable has a line for each node, with what STIX has no property for.
func nodeTable(g *analysis.Graph) string {
	return table(func(row func(...string)) {
		row("node", "type", "depth", "state", "score", "time_first", "time_last", "count", "names", "domains", "more", "range", "via")
		for i := range g.Nodes {
			n := &g.Nodes[i]
			first, last := "", ""
			if n.Count > 0 {
				first, last = stamp(n.First), stamp(n.Last)
			}
			row(cell(n.ID), n.Type, strconv.Itoa(n.Depth), string(n.State), score(n), first, last, strconv.FormatUint(n.Count, 10),
				strconv.Itoa(n.Names), strconv.Itoa(n.Domains), strconv.FormatBool(n.More), cell(n.Range), cell(strings.Join(n.Via, " ")))
		}
	})
}

// edgeTable has a line for each edge.
func edgeTable(edges []analysis.Edge) string {
	return table(func(row func(...string)) {
		row("source", "target", "kind", "time_first", "time_last", "count")
		for _, e := range edges {
			row(cell(e.From), cell(e.To), string(e.Kind), stamp(e.First), stamp(e.Last), strconv.FormatUint(e.Count, 10))
		}
	})
}

func table(fill func(row func(...string))) string {
	var b strings.Builder
	out := csv.NewWriter(&b) // a builder takes everything
	fill(func(cells ...string) { out.Write(cells) })
	out.Flush()
	return b.String()
}

package drawing

import (
	"encoding/csv"
	"strconv"
	"strings"

	"example.org/pdns/plugin/pkg/analysis"
)

// nodeTable has a line for each node, with what STIX has no property for.
func nodeTable(g *analysis.Graph) string {
	rows := [][]string{{"node", "type", "depth", "state", "score", "time_first", "time_last", "count", "names", "domains", "more", "range", "via"}}
	for i := range g.Nodes {
		n := &g.Nodes[i]
		first, last := "", ""
		if n.Count > 0 {
			first, last = stamp(n.First), stamp(n.Last)
		}
		rows = append(rows, []string{cell(n.ID), n.Type, strconv.Itoa(n.Depth), string(n.State), score(n), first, last,
			strconv.FormatUint(n.Count, 10), strconv.Itoa(n.Names), strconv.Itoa(n.Domains), strconv.FormatBool(n.More), cell(n.Range), cell(strings.Join(n.Via, " "))})
	}
	return table(rows)
}

// edgeTable has a line for each edge.
func edgeTable(edges []analysis.Edge) string {
	rows := [][]string{{"source", "target", "kind", "time_first", "time_last", "count"}}
	for _, e := range edges {
		rows = append(rows, []string{cell(e.From), cell(e.To), string(e.Kind), stamp(e.First), stamp(e.Last), strconv.FormatUint(e.Count, 10)})
	}
	return table(rows)
}

func table(rows [][]string) string {
	var b strings.Builder
	csv.NewWriter(&b).WriteAll(rows) // a builder takes everything
	return b.String()
}

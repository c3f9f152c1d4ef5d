package drawing

import (
	"encoding/csv"
	"io"
	"strconv"

	"example.org/pdns/plugin/pkg/analysis"
)

var csvHeader = []string{"source", "target", "kind", "time_first", "time_last", "count",
	"source_type", "source_score", "target_type", "target_score"}

func writeCSV(w io.Writer, g *analysis.Graph) error {
	nodes := map[string]*analysis.Node{}
	for i := range g.Nodes {
		nodes[g.Nodes[i].ID] = &g.Nodes[i]
	}
	out := csv.NewWriter(w)
	out.Write(csvHeader) // an error comes again at the flush
	for _, e := range g.Edges {
		from, to := nodes[e.From], nodes[e.To]
		out.Write([]string{e.From, e.To, string(e.Kind), stamp(e.First), stamp(e.Last), strconv.FormatUint(e.Count, 10),
			from.Type, score(from), to.Type, score(to)})
	}
	out.Flush()
	return out.Error()
}

func score(n *analysis.Node) string { return strconv.FormatFloat(n.Score, 'f', 3, 64) }

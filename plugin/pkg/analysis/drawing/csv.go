package drawing

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"

	"example.org/pdns/plugin/pkg/analysis"
)

var csvHeader = []string{"source", "target", "kind", "time_first", "time_last", "count",
	"source_type", "source_score", "target_type", "target_score"}

// writeCSV writes an edge a line. Of names and addresses nothing can be a formula: see
// cell.
func writeCSV(w io.Writer, g *analysis.Graph) error {
	nodes := map[string]*analysis.Node{}
	for i := range g.Nodes {
		nodes[g.Nodes[i].ID] = &g.Nodes[i]
	}
	out := csv.NewWriter(w)
	out.Write(csvHeader) // an error comes again at the flush
	for _, e := range g.Edges {
		from, to := nodes[e.From], nodes[e.To]
		out.Write([]string{cell(e.From), cell(e.To), string(e.Kind), stamp(e.First), stamp(e.Last), strconv.FormatUint(e.Count, 10),
			from.Type, score(from), to.Type, score(to)})
	}
	out.Flush()
	return out.Error()
}

// cell is a text that spreadsheets show and do not run: an apostrophe is put before what
// begins with =, +, -, @, a tab or a carriage return (OWASP, CSV Injection), and before an
// apostrophe, so that who takes one away has every text as it was.
func cell(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r'", rune(text[0])) {
		return "'" + text
	}
	return text
}

func score(n *analysis.Node) string { return strconv.FormatFloat(n.Score, 'f', 3, 64) }

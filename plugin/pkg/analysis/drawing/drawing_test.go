package drawing_test

import (
	"encoding/csv"
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"example.org/pdns/plugin/pkg/analysis"
	"example.org/pdns/plugin/pkg/analysis/drawing"
)

// small is a map with an odd name and a shared address.
var small = &analysis.Graph{
	Nodes: []analysis.Node{
		{ID: `a\"b.example.`, Type: "name", Domain: `a\"b.example.`, State: analysis.Expanded, Score: 1, Seen: analysis.Seen{First: 1564653600, Last: 1564740000, Count: 2}},
		{ID: "192.0.2.1", Type: "address", Depth: 1, State: analysis.Shared, Score: 0.125, Names: 90, Domains: 64, More: true,
			Seen: analysis.Seen{First: 1564653600, Last: 1564740000, Count: 2}},
	},
	Edges: []analysis.Edge{{From: `a\"b.example.`, To: "192.0.2.1", Kind: analysis.HasAddress, Seen: analysis.Seen{First: 1564653600, Last: 1564740000, Count: 2}}},
}

func TestWrite(t *testing.T) {
	tests := map[string]string{
		"dot": `digraph map {
  rankdir=LR;
  node [style=filled, fillcolor=white];
  "a\\\"b.example." [label="a\\\"b.example.", shape=box, fillcolor="gold", penwidth=4.00];
  "192.0.2.1" [label="192.0.2.1\nmore than 64 domains", shape=ellipse, fillcolor="lightgrey", penwidth=1.38];
  "a\\\"b.example." -> "192.0.2.1" [label="address\n2019-08-01 2019-08-02"];
}
`,
		"csv": `source,target,kind,time_first,time_last,count,source_type,source_score,target_type,target_score
"a\""b.example.",192.0.2.1,address,2019-08-01T10:00:00Z,2019-08-02T10:00:00Z,2,name,1.000,address,0.125
`,
		"graphml": `<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
  <key id="type" for="node" attr.name="type" attr.type="string"></key>
  <key id="domain" for="node" attr.name="domain" attr.type="string"></key>
  <key id="depth" for="node" attr.name="depth" attr.type="int"></key>
  <key id="state" for="node" attr.name="state" attr.type="string"></key>
  <key id="score" for="node" attr.name="score" attr.type="double"></key>
  <key id="names" for="node" attr.name="names" attr.type="int"></key>
  <key id="domains" for="node" attr.name="domains" attr.type="int"></key>
  <key id="first" for="node" attr.name="time_first" attr.type="string"></key>
  <key id="last" for="node" attr.name="time_last" attr.type="string"></key>
  <key id="count" for="node" attr.name="count" attr.type="string"></key>
  <key id="kind" for="edge" attr.name="kind" attr.type="string"></key>
  <key id="edge_first" for="edge" attr.name="time_first" attr.type="string"></key>
  <key id="edge_last" for="edge" attr.name="time_last" attr.type="string"></key>
  <key id="edge_count" for="edge" attr.name="count" attr.type="string"></key>
  <graph edgedefault="directed">
    <node id="a\&#34;b.example.">
      <data key="type">name</data>
      <data key="domain">a\&#34;b.example.</data>
      <data key="depth">0</data>
      <data key="state">expanded</data>
      <data key="score">1</data>
      <data key="names">0</data>
      <data key="domains">0</data>
      <data key="first">2019-08-01T10:00:00Z</data>
      <data key="last">2019-08-02T10:00:00Z</data>
      <data key="count">2</data>
    </node>
    <node id="192.0.2.1">
      <data key="type">address</data>
      <data key="domain"></data>
      <data key="depth">1</data>
      <data key="state">shared</data>
      <data key="score">0.125</data>
      <data key="names">90</data>
      <data key="domains">64</data>
      <data key="first">2019-08-01T10:00:00Z</data>
      <data key="last">2019-08-02T10:00:00Z</data>
      <data key="count">2</data>
    </node>
    <edge source="a\&#34;b.example." target="192.0.2.1">
      <data key="kind">address</data>
      <data key="edge_first">2019-08-01T10:00:00Z</data>
      <data key="edge_last">2019-08-02T10:00:00Z</data>
      <data key="edge_count">2</data>
    </edge>
  </graph>
</graphml>
`,
	}
	for format, want := range tests {
		var b strings.Builder
		if err := drawing.Write(&b, format, small, drawing.Options{}); err != nil || b.String() != want {
			t.Errorf("%s: %v\n%s\nwant\n%s", format, err, b.String(), want)
		}
	}
	if err := drawing.Write(&strings.Builder{}, "png", small, drawing.Options{}); err == nil || err.Error() != `"png" is no format of a map, want svg, html, stix, dot, graphml, csv` {
		t.Error(err)
	}
}

// TestServes: what is not known is not said to be 0.
func TestServes(t *testing.T) {
	for _, tt := range []struct {
		node analysis.Node
		want string
	}{
		{analysis.Node{}, ""},
		{analysis.Node{More: true}, ""},
		{analysis.Node{Names: 3, Domains: 1}, "1 domain"},
		{analysis.Node{ID: "192.0.2.1", Names: 9000, Domains: 2001, More: true, State: analysis.Shared}, "more than 2,001 domains"},
		{analysis.Node{ID: "x.test.", Domain: "x.test.", Names: 20_000, More: true, State: analysis.Shared}, "more than 20,000 names"},
		{analysis.Node{ID: "x.test.", Domain: "x.test.", Names: 4000, Domains: 3, State: analysis.Shared}, "4,000 names"},
		{analysis.Node{ID: "ns.x.test.", Domain: "x.test.", Names: 4000, Domains: 3000, State: analysis.Shared}, "3,000 domains"},
	} {
		if got := drawing.Serves(&tt.node); got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.node, got, tt.want)
		}
		g := &analysis.Graph{Seeds: []string{tt.node.ID}, Nodes: []analysis.Node{tt.node}, Shared: []string{tt.node.ID}}
		for _, format := range drawing.Formats() {
			var b strings.Builder
			if err := drawing.Write(&b, format, g, drawing.Options{}); err != nil || strings.Contains(b.String(), "more than 0") {
				t.Errorf("%s of %+v: %v\n%s", format, tt.node, err, b.String())
			}
		}
	}
}

// TestCSVFormula: no cell of a name is a formula, and who takes away an apostrophe has the
// name.
func TestCSVFormula(t *testing.T) {
	names := []string{"=cmd|calc!a1.test.", "+1.test.", "-1.test.", "@sum.test.", "'=1.test.", "'.test.", "a=1.test.", "_sip.test.", ""}
	g := &analysis.Graph{Nodes: []analysis.Node{{ID: "192.0.2.1", Type: "address", Range: "=1+1"}}}
	for _, name := range names {
		g.Nodes = append(g.Nodes, analysis.Node{ID: name, Type: "name", Via: []string{name}})
		g.Edges = append(g.Edges, analysis.Edge{From: name, To: "192.0.2.1", Kind: analysis.HasAddress}, analysis.Edge{From: "x.test.", To: name, Kind: analysis.IsAlias})
	}
	g.Nodes = append(g.Nodes, analysis.Node{ID: "x.test.", Type: "name"})
	var b strings.Builder
	if err := drawing.Write(&b, "csv", g, drawing.Options{}); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(b.String())).ReadAll()
	if err != nil || len(rows) != 1+len(g.Edges) {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for i, row := range rows[1:] {
		for j, want := range []string{g.Edges[i].From, g.Edges[i].To} {
			if got := strings.TrimPrefix(row[j], "'"); got != want {
				t.Errorf("%q, want %q", row[j], want)
			}
		}
	}
	formula := regexp.MustCompile(`(?m)(^|,)"?[=+@-]`)
	if found := formula.FindString(b.String()); found != "" {
		t.Errorf("%q in\n%s", found, b.String())
	}
	b.Reset()
	if err := drawing.Write(&b, "stix", g, drawing.Options{}); err != nil {
		t.Fatal(err)
	}
	var bundle struct {
		Objects []struct{ Abstract, Content string }
	}
	if err := json.Unmarshal([]byte(b.String()), &bundle); err != nil {
		t.Fatal(err)
	}
	for _, o := range bundle.Objects {
		if strings.HasSuffix(o.Abstract, "as CSV") && formula.MatchString(o.Content) {
			t.Errorf("%s", o.Content)
		}
	}
}

package drawing_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"

	"example.org/pdns/plugin/pkg/analysis"
	"example.org/pdns/plugin/pkg/analysis/drawing"
)

// hostile are names that no owner of a domain may smuggle anything in with.
var hostile = []string{
	`</title></svg><script>alert(1)</script>.test.`, "a\x00\x1b[31m\x7f.test.", `" onload="x" b='.test.`, "]]>.test.", "&amp;<!--.test.",
	"\xff\xfe.test.", "日本語.test.", `\000\027.test.`, strings.Repeat("x", 250) + ".test.",
}

// star is a map of many names around one address, itself around a seed.
func star(n int, name func(int) string) *analysis.Graph {
	seen := analysis.Seen{First: 1564653600, Last: 1564740000, Count: 2}
	g := &analysis.Graph{Seeds: []string{"seed.test."}, Kinds: analysis.DefaultKinds(), Depth: 2}
	g.Nodes = append(g.Nodes, analysis.Node{ID: "seed.test.", Type: "name", Domain: "seed.test.", State: analysis.Expanded, Score: 1, Seen: seen},
		analysis.Node{ID: "192.0.2.1", Type: "address", Depth: 1, State: analysis.Expanded, Score: 0.5, Names: n + 1, Domains: n + 1, Seen: seen, Via: []string{"seed.test."}})
	g.Edges = append(g.Edges, analysis.Edge{From: "seed.test.", To: "192.0.2.1", Kind: analysis.HasAddress, Seen: seen})
	for i := range n {
		g.Nodes = append(g.Nodes, analysis.Node{ID: name(i), Type: "name", Domain: name(i), Depth: 2, State: analysis.Frontier, Score: 0.4, Seen: seen, Via: []string{"192.0.2.1"}})
		g.Edges = append(g.Edges, analysis.Edge{From: name(i), To: "192.0.2.1", Kind: analysis.HasAddress, Seen: seen})
	}
	return g
}

func numbered(i int) string { return fmt.Sprintf("n%d.test.", i) }

func draw(t *testing.T, g *analysis.Graph, o drawing.SVGOptions) string {
	t.Helper()
	var b strings.Builder
	if err := drawing.SVG(&b, g, o); err != nil {
		t.Fatal(err)
	}
	wellFormed(t, b.String())
	return b.String()
}

func wellFormed(t *testing.T, text string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(text))
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if e, ok := tok.(xml.StartElement); ok && e.Name.Local == "script" {
			t.Fatalf("a script\n%s", text)
		}
	}
}

// references are what could make a browser fetch something.
var references = regexp.MustCompile(`(?i)(https?:)?//[a-z]|@import|url\([^#]|\b(src|href)\s*=`)

// TestSVG: of every map comes well-formed XML that refers to nothing, the same each time.
func TestSVG(t *testing.T) {
	cut := star(3, numbered)
	cut.Cut = []analysis.Cut{{At: "nodes", Limit: 5, Nodes: 1, IDs: []string{"192.0.2.1"}, Links: 7}, {At: "time", Limit: 1500, Nodes: 2, IDs: []string{"a.test.", "b.test."}}}
	cut.Incomplete = "a run is damaged"
	tests := map[string]struct {
		g     *analysis.Graph
		o     drawing.SVGOptions
		boxes int
		want  []string
	}{
		"nothing":          {&analysis.Graph{}, drawing.SVGOptions{}, 0, []string{"0 nodes, 0 edges: nothing was seen"}},
		"unseen":           {&analysis.Graph{Seeds: []string{"a.test."}, Nodes: []analysis.Node{{ID: "a.test.", Type: "name", State: analysis.Unseen, Score: 1}}}, drawing.SVGOptions{}, 1, []string{"not seen"}},
		"shared":           {small, drawing.SVGOptions{}, 2, []string{"64+ domains", "shared infrastructure, not followed"}},
		"hostile":          {star(len(hostile), func(i int) string { return hostile[i] }), drawing.SVGOptions{}, 2 + len(hostile), []string{"日本語"}},
		"many":             {star(1475, numbered), drawing.SVGOptions{}, 2 + 24 + 1, []string{"+1,451 more names (1,451 domains)", "1,451 nodes more in boxes"}},
		"one more":         {star(25, numbered), drawing.SVGOptions{}, 2 + 25, nil},
		"few":              {star(1475, numbered), drawing.SVGOptions{Column: 3}, 2 + 3 + 1, []string{"+1,472 more names"}},
		"all":              {star(5000, numbered), drawing.SVGOptions{Column: -1}, 5002, []string{"n4999.test."}},
		"cut":              {cut, drawing.SVGOptions{}, 5, []string{"Cut: 1 node with neighbours for which the map has no room (5), 7 links: 192.0.2.1", "(1.5 s): a.test., b.test.", "a run is damaged"}},
		"title":            {small, drawing.SVGOptions{Title: "A <b> & c", ID: "x"}, 2, []string{`id="x"`, "A &lt;b&gt; &amp; c", "url(#x-address)"}},
		"an edge too many": {&analysis.Graph{Edges: []analysis.Edge{{From: "a.", To: "b."}}}, drawing.SVGOptions{}, 0, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := draw(t, tt.g, tt.o)
			if n := strings.Count(got, " data-node="); n != tt.boxes {
				t.Errorf("%d boxes, want %d", n, tt.boxes)
			}
			for _, want := range tt.want {
				if !strings.Contains(got, want) {
					t.Errorf("no %q in %.3000s", want, got)
				}
			}
			if found := references.FindString(strings.ReplaceAll(got, `xmlns="http://www.w3.org/2000/svg"`, "")); found != "" {
				t.Errorf("refers to %q", found)
			}
			var again strings.Builder
			if err := drawing.SVG(&again, tt.g, tt.o); err != nil || again.String() != got {
				t.Error("comes out in another way the second time")
			}
		})
	}
}

// TestSVGOrder: what hangs at one thing stands beside it, so that no lines cross that
// need not.
func TestSVGOrder(t *testing.T) {
	g := &analysis.Graph{Seeds: []string{"s."}, Nodes: []analysis.Node{{ID: "s.", Type: "name", Score: 1}}}
	for i, parent := range []string{"192.0.2.1", "192.0.2.2", "192.0.2.3"} {
		g.Nodes = append(g.Nodes, analysis.Node{ID: parent, Type: "address", Depth: 1, Score: 0.9 - float64(i)/10, Via: []string{"s."}})
		g.Edges = append(g.Edges, analysis.Edge{From: "s.", To: parent, Kind: analysis.HasAddress})
	}
	for i := range 9 { // the strongest alternate between the parents
		parent, child := g.Nodes[1+i%3].ID, fmt.Sprintf("c%d.", i)
		g.Nodes = append(g.Nodes, analysis.Node{ID: child, Type: "name", Depth: 2, Score: 0.5 - float64(i)/100, Via: []string{parent}})
		g.Edges = append(g.Edges, analysis.Edge{From: child, To: parent, Kind: analysis.HasAddress})
	}
	shown := regexp.MustCompile(`class="label"[^>]*>(c[0-9])\.<`).FindAllStringSubmatch(draw(t, g, drawing.SVGOptions{}), -1)
	order := ""
	for _, m := range shown {
		order += m[1]
	}
	if order != "c0c3c6c1c4c7c2c5c8" {
		t.Errorf("order %s", order)
	}
}

package drawing

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"
	"time"

	"example.org/pdns/plugin/pkg/analysis"
)

// HTML writes a map as one page that stands for itself: the picture of SVG, a table of
// all nodes, the shared infrastructure, and what was asked and cut. It fetches nothing,
// and its Content-Security-Policy forbids that; only its own script runs, by whose hash
// the policy allows it, to zoom, filter, sort and light up neighbours. Without scripts
// the picture and the table are there all the same.
func HTML(w io.Writer, g *analysis.Graph, o Options) error {
	o.SVGOptions = o.SVGOptions.withDefaults(g)
	p := page{
		Title: o.Title, Question: o.Question, Graph: g, Missing: Missing(g),
		Style: template.HTML("<style>" + pageStyle + "</style>"), Script: template.HTML("<script>" + pageScript + "</script>"),
		Policy: "default-src 'none'; script-src " + hash(pageScript) + "; style-src " + hash(pageStyle) + " " + SVGStyleSource() +
			"; base-uri 'none'; form-action 'none'",
		Asked: asked(g, o),
	}
	at := make(map[string]*analysis.Node, len(g.Nodes))
	for i := range g.Nodes {
		at[g.Nodes[i].ID] = &g.Nodes[i]
	}
	for _, id := range g.Shared {
		if n := at[id]; n != nil {
			p.Shared = append(p.Shared, n)
		}
	}
	// The picture goes straight to the page: that of a map of many nodes is large.
	if err := pageTemplate.ExecuteTemplate(w, "before", &p); err != nil {
		return err
	}
	if err := SVG(w, g, o.SVGOptions); err != nil {
		return err
	}
	return pageTemplate.ExecuteTemplate(w, "after", &p)
}

// SVGStyleSource is what the style-src of a Content-Security-Policy needs, for pages
// that have pictures of SVG in them: the hash of their style.
func SVGStyleSource() string { return hash(pictureStyle) }

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// What a page is made of.
var (
	//go:embed page.css
	pageStyle string
	//go:embed page.js
	pageScript string
	//go:embed page.tmpl
	pageText     string
	pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{
		"stamp": stamp, "legible": legible, "state": func(n analysis.Node) string { return stateWords[n.State] },
		"domains": func(n *analysis.Node) string { return figure(n.Domains, n.More) },
		"names":   func(n *analysis.Node) string { return figure(n.Names, n.More) }, "count": commaU,
		"score": func(f float64) string { return fmt.Sprintf("%.3f", f) },
	}).Parse(pageText))
)

// A page is what the template fills in.
type page struct {
	Title, Question, Policy string
	Asked                   []fact
	Graph                   *analysis.Graph
	Style, Script           template.HTML
	Shared                  []*analysis.Node
	Missing                 []string
}

// A fact is a word and what it says.
type fact struct{ Name, Value string }

// asked is the question that a map answers.
func asked(g *analysis.Graph, o Options) []fact {
	var kinds []string
	for _, k := range g.Kinds {
		kinds = append(kinds, string(k))
	}
	facts := []fact{{"Seeds", strings.Join(g.Seeds, ", ")}, {"Followed", strings.Join(kinds, ", ")}, {"Depth", plural(g.Depth, "step")}, {"Seen", window(g)}}
	if o.Question != "" {
		facts = append(facts, fact{"Asked as", o.Question})
	}
	if !o.Made.IsZero() {
		facts = append(facts, fact{"Made", o.Made.UTC().Format(time.RFC3339)})
	}
	return append(facts, fact{"Found", fmt.Sprintf("%s, %s, in %s that were read", plural(len(g.Nodes), "node"), plural(len(g.Edges), "edge"), plural(g.Read, "RRset"))})
}

// window is the time that was asked for.
func window(g *analysis.Graph) string {
	switch {
	case g.Since != 0 && g.Since == g.Until:
		return "at " + stamp(g.Since)
	case g.Since != 0 && g.Until != 0:
		return "from " + stamp(g.Since) + " to " + stamp(g.Until)
	case g.Since != 0:
		return "since " + stamp(g.Since)
	case g.Until != 0:
		return "until " + stamp(g.Until)
	}
	return "at any time"
}

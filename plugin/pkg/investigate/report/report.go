// Package report makes a page of an investigation: one HTML file that needs nothing else.
//
// Everything in a history is hostile input. html/template escapes it, nothing in the
// page is a link, and a Content-Security-Policy forbids every request and every script
// but the one that the page brings, which copies tables and lists.
package report

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"io"
	"strings"

	"example.org/pdns/plugin/pkg/analysis/drawing"
	"example.org/pdns/plugin/pkg/investigate"
)

var (
	//go:embed page.html
	pageText string
	//go:embed chapters.html
	chaptersText string
	//go:embed page.css
	styleText string
	//go:embed copy.js
	scriptText string
)

var page = template.Must(template.Must(template.New("page").Funcs(functions).Parse(pageText)).Parse(chaptersText))

// A view is what the page shows.
type view struct {
	*investigate.Result
	Title      string
	Policy     string
	Style      template.CSS
	Script     template.JS
	Picture    template.HTML
	Indicators indicators
	New        []investigate.Name
	Unborn     []investigate.Name
}

// mostBoxes is how many nodes of one distance have a box of their own in the picture, so
// that seeds and what they lead to are on a screen together.
const mostBoxes = 10

// Write writes the page of a result.
func Write(w io.Writer, r *investigate.Result) error {
	v := &view{Result: r, Title: title(r), Style: template.CSS(styleText), Script: template.JS(scriptText), Indicators: collect(r)}
	sum := sha256.Sum256([]byte(scriptText))
	v.Policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; base-uri 'none'; form-action 'none'"
	if r.Map != nil && len(r.Map.Nodes) > 0 {
		var picture bytes.Buffer
		if err := drawing.SVG(&picture, r.Map, drawing.SVGOptions{ID: "map-picture", Column: mostBoxes, Title: "The map"}); err != nil {
			return err
		}
		v.Picture = template.HTML(picture.String())
	}
	for _, n := range r.Names {
		if n.New {
			v.New = append(v.New, n)
		}
		if n.Unborn > 0 {
			v.Unborn = append(v.Unborn, n)
		}
	}
	return page.Execute(w, v)
}

// title names the seeds that were walked, or else those there are.
func title(r *investigate.Result) string {
	var names []string
	for _, s := range r.Seeds {
		if s.State == investigate.Walked {
			names = append(names, investigate.Plain(s.ID))
		}
	}
	switch {
	case len(names) == 0:
		return "Investigation"
	case len(names) > 2:
		names = append(names[:2], "others")
	}
	return "Investigation of " + strings.Join(names, ", ")
}

package drawing_test

import (
	"crypto/sha256"
	"encoding/base64"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"example.org/pdns/plugin/pkg/analysis"
	"example.org/pdns/plugin/pkg/analysis/drawing"
)

func page(t *testing.T, g *analysis.Graph, o drawing.Options) (string, *html.Node) {
	t.Helper()
	var b strings.Builder
	if err := drawing.HTML(&b, g, o); err != nil {
		t.Fatal(err)
	}
	doc, err := html.Parse(strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	return b.String(), doc
}

// elements are all of the page that have a name.
func elements(doc *html.Node, name string) (found []*html.Node) {
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode && n.Data == name {
			found = append(found, n)
		}
	}
	return found
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// TestHTML: of every map comes a page that fetches nothing, and of which nothing runs
// but what its policy knows by hash.
func TestHTML(t *testing.T) {
	for name, g := range map[string]*analysis.Graph{
		"nothing": {}, "shared": small, "many": star(1475, numbered), "hostile": star(len(hostile), func(i int) string { return hostile[i] }),
	} {
		t.Run(name, func(t *testing.T) {
			text, doc := page(t, g, drawing.Options{Question: `pdns map "</script><script>"`, Made: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)})
			if again, _ := page(t, g, drawing.Options{Question: `pdns map "</script><script>"`, Made: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}); again != text {
				t.Error("comes out in another way the second time")
			}
			if rows := len(elements(doc, "bdi")); rows < len(g.Nodes) {
				t.Errorf("%d names in tables, of %d nodes", rows, len(g.Nodes))
			}
			if len(elements(doc, "svg")) != 1 || strings.ContainsRune(text, 0) {
				t.Error("no picture, or a NUL")
			}
			if found := references.FindString(strings.ReplaceAll(text, `xmlns="http://www.w3.org/2000/svg"`, "")); found != "" {
				t.Errorf("refers to %q", found)
			}
			checkPolicy(t, doc)
		})
	}
}

// checkPolicy checks that the policy allows the page's own script and styles, and only
// these.
func checkPolicy(t *testing.T, doc *html.Node) {
	t.Helper()
	meta := elements(doc, "meta")
	policy := attr(meta[slices.IndexFunc(meta, func(n *html.Node) bool { return attr(n, "http-equiv") == "Content-Security-Policy" })], "content")
	if !strings.HasPrefix(policy, "default-src 'none'; ") || strings.Contains(policy, "unsafe") {
		t.Errorf("policy %s", policy)
	}
	allowed := regexp.MustCompile(`'sha256-[^']+'`).FindAllString(policy, -1)
	var used []string
	for _, n := range append(elements(doc, "script"), elements(doc, "style")...) {
		sum := sha256.Sum256([]byte(n.FirstChild.Data))
		used = append(used, "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'")
	}
	slices.Sort(allowed)
	slices.Sort(used)
	if !slices.Equal(allowed, used) || len(used) != 3 {
		t.Errorf("allowed %v, used %v", allowed, used)
	}
	for n := range doc.Descendants() {
		for _, a := range n.Attr {
			if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
				t.Errorf("<%s %s=%q>", n.Data, a.Key, a.Val)
			}
		}
	}
}

// TestHTMLTells: what was asked, shared and cut is on the page.
func TestHTMLTells(t *testing.T) {
	g := *small
	g.Seeds, g.Kinds, g.Depth, g.Since, g.Read = []string{`a\"b.example.`}, analysis.DefaultKinds(), 3, 1564653600, 12
	g.Shared = []string{"192.0.2.1"}
	g.Cut = []analysis.Cut{{At: "rrsets", Limit: 12, Nodes: 1, IDs: []string{"192.0.2.1"}}}
	text, doc := page(t, &g, drawing.Options{Question: "pdns map a", Made: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)})
	for _, want := range []string{"pdns map a", "2026-01-02T03:04:05Z", "3 steps", "since 2019-08-01T10:00:00Z", "in 12 RRsets", "more than 64", "Shared infrastructure",
		"Cut: 1 node not looked at since enough RRsets were read (12): 192.0.2.1", "shared infrastructure, not followed"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q", want)
		}
	}
	if n := len(elements(doc, "table")); n != 2 {
		t.Errorf("%d tables", n)
	}
}

// TestShorten: a text keeps its beginning and its end, and is never wider than it may be.
func TestShorten(t *testing.T) {
	for _, tt := range []struct {
		text  string
		width int
		want  string
	}{
		{"example.com.", 12, "example.com."}, {"example.com.", 11, "examp….com."}, {"example.com.", 0, "example.com."}, {"example.com.", 1, "…"},
		{"example.com.", 2, "e…"}, {"日本語日本語", 12, "日本語日本語"}, {"日本語日本語", 7, "日…語"}, {"e\u0301e\u0301e\u0301", 2, "e\u0301…"}, {"", 3, ""},
	} {
		if got := drawing.Shorten(tt.text, tt.width); got != tt.want {
			t.Errorf("%q in %d: %q, want %q", tt.text, tt.width, got, tt.want)
		}
	}
}

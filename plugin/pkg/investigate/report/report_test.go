package report_test

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"example.org/pdns/plugin/pkg/analysis"
	"example.org/pdns/plugin/pkg/investigate"
	"example.org/pdns/plugin/pkg/investigate/report"
	"example.org/pdns/plugin/pkg/mail"
)

// hostile is a text as somebody may put into a name, a range or a mail.
const hostile = `</textarea></title></style></svg><script>alert(1)</script><img src="https://evil.example/x" onerror=alert(1)>{{.}}'"&\`

// everything is a result in which every text is hostile.
func everything() *investigate.Result {
	seen := analysis.Seen{First: 1564617600, Last: 1565395200, Count: 3}
	tenant := investigate.Tenant{Name: hostile, Domain: hostile, Seen: seen, From: 1, To: 2, Speaks: []string{hostile}}
	node := analysis.Node{ID: hostile, Type: "name", Domain: hostile, State: analysis.Shared, Seen: seen, Range: hostile, Domains: 9, More: true}
	return &investigate.Result{
		Summary: []string{hostile}, Made: 1567296000, Seen: seen, Incomplete: hostile, Cuts: []string{hostile}, Ignored: 1, Domains: 1,
		Mail: &investigate.Mail{Parts: 2, Links: 1, Unread: []mail.Unread{{Type: hostile, Parts: 1}}, Problems: []string{hostile}, Cuts: []string{hostile}, Personal: 1},
		Seeds: []investigate.Seed{{ID: hostile, Type: "name", State: investigate.Walked, Seen: seen,
			From: []investigate.Origin{{Kind: hostile, Part: hostile, Count: 2, Through: []string{hostile}}}}, {ID: "xn--bcher-kva.example.", Type: "name", State: investigate.Walked}},
		Timelines: []*analysis.Timeline{{Name: hostile, Seen: seen, Unborn: 1, Types: []analysis.TypeHistory{{Type: hostile, Seen: seen,
			Periods: []analysis.Period{{Seen: seen, Rdata: []string{hostile}, Gap: 86400}}}}}},
		Flux: []*analysis.FluxReport{{Name: hostile, Verdict: hostile, Because: hostile, Lacks: []string{hostile},
			Evidence: []analysis.Evidence{{Sign: hostile, Says: hostile}}}},
		Neighbours: []investigate.Neighbours{{Seed: hostile, Owner: hostile + "y", Target: hostile + "x", Kind: hostile, Seen: seen, Range: hostile, With: []investigate.Tenant{tenant}},
			{Seed: hostile, Target: hostile, Kind: hostile, State: analysis.Shared, Range: hostile}},
		Stages:  []investigate.Stage{{Address: hostile, Seen: seen, Led: []string{hostile}, Tenants: []investigate.Tenant{tenant}}, {Address: hostile, Shared: true}},
		Servers: []investigate.Server{{Name: hostile, Domains: 1, Of: 1, Seen: seen, All: -1}},
		Shared:  []analysis.Node{node},
		Map: &analysis.Graph{Seeds: []string{hostile}, Nodes: []analysis.Node{node, {ID: "a.example.", Type: "name", Depth: 1, Seen: seen}},
			Edges: []analysis.Edge{{From: hostile, To: "a.example.", Kind: hostile, Seen: seen}}},
		Loose: []investigate.Name{{Name: hostile, Domain: hostile, Score: 0.5, Via: []string{hostile}, Seen: seen}},
		Names: []investigate.Name{{Name: hostile, Domain: hostile, Score: 0.5, Via: []string{hostile}, Seen: seen, New: true, Speaks: []string{hostile}, Unborn: 1}},
	}
}

// TestHostile: nothing in a history becomes a tag, an attribute, a script or a request.
func TestHostile(t *testing.T) {
	var b strings.Builder
	if err := report.Write(&b, everything()); err != nil {
		t.Fatal(err)
	}
	ids, labels, scripts := map[string]bool{}, []string{}, 0
	z := html.NewTokenizer(strings.NewReader(b.String()))
	policy, script := "", ""
	for z.Next() != html.ErrorToken {
		tok := z.Token()
		if tok.Type == html.TextToken && scripts == 1 && script == "" {
			script = tok.Data
		}
		if tok.Type != html.StartTagToken && tok.Type != html.SelfClosingTagToken {
			continue
		}
		switch tok.Data {
		case "script":
			scripts++
		case "img", "iframe", "object", "embed", "form", "link", "base", "foreignobject", "image", "use":
			t.Errorf("a tag <%s>", tok.Data)
		}
		for _, a := range tok.Attr {
			switch {
			case strings.HasPrefix(a.Key, "on"), a.Key == "src", a.Key == "srcset", a.Key == "action", strings.HasSuffix(a.Key, "href") && !strings.HasPrefix(a.Val, "#"):
				t.Errorf("<%s %s=%q>", tok.Data, a.Key, a.Val)
			case a.Key == "id" && ids[a.Val]:
				t.Errorf("two of id %q", a.Val)
			case a.Key == "id":
				ids[a.Val] = true
			case a.Key == "href" || a.Key == "aria-labelledby":
				labels = append(labels, strings.TrimPrefix(a.Val, "#"))
			case a.Key == "content" && strings.HasPrefix(a.Val, "default-src"):
				policy = a.Val
			}
		}
	}
	if err := z.Err(); !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	for _, id := range labels {
		for id := range strings.FieldsSeq(id) {
			if !ids[id] {
				t.Errorf("nothing has the id %q", id)
			}
		}
	}
	sum := sha256.Sum256([]byte(script))
	want := "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'"
	if scripts != 1 || policy != want {
		t.Errorf("%d scripts, policy %q, want %q", scripts, policy, want)
	}
	if !strings.Contains(b.String(), `<bdi class="quiet">(bücher.example)</bdi>`) {
		t.Error("no internationalized name is shown as it is read")
	}
}

// TestUncounted: a period whose sightings are counted where they began, in the one before
// it, does not say that it was seen 0 times.
func TestUncounted(t *testing.T) {
	periods := []analysis.Period{
		{Seen: analysis.Seen{First: 1563526800, Last: 1563541800, Count: 160}, Rdata: []string{"192.0.2.41", "198.51.100.23"}},
		{Seen: analysis.Seen{First: 1563541801, Last: 1565091240}, Rdata: []string{"198.51.100.23"}},
	}
	for n, want := range map[int]bool{1: false, 2: true} {
		var b strings.Builder
		r := &investigate.Result{Map: &analysis.Graph{}, Timelines: []*analysis.Timeline{{Name: "a.example.",
			Types: []analysis.TypeHistory{{Type: "A", Periods: periods[:n]}}}}}
		if err := report.Write(&b, r); err != nil {
			t.Fatal(err)
		}
		page := b.String()
		if strings.Contains(page, `<td class="n">0</td>`) || strings.Contains(page, `<td class="n">–</td>`) != want ||
			strings.Contains(page, "are counted where they did") != want {
			t.Errorf("of %d periods the page says\n%s", n, page)
		}
	}
}

func TestDefang(t *testing.T) {
	for text, want := range map[string]string{"www.example.com": "www[.]example[.]com", "2001:db8::1": "2001[:]db8[:][:]1", "": ""} {
		if got := report.Defang(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

package investigate_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/pdns/plugin/pkg/analysis"
	"example.org/pdns/plugin/pkg/investigate"
	"example.org/pdns/plugin/pkg/mail"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// saw is a history of lines: first and last day of August 2019, owner, type, rdata.
func saw(t testing.TB, lines string) store.Source {
	t.Helper()
	s, err := store.Open(t.TempDir(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	for line := range strings.Lines(lines) {
		var first, last int
		var owner, rrtype, text string
		if strings.TrimSpace(line) == "" {
			continue
		}
		if _, err := fmt.Sscan(line, &first, &last, &owner, &rrtype, &text); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		r := &rrset.RRset{Owner: rrset.MustName(owner)}
		r.First, r.Last, r.Count = day(first), day(last), 1
		if r.Type, err = rrset.ParseType(rrtype); err != nil {
			t.Fatal(err)
		}
		text = strings.ReplaceAll(text, ",", " ") // as in MX
		if text != "-" {
			rd, err := rrset.ParseRdata(r.Type, text)
			if err != nil {
				t.Fatal(err)
			}
			r.Rdata = [][]byte{rd}
		}
		if err := s.AddWait(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

func day(d int) int64 { return time.Date(2019, 8, d, 0, 0, 0, 0, time.UTC).Unix() }

func seeds(t testing.TB, texts ...string) (all []investigate.Seed) {
	t.Helper()
	for _, text := range texts {
		s, err := investigate.ParseSeed(text)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	return all
}

func walk(t testing.TB, src store.Source, q investigate.Query) *investigate.Result {
	t.Helper()
	q.Now = time.Unix(day(31), 0)
	r, err := investigate.Walk(t.Context(), src, q)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// names are those of a result, the strongest first; behind a semicolon those apart.
func names(r *investigate.Result) string {
	text := ""
	for i, all := range [][]investigate.Name{r.Names, r.Loose} {
		if i == 1 && len(all) > 0 {
			text += ";"
		}
		for _, n := range all {
			text += " " + strings.TrimSuffix(n.Name, ".")
		}
	}
	return strings.TrimSpace(text)
}

// hacked is a host that somebody broke into, in the domain of others who have their mail
// with many.
const hacked = `
1 5 hacked.uni.test A 192.0.2.1
1 5 www.uni.test A 192.0.2.2
1 5 uni.test MX 5,mx.mail.test.
1 5 other.test MX 5,mx.mail.test.
1 5 mx.mail.test A 192.0.2.3
`

// scheme is a lure with two names beside it, one of which went on to an address where
// three names are, one of them at another time.
const scheme = `
1 5 lure.example A 192.0.2.1
2 4 near.example A 192.0.2.1
2 4 other.example A 192.0.2.1
10 12 later.example A 192.0.2.1
6 9 near.example A 192.0.2.2
6 9 pay.example A 192.0.2.2
20 25 late.example A 192.0.2.2
1 1 pay.example NXDOMAIN -
`

func TestWalk(t *testing.T) {
	tests := []struct {
		name, history string
		query         investigate.Query
		want          string
	}{
		{"neighbours and where they went", scheme, investigate.Query{Seeds: seeds(t, "lure.example")}, "near.example other.example pay.example"},
		{"from the address", scheme, investigate.Query{Seeds: seeds(t, "192.0.2.2")}, "near.example pay.example late.example lure.example other.example"},
		{"ignored", scheme, investigate.Query{Seeds: seeds(t, "lure.example"), Ignore: [][]byte{rrset.MustName("near.example")}}, "other.example"},
		{"the window", scheme, investigate.Query{Seeds: seeds(t, "lure.example"), Window: analysis.Window{Until: day(5)}}, "near.example other.example"},
		{"too many domains", scheme, investigate.Query{Seeds: seeds(t, "lure.example"), Bounds: analysis.Bounds{Domains: 2}}, ""},
		{"a seed not walked", scheme, investigate.Query{Seeds: seeds(t, "pay.example", "lure.example"), Walk: 1}, "near.example lure.example other.example"},
		{"by name server", "1 5 lure.example NS ns1.evil.test.\n1 5 twin.example NS ns1.evil.test.\n", investigate.Query{Seeds: seeds(t, "www.lure.example", "lure.example")}, "; ns1.evil.test twin.example"},
		{"by alias", "1 5 lure.example CNAME edge.evil.test.\n1 5 twin.example CNAME edge.evil.test.\n", investigate.Query{Seeds: seeds(t, "lure.example")}, "edge.evil.test twin.example"},
		{"an innocent domain", hacked, investigate.Query{Seeds: seeds(t, "hacked.uni.test")}, "; uni.test mx.mail.test other.test www.uni.test"},
		{"shared beside an innocent domain", hacked + "1 5 twin.example A 192.0.2.1\n3 5 twin.example A 192.0.2.9\n", investigate.Query{Seeds: seeds(t, "hacked.uni.test")},
			"twin.example; uni.test mx.mail.test other.test www.uni.test"},
		{"at another time, with a server in common", "1 5 lure.example A 192.0.2.1\n8 9 later.example A 192.0.2.1\n1 9 lure.example NS ns.test.\n1 9 later.example NS ns.test.\n",
			investigate.Query{Seeds: seeds(t, "lure.example")}, "; later.example ns.test"},
		{"a domain never seen", "1 5 www.lure.example A 192.0.2.1\n1 5 www.near.example A 192.0.2.1\n", investigate.Query{Seeds: seeds(t, "www.lure.example")}, "www.near.example"},
		{"a domain seen itself", "1 5 www.lure.example A 192.0.2.1\n1 5 www.near.example A 192.0.2.1\n1 5 near.example TXT \"x\"\n",
			investigate.Query{Seeds: seeds(t, "www.lure.example")}, "www.near.example; near.example"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := walk(t, saw(t, tt.history), tt.query)
			if got := names(r); got != tt.want {
				t.Errorf("names %q, want %q\n%s", got, tt.want, strings.Join(r.Summary, "\n"))
			}
			check(t, r)
		})
	}
}

// check is what holds of every result.
func check(t *testing.T, r *investigate.Result) {
	t.Helper()
	nodes := map[string]*analysis.Node{}
	for i := range r.Map.Nodes {
		n := &r.Map.Nodes[i]
		if nodes[n.ID] != nil {
			t.Errorf("%s is on the map twice", n.ID)
		}
		nodes[n.ID] = n
		if i > 0 && n.Depth < r.Map.Nodes[i-1].Depth {
			t.Errorf("%s stands behind what is further away", n.ID)
		}
	}
	for _, e := range r.Map.Edges {
		if nodes[e.From] == nil || nodes[e.To] == nil {
			t.Errorf("an edge from %s to %s, which are not both on the map", e.From, e.To)
		}
	}
	for i, n := range r.Names {
		if nodes[n.Name] == nil || i > 0 && n.Score > r.Names[i-1].Score || n.Score <= 0 || n.Score > 1 {
			t.Errorf("%s with score %f", n.Name, n.Score)
		}
		if n.First < r.First || n.Last > r.Last {
			t.Errorf("%s is seen when the scheme is not", n.Name)
		}
	}
	for _, s := range r.Stages {
		if n := nodes[s.Address]; n == nil || n.Score != s.Score {
			t.Errorf("%s has score %f, and on the map %+v", s.Address, s.Score, n)
		}
		if len(s.Led) == 0 || !s.Shared && len(s.Tenants) == 0 {
			t.Errorf("%s without names", s.Address)
		}
	}
}

// TestStage: the map goes on as if the walk had been one step longer.
func TestStage(t *testing.T) {
	src := saw(t, scheme)
	r := walk(t, src, investigate.Query{Seeds: seeds(t, "lure.example")})
	further, err := analysis.Map(t.Context(), src, analysis.MapQuery{Seeds: []analysis.Key{r.Seeds[0].Key}, Depth: 4})
	if err != nil {
		t.Fatal(err)
	}
	picture := func(g *analysis.Graph) (lines []string) {
		for _, n := range g.Nodes {
			lines = append(lines, fmt.Sprintf("%d %s %s %.6f %d", n.Depth, n.ID, n.State, n.Score, n.Domains))
		}
		slices.Sort(lines)
		return lines
	}
	if got, want := picture(r.Map), picture(further); !slices.Equal(got, want) {
		t.Errorf("the map\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if len(r.Stages) != 1 || r.Stages[0].Address != "192.0.2.2" || r.Stages[0].Names != 2 || !slices.Equal(r.Stages[0].Led, []string{"near.example."}) {
		t.Errorf("stages %+v", r.Stages)
	}
	for _, n := range r.Names {
		if want := n.Name == "pay.example."; (n.Unborn == day(1)) != want || (len(n.Speaks) > 0) != want {
			t.Errorf("%s: did not exist on %d, speaks of %q", n.Name, n.Unborn, n.Speaks)
		}
	}
}

// TestSeeds: what a mail makes people follow stands first, of that what is known and new.
func TestSeeds(t *testing.T) {
	m, err := mail.Read(t.Context(), strings.NewReader("From: x@sender.example\nContent-Type: text/html\n\n<img src=https://picture.example>"+
		"<a href=https://old.example><a href=https://new.example><a href=https://unknown.example>"), mail.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	src := saw(t, "1 9 old.example A 192.0.2.1\n5 9 new.example A 192.0.2.2\n1 9 sender.example A 192.0.2.3\n8 9 picture.example A 192.0.2.4\n")
	r := walk(t, src, investigate.Query{Seeds: investigate.MailSeeds(m), Walk: 3})
	var got []string
	for _, s := range r.Seeds {
		got = append(got, s.ID+" "+string(s.State))
	}
	want := []string{"new.example. walked", "old.example. walked", "unknown.example. unseen", "picture.example. walked", "sender.example. left"}
	if !slices.Equal(got, want) {
		t.Errorf("seeds %q, want %q", got, want)
	}
	if len(r.Cuts) != 1 || r.Cuts[0] != "seeds behind the 3 strongest were not walked" {
		t.Errorf("cuts %q", r.Cuts)
	}
}

// TestRecipients: the history does not bring back whom a mail was sent to.
func TestRecipients(t *testing.T) {
	m, err := mail.Read(t.Context(), strings.NewReader("To: Anna <anna.berg@corp.example>\n\nhttp://anna-berg.track.lure2.example/"), mail.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	src := saw(t, `
1 9 track.lure2.example A 192.0.2.1
1 9 lure2.example A 192.0.2.1
2 9 anna-berg.track.lure2.example A 192.0.2.1
2 9 tom.track.lure2.example A 192.0.2.1
2 9 other.example A 192.0.2.1
3 9 track.lure2.example CNAME berganna.lure3.example.
3 9 track.lure2.example TXT "for,Anna.Berg@corp.example"
3 9 track.lure2.example TXT "bananna,berg"
`)
	r := walk(t, src, investigate.Query{Seeds: investigate.MailSeeds(m), Recipients: m.Recipients})
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if text := strings.ToLower(string(b)); strings.Contains(text, "anna-berg") || strings.Contains(text, "berganna") || strings.Contains(text, "anna.berg") || !strings.Contains(text, "bananna berg") {
		t.Errorf("the result is %s", text)
	}
	if got := names(r); got != "lure2.example tom.track.lure2.example other.example" {
		t.Errorf("names %s", got)
	}
	if want := "2 names of the history with a recipient of the mail in it, and what was at it"; !slices.Contains(r.Cuts, want) {
		t.Errorf("cuts %q, want %q", r.Cuts, want)
	}
	r = walk(t, src, investigate.Query{Seeds: append(investigate.MailSeeds(m), seeds(t, "anna-berg.track.lure2.example")...), Recipients: m.Recipients})
	if len(r.Seeds) != 2 || r.Seeds[0].State != investigate.Walked || r.Seeds[1].State != investigate.Walked {
		t.Errorf("a seed that somebody gave: %+v", r.Seeds)
	}
}

// TestEnds: time that is over leaves a result that says so; a caller who gives up gets
// none.
func TestEnds(t *testing.T) {
	src := saw(t, scheme)
	r := walk(t, src, investigate.Query{Seeds: seeds(t, "lure.example"), Timeout: 1})
	if r.Found() || len(r.Cuts) == 0 || !strings.HasPrefix(r.Cuts[0], "the time of 1ns was over before it was found out: ") {
		t.Errorf("found %t, cuts %q", r.Found(), r.Cuts)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if r, err := investigate.Walk(ctx, src, investigate.Query{Seeds: seeds(t, "lure.example")}); r != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("%v, %v, want no result and that it was cancelled", r, err)
	}
	if _, err := investigate.Walk(t.Context(), src, investigate.Query{}); err == nil {
		t.Error("no seed is no error")
	}
}

// TestBounds: what they leave out of a stage is said.
func TestBounds(t *testing.T) {
	var b strings.Builder
	b.WriteString("1 9 lure.example A 192.0.2.1\n1 9 near.example A 192.0.2.1\n1 9 near.example A 192.0.2.2\n")
	for i := range 50 {
		fmt.Fprintf(&b, "1 9 desk%02d.example A 192.0.2.2\n", i)
	}
	src := saw(t, b.String())
	r := walk(t, src, investigate.Query{Seeds: seeds(t, "lure.example"), Bounds: analysis.Bounds{Nodes: 20}})
	if !slices.Contains(r.Cuts, "34 names at 192.0.2.2 are not on the map, which has no room for them") || r.Stages[0].Names != 51 {
		t.Errorf("%d names, cuts %q", r.Stages[0].Names, r.Cuts)
	}
	check(t, r)
	r = walk(t, src, investigate.Query{Seeds: seeds(t, "lure.example"), Bounds: analysis.Bounds{Domains: 20}})
	if !r.Stages[0].Shared || len(r.Shared) != 1 || names(r) != "near.example" {
		t.Errorf("stages %+v, names %s", r.Stages, names(r))
	}
}

// TestIgnored: a name that does not count is nowhere in a result, but where a seed had it.
func TestIgnored(t *testing.T) {
	q := investigate.Query{Seeds: seeds(t, "lure.example", "mine.test"), Ignore: [][]byte{rrset.MustName("mine.test")}}
	r := walk(t, saw(t, scheme+"1 9 www.mine.test A 192.0.2.1\n6 9 shop.mine.test A 192.0.2.2\n1 9 near.example NS ns.mine.test.\n"), q)
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "mine.test") || r.Ignored == 0 {
		t.Errorf("%d ignored, and the result has\n%s", r.Ignored, text)
	}
	check(t, r)
}

package analysis_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"example.org/pdns/plugin/pkg/analysis"
)

// lure is a name that moved from one address to another, and what was beside it.
const lure = `
08-01 08-05 4 lure.example A 192.0.2.1
08-06 08-10 2 lure.example A 192.0.2.2
08-01 08-10 3 lure.example NS ns1.dns.example|ns2.dns.example
08-03 08-04 1 other.example A 192.0.2.1
07-01 07-04 1 early.example A 192.0.2.1
08-02 08-03 1 friend.example NS ns1.dns.example
08-02 08-03 1 ns1.dns.example A 198.51.100.1
`

const lureMap = `
0 lure.example. expanded 1.000 08-01-08-10 12
1 ns2.dns.example. expanded 1.000 08-01-08-10 3 names=1 domains=1
1 192.0.2.2 expanded 1.000 08-06-08-10 2 names=1 domains=1
1 ns1.dns.example. expanded 0.707 08-01-08-10 5 names=2 domains=2
1 192.0.2.1 expanded 0.707 08-01-08-05 5 names=2 domains=2
2 dns.example. frontier 1.000 08-01-08-10 8
2 friend.example. frontier 0.707 08-02-08-03 1
2 other.example. frontier 0.707 08-03-08-04 1
2 198.51.100.1 frontier 0.707 08-02-08-03 1
lure.example. address 192.0.2.1 08-01-08-05 4
lure.example. address 192.0.2.2 08-06-08-10 2
lure.example. ns ns1.dns.example. 08-01-08-10 3
lure.example. ns ns2.dns.example. 08-01-08-10 3
ns2.dns.example. domain dns.example. 08-01-08-10 3
ns1.dns.example. address 198.51.100.1 08-02-08-03 1
ns1.dns.example. domain dns.example. 08-01-08-10 5
friend.example. ns ns1.dns.example. 08-02-08-03 1
other.example. address 192.0.2.1 08-03-08-04 1
`

func TestMap(t *testing.T) {
	tests := []struct {
		name, seen, seeds string
		q                 analysis.MapQuery
		want              string
	}{
		{"names that were there at the same time", lure, "lure.example", analysis.MapQuery{Depth: 2}, lureMap},
		{
			"names that were there at any time", lure, "lure.example",
			analysis.MapQuery{Depth: 2, Kinds: []analysis.Kind{analysis.HasAddress}, AnyTime: true}, `
0 lure.example. expanded 1.000 08-01-08-10 6
1 192.0.2.2 expanded 1.000 08-06-08-10 2 names=1 domains=1
1 192.0.2.1 expanded 0.577 07-01-08-05 6 names=3 domains=3
2 early.example. frontier 0.577 07-01-07-04 1
2 other.example. frontier 0.577 08-03-08-04 1
lure.example. address 192.0.2.1 08-01-08-05 4
lure.example. address 192.0.2.2 08-06-08-10 2
early.example. address 192.0.2.1 07-01-07-04 1
other.example. address 192.0.2.1 08-03-08-04 1
`,
		},
		{
			"the map at a time", lure, "lure.example",
			analysis.MapQuery{Depth: 2, Kinds: []analysis.Kind{analysis.HasAddress}, Window: analysis.Window{Since: day(t, "08-07"), Until: day(t, "08-07")}}, `
0 lure.example. expanded 1.000 08-06-08-10 2
1 192.0.2.2 expanded 1.000 08-06-08-10 2 names=1 domains=1
lure.example. address 192.0.2.2 08-06-08-10 2
`,
		},
		{
			"an address as seed has all its names, whenever", lure, "192.0.2.1", analysis.MapQuery{Depth: 1}, `
0 192.0.2.1 expanded 1.000 07-01-08-05 6 names=3 domains=3
1 early.example. frontier 0.577 07-01-07-04 1
1 lure.example. frontier 0.577 08-01-08-05 4
1 other.example. frontier 0.577 08-03-08-04 1
early.example. address 192.0.2.1 07-01-07-04 1
lure.example. address 192.0.2.1 08-01-08-05 4
other.example. address 192.0.2.1 08-03-08-04 1
`,
		},
		{
			"a network as seed", lure, "192.0.2.0/30", analysis.MapQuery{Depth: 2}, `
0 192.0.2.0/30 expanded 1.000 07-01-08-10 8 names=3 domains=3
1 192.0.2.2 expanded 0.577 08-06-08-10 2 names=1 domains=1
1 192.0.2.1 expanded 0.333 07-01-08-05 6 names=3 domains=3
2 lure.example. frontier 0.718 08-01-08-10 6
2 early.example. frontier 0.333 07-01-07-04 1
2 other.example. frontier 0.333 08-03-08-04 1
192.0.2.2 network 192.0.2.0/30 08-06-08-10 2
192.0.2.1 network 192.0.2.0/30 07-01-08-05 6
lure.example. address 192.0.2.1 08-01-08-05 4
lure.example. address 192.0.2.2 08-06-08-10 2
early.example. address 192.0.2.1 07-01-07-04 1
other.example. address 192.0.2.1 08-03-08-04 1
`,
		},
		{
			"networks as edges, and a name that shares two things with the seed", `
08-01 08-05 1 a.example A 192.0.2.1
08-01 08-05 1 b.example A 192.0.2.77
08-01 08-05 1 a.example AAAA 2001:db8:1::1
08-01 08-05 1 b.example AAAA 2001:db8:1:2::1
`, "a.example", analysis.MapQuery{Kinds: []analysis.Kind{analysis.HasAddress, analysis.InNetwork}}, `
0 a.example. expanded 1.000 08-01-08-05 2
1 192.0.2.1 expanded 1.000 08-01-08-05 1 names=1 domains=1
1 2001:db8:1::1 expanded 1.000 08-01-08-05 1 names=1 domains=1
2 192.0.2.0/24 expanded 0.707 08-01-08-05 2 names=2 domains=2
2 2001:db8:1::/48 expanded 0.707 08-01-08-05 2 names=2 domains=2
3 192.0.2.77 expanded 0.707 08-01-08-05 1 names=1 domains=1
3 2001:db8:1:2::1 expanded 0.707 08-01-08-05 1 names=1 domains=1
4 b.example. frontier 0.914 08-01-08-05 2
a.example. address 192.0.2.1 08-01-08-05 1
a.example. address 2001:db8:1::1 08-01-08-05 1
192.0.2.1 network 192.0.2.0/24 08-01-08-05 1
2001:db8:1::1 network 2001:db8:1::/48 08-01-08-05 1
192.0.2.77 network 192.0.2.0/24 08-01-08-05 1
2001:db8:1:2::1 network 2001:db8:1::/48 08-01-08-05 1
b.example. address 192.0.2.77 08-01-08-05 1
b.example. address 2001:db8:1:2::1 08-01-08-05 1
`,
		},
		{
			"cycles", `
08-01 08-05 1 a.example CNAME b.example
08-01 08-05 1 b.example CNAME a.example
08-01 08-05 1 a.example NS a.example
08-01 08-05 1 a.example MX 10 b.example
08-01 08-05 1 a.example MX 20 b.example
08-01 08-05 1 a.example HTTPS 1 . alpn=h2
`, "a.example", analysis.MapQuery{Depth: 9}, `
0 a.example. expanded 1.000 08-01-08-05 5 names=2 domains=2
1 b.example. expanded 0.707 08-01-08-05 4 names=1 domains=1
a.example. ns a.example. 08-01-08-05 1
a.example. mx b.example. 08-01-08-05 2
a.example. cname b.example. 08-01-08-05 1
b.example. cname a.example. 08-01-08-05 1
`,
		},
		{
			"other parameters are the same edge; null MX is none", `
08-01 08-05 1 a.example HTTPS 1 svc.example alpn=h2
08-03 08-09 1 a.example HTTPS 2 svc.example alpn=h3
08-01 08-05 1 a.example MX 0 .
`, "svc.example", analysis.MapQuery{Depth: 1}, `
0 svc.example. expanded 1.000 08-01-08-09 2 names=1 domains=1
1 a.example. frontier 1.000 08-01-08-09 2
a.example. https svc.example. 08-01-08-09 2
`,
		},
		{
			"the names in a domain", `
08-01 08-05 1 example.com NS ns.example.net
08-01 08-05 1 www.example.com A 192.0.2.1
08-02 08-07 1 www.example.com AAAA 2001:db8::1
08-01 08-05 1 a.mail.example.com A 192.0.2.2
`, "example.com", analysis.MapQuery{Depth: 1}, `
0 example.com. expanded 1.000 08-01-08-05 1 names=2 domains=0
1 ns.example.net. frontier 1.000 08-01-08-05 1
1 a.mail.example.com. frontier 0.707 08-01-08-05 1
1 www.example.com. frontier 0.707 08-01-08-07 2
example.com. ns ns.example.net. 08-01-08-05 1
a.mail.example.com. domain example.com. 08-01-08-05 1
www.example.com. domain example.com. 08-01-08-07 2
`,
		},
		{
			"seeds that were not seen, beside one that was", lure, "friend.example nowhere.example 203.0.113.9 friend.example",
			analysis.MapQuery{Depth: 1}, `
0 friend.example. expanded 1.000 08-02-08-03 1
0 nowhere.example. unseen 1.000 --- 0
0 203.0.113.9 unseen 1.000 --- 0
1 ns1.dns.example. frontier 1.000 08-02-08-03 1
friend.example. ns ns1.dns.example. 08-02-08-03 1
`,
		},
		{
			"a window with nothing in it", lure, "lure.example", analysis.MapQuery{Window: analysis.Window{Since: day(t, "09-01")}}, `
0 lure.example. unseen 1.000 --- 0
`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.q.Seeds = keys(t, tt.seeds)
			g, err := analysis.Map(t.Context(), saw(t, tt.seen), tt.q)
			if err != nil {
				t.Fatal(err)
			}
			same(t, picture(g), tt.want)
		})
	}
}

// same compares texts of lines.
func same(t *testing.T, got, want string) {
	t.Helper()
	if got, want = strings.TrimSpace(got), strings.TrimSpace(want); got != want {
		t.Errorf("got\n%s\n\nwant\n%s", got, want)
	}
}

func TestMapRefuses(t *testing.T) {
	h := saw(t, lure)
	seeds := keys(t, "lure.example")
	tests := []struct {
		q    analysis.MapQuery
		want string
	}{
		{analysis.MapQuery{}, "a map without a seed, want at least one name, address or network"},
		{analysis.MapQuery{Seeds: make([]analysis.Key, 1)}, "an empty seed, want a name, an address or a network"},
		{analysis.MapQuery{Seeds: append(seeds, seeds...), Bounds: analysis.Bounds{Nodes: 1}}, "2 seeds, want at most as many as the map may have nodes, 1"},
		{analysis.MapQuery{Seeds: seeds, Depth: -1}, "depth -1, want 1 or more"},
		{analysis.MapQuery{Seeds: seeds, Kinds: []analysis.Kind{"a"}}, `"a" is no kind of edge: want address, ns, mx, cname, https, domain or network`},
		{analysis.MapQuery{Seeds: seeds, Window: analysis.Window{Since: 2, Until: 1}}, "the window ends before it begins"},
	}
	for _, tt := range tests {
		if g, err := analysis.Map(t.Context(), h, tt.q); g != nil || err == nil || err.Error() != tt.want {
			t.Errorf("%+v: %v, want %s", tt.q, err, tt.want)
		}
	}
}

// TestMapEndsWithItsNodes: however deep a map may be, it ends where nothing is left to
// look at.
func TestMapEndsWithItsNodes(t *testing.T) {
	q := analysis.MapQuery{Seeds: keys(t, "lure.test"), Depth: math.MaxInt}
	q.Progress = func(at analysis.Progress) {
		if at.Depth > 100 {
			t.Fatalf("still looking %d steps away", at.Depth)
		}
	}
	g, err := analysis.Map(t.Context(), saw(t, hosting), q)
	if err != nil || len(g.Edges) == 0 || len(g.Cut) > 0 {
		t.Errorf("%+v, %v, want all of it", g, err)
	}
}

func TestMapEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	g, err := analysis.Map(ctx, saw(t, lure), analysis.MapQuery{Seeds: keys(t, "lure.example"), Bounds: analysis.Bounds{Time: time.Hour}})
	if g != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("%v, %v", g, err)
	}
}

package analysis_test

import (
	"strings"
	"testing"
	"time"

	"example.org/pdns/plugin/pkg/analysis"
)

// hosting is a scheme of two names, with an address that serves others as well, and
// a name server with very many zones below few domains.
const hosting = `
08-01 08-05 1 lure.test A 192.0.2.1
08-01 08-05 1 pay.test A 192.0.2.1
08-01 08-05 1 lure.test A 198.51.100.1
08-01 08-05 1 pay.test A 198.51.100.1
08-01 08-05 1 shop.example A 198.51.100.1
08-01 08-05 1 cats.example A 198.51.100.1
09-01 09-05 1 late.example A 198.51.100.1
08-01 08-05 1 lure.test NS ns.test
08-01 08-05 1 a.pay.test NS ns.test
08-01 08-05 1 b.pay.test NS ns.test
08-01 08-05 1 c.pay.test NS ns.test
`

func TestMapBounds(t *testing.T) {
	address := []analysis.Kind{analysis.HasAddress}
	ranges := &analysis.Ranges{}
	if err := ranges.Read(strings.NewReader("192.0.2.0/24\n"), "cdn"); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		q    analysis.MapQuery
		want string
	}{
		{
			"what serves more domains is shared, whatever number of names one has",
			analysis.MapQuery{Kinds: []analysis.Kind{analysis.HasAddress, analysis.HasServer}, Bounds: analysis.Bounds{Domains: 2}, Depth: 2}, `
0 lure.test. expanded 1.000 08-01-08-05 3
1 ns.test. expanded 0.707 08-01-08-05 4 names=4 domains=2
1 192.0.2.1 expanded 0.707 08-01-08-05 2 names=2 domains=2
1 198.51.100.1 shared 0.500 08-01-08-05 1 names=4 domains=4
2 pay.test. frontier 0.707 08-01-08-05 1
2 a.pay.test. frontier 0.707 08-01-08-05 1
2 b.pay.test. frontier 0.707 08-01-08-05 1
2 c.pay.test. frontier 0.707 08-01-08-05 1
lure.test. address 192.0.2.1 08-01-08-05 1
lure.test. address 198.51.100.1 08-01-08-05 1
lure.test. ns ns.test. 08-01-08-05 1
pay.test. address 192.0.2.1 08-01-08-05 1
a.pay.test. ns ns.test. 08-01-08-05 1
b.pay.test. ns ns.test. 08-01-08-05 1
c.pay.test. ns ns.test. 08-01-08-05 1
shared [198.51.100.1]
`,
		},
		{
			"what is shared binds a little those who are found without it",
			analysis.MapQuery{Kinds: address, Bounds: analysis.Bounds{Domains: 2}, Depth: 3}, `
0 lure.test. expanded 1.000 08-01-08-05 2
1 192.0.2.1 expanded 0.707 08-01-08-05 2 names=2 domains=2
1 198.51.100.1 shared 0.500 08-01-08-05 2 names=4 domains=4
2 pay.test. expanded 0.854 08-01-08-05 2
lure.test. address 192.0.2.1 08-01-08-05 1
lure.test. address 198.51.100.1 08-01-08-05 1
pay.test. address 192.0.2.1 08-01-08-05 1
pay.test. address 198.51.100.1 08-01-08-05 1
shared [198.51.100.1]
`,
		},
		{
			"counting has an end",
			analysis.MapQuery{Kinds: address, Bounds: analysis.Bounds{Domains: 2, Count: 3, Neighbours: 2}, Depth: 2}, `
0 lure.test. expanded 1.000 08-01-08-05 2
1 192.0.2.1 expanded 0.707 08-01-08-05 2 names=2 domains=2
1 198.51.100.1 shared 0.577 08-01-08-05 1 names=3 domains=3 more
2 pay.test. frontier 0.707 08-01-08-05 1
lure.test. address 192.0.2.1 08-01-08-05 1
lure.test. address 198.51.100.1 08-01-08-05 1
pay.test. address 192.0.2.1 08-01-08-05 1
shared [198.51.100.1]
`,
		},
		{
			"expanded because it was asked for",
			analysis.MapQuery{Kinds: address, Bounds: analysis.Bounds{Domains: 1}, Expand: keys(t, "192.0.2.1"), Depth: 2}, `
0 lure.test. expanded 1.000 08-01-08-05 2
1 192.0.2.1 expanded 0.707 08-01-08-05 2 names=2 domains=2
1 198.51.100.1 shared 0.500 08-01-08-05 1 names=4 domains=4
2 pay.test. frontier 0.707 08-01-08-05 1
lure.test. address 192.0.2.1 08-01-08-05 1
lure.test. address 198.51.100.1 08-01-08-05 1
pay.test. address 192.0.2.1 08-01-08-05 1
shared [198.51.100.1]
`,
		},
		{
			"everything expanded",
			analysis.MapQuery{Kinds: address, Bounds: analysis.Bounds{Domains: 1}, ExpandShared: true, Depth: 2}, `
0 lure.test. expanded 1.000 08-01-08-05 2
1 192.0.2.1 expanded 0.707 08-01-08-05 2 names=2 domains=2
1 198.51.100.1 expanded 0.500 08-01-08-05 4 names=4 domains=4
2 pay.test. frontier 0.854 08-01-08-05 2
2 cats.example. frontier 0.500 08-01-08-05 1
2 shop.example. frontier 0.500 08-01-08-05 1
lure.test. address 192.0.2.1 08-01-08-05 1
lure.test. address 198.51.100.1 08-01-08-05 1
pay.test. address 192.0.2.1 08-01-08-05 1
pay.test. address 198.51.100.1 08-01-08-05 1
cats.example. address 198.51.100.1 08-01-08-05 1
shop.example. address 198.51.100.1 08-01-08-05 1
`,
		},
		{
			"ranges of CDNs",
			analysis.MapQuery{Kinds: address, Ranges: ranges, Bounds: analysis.Bounds{Domains: 2}, Depth: 2}, `
0 lure.test. expanded 1.000 08-01-08-05 2
1 192.0.2.1 shared 0.707 08-01-08-05 1 names=2 domains=2 in cdn
1 198.51.100.1 shared 0.500 08-01-08-05 1 names=4 domains=4
lure.test. address 192.0.2.1 08-01-08-05 1
lure.test. address 198.51.100.1 08-01-08-05 1
shared [198.51.100.1 192.0.2.1]
`,
		},
		{
			"too many neighbours",
			analysis.MapQuery{Kinds: address, Bounds: analysis.Bounds{Neighbours: 1}, Depth: 2}, `
0 lure.test. partly 1.000 08-01-08-05 1
1 192.0.2.1 partly 0.707 08-01-08-05 1 names=2 domains=2
lure.test. address 192.0.2.1 08-01-08-05 1
cut at neighbours 1: 2 nodes [lure.test. 192.0.2.1], 0 links
`,
		},
		{
			"too many nodes",
			analysis.MapQuery{Kinds: address, Bounds: analysis.Bounds{Nodes: 4}, Depth: 2}, `
0 lure.test. expanded 1.000 08-01-08-05 2
1 192.0.2.1 expanded 0.707 08-01-08-05 2 names=2 domains=2
1 198.51.100.1 partly 0.500 08-01-08-05 2 names=4 domains=4
2 pay.test. frontier 0.854 08-01-08-05 2
lure.test. address 192.0.2.1 08-01-08-05 1
lure.test. address 198.51.100.1 08-01-08-05 1
pay.test. address 192.0.2.1 08-01-08-05 1
pay.test. address 198.51.100.1 08-01-08-05 1
cut at nodes 4: 1 nodes [198.51.100.1], 2 links
`,
		},
		{
			"too many RRsets",
			analysis.MapQuery{Kinds: address, Bounds: analysis.Bounds{RRsets: 4}, Depth: 3}, `
0 lure.test. expanded 1.000 08-01-08-05 2
1 198.51.100.1 left 1.000 08-01-08-05 1
1 192.0.2.1 expanded 0.707 08-01-08-05 2 names=2 domains=2
2 pay.test. left 0.707 08-01-08-05 1
lure.test. address 192.0.2.1 08-01-08-05 1
lure.test. address 198.51.100.1 08-01-08-05 1
pay.test. address 192.0.2.1 08-01-08-05 1
cut at rrsets 4: 2 nodes [198.51.100.1 pay.test.], 0 links
`,
		},
		{
			"no time",
			analysis.MapQuery{Bounds: analysis.Bounds{Time: time.Nanosecond}}, `
0 lure.test. left 1.000 --- 0
cut at time 0: 1 nodes [lure.test.], 0 links
`,
		},
	}
	h := saw(t, hosting)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.q.Seeds = keys(t, "lure.test")
			g, err := analysis.Map(t.Context(), h, tt.q)
			if err != nil {
				t.Fatal(err)
			}
			same(t, picture(g), tt.want)
		})
	}
}

package analysis_test

import (
	"fmt"
	"strings"
	"testing"

	"example.org/pdns/plugin/pkg/analysis"
)

// wide is a history of names that all have one RRset of many members.
func wide(t testing.TB, rrtype, member string, names, members int) *history {
	h := newHistory(t)
	var rdata []string
	for i := range members {
		rdata = append(rdata, fmt.Sprintf(member, i/256, i%256))
	}
	for i := range names {
		h.add(fmt.Sprintf("08-01 08-05 1 name%d.test %s %s", i, rrtype, strings.Join(rdata, "|")))
	}
	return h
}

var wideKinds = []struct{ rrtype, member string }{
	{"A", "10.0.%d.%d"},
	{"NS", "ns%d-%d.example"},
	{"TXT", `"text %d %d"`},
}

// TestMapOfWideRRsets: where names have an RRset of thousands of members, the map has
// these and who shares the first of them, and says what it did not read for the rest.
func TestMapOfWideRRsets(t *testing.T) {
	tests := []struct {
		rrtype, member string
		names, members int
		rdata          int
		want           string
	}{
		{"A", "10.0.%d.%d", 1, 4000, 0, "4001 nodes, 4000 edges, 22 read, cut at rdata 100000: 3980 nodes"},
		{"A", "10.0.%d.%d", 20, 4000, 0, "4020 nodes, 4019 edges, 60 read, cut at rdata 100000: 4018 nodes"},
		{"A", "10.0.%d.%d", 3, 100, 1000, "103 nodes, 103 edges, 12 read, cut at rdata 1000: 101 nodes"},
		{"A", "10.0.%d.%d", 3, 100, 1 << 20, "103 nodes, 300 edges, 306 read"},
		{"A", "10.0.%d.%d", 3, 99, 1, "102 nodes, 297 edges, 303 read"},
		{"NS", "ns%d-%d.example", 20, 4000, 0, "4020 nodes, 4019 edges, 60 read, cut at rdata 100000: 4018 nodes"},
		{"TXT", `"text %d %d"`, 20, 4000, 0, "1 nodes, 0 edges, 1 read"},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%d %s of %d, %d", tt.names, tt.rrtype, tt.members, tt.rdata), func(t *testing.T) {
			h := wide(t, tt.rrtype, tt.member, tt.names, tt.members)
			q := analysis.MapQuery{Seeds: keys(t, "name0.test"), Bounds: analysis.Bounds{Rdata: tt.rdata}}
			g, err := analysis.Map(t.Context(), h, q)
			if err != nil {
				t.Fatal(err)
			}
			got := fmt.Sprintf("%d nodes, %d edges, %d read", len(g.Nodes), len(g.Edges), g.Read)
			for _, c := range g.Cut {
				got += fmt.Sprintf(", cut at %s %d: %d nodes", c.At, c.Limit, c.Nodes)
			}
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func BenchmarkMapOfWideRRsets(b *testing.B) {
	for _, k := range wideKinds {
		h := wide(b, k.rrtype, k.member, 20, 4000)
		b.Run(k.rrtype, func(b *testing.B) {
			for b.Loop() {
				if _, err := analysis.Map(b.Context(), h, analysis.MapQuery{Seeds: keys(b, "name0.test")}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

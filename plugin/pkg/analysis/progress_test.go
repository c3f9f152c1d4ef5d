package analysis_test

import (
	"fmt"
	"testing"

	"example.org/pdns/plugin/pkg/analysis"
)

// TestProgress: a map and a pivot tell how far they are.
func TestProgress(t *testing.T) {
	h := newHistory(t)
	for i := range 1000 {
		h.add(fmt.Sprintf("08-01 08-05 1 name%d.test A 192.0.2.1", i))
	}
	var told []analysis.Progress
	tell := func(p analysis.Progress) { told = append(told, p) }
	check := func(what string, nodes int) {
		t.Helper()
		if len(told) < 3 {
			t.Fatalf("%s: told %v", what, told)
		}
		for i, p := range told {
			if i > 0 && (p.RRsets < told[i-1].RRsets || p.Nodes < told[i-1].Nodes || p.Depth < told[i-1].Depth) {
				t.Errorf("%s goes back: %v", what, told)
			}
		}
		if last := told[len(told)-1]; last.RRsets < 700 || last.Nodes < nodes {
			t.Errorf("%s: at last %v", what, last)
		}
		told = nil
	}
	g, err := analysis.Map(t.Context(), h, analysis.MapQuery{Seeds: keys(t, "name1.test"), Progress: tell})
	if err != nil || len(g.Nodes) < 1000 {
		t.Fatal(len(g.Nodes), err)
	}
	if last := told[len(told)-1]; last.RRsets != g.Read || last.Nodes != len(g.Nodes) {
		t.Errorf("at the end %v, want %d RRsets, %d nodes", last, g.Read, len(g.Nodes))
	}
	check("map", 1000)
	for _, err := range analysis.Pivot(t.Context(), h, analysis.PivotQuery{From: keys(t, "192.0.2.1")[0], Progress: tell}) {
		if err != nil {
			t.Fatal(err)
		}
	}
	check("pivot", 0)
}

package investigate_test

import (
	"slices"
	"testing"

	"example.org/pdns/plugin/pkg/investigate"
)

// TestFluxCut: what the verdict on flux goes by is told in words that need no source.
func TestFluxCut(t *testing.T) {
	r := walk(t, saw(t, addresses("lure.example", 100)), investigate.Query{Seeds: seeds(t, "lure.example")})
	want := "for the verdict whether lure.example is fast flux who else had its addresses was looked up for 64 of 100 of them"
	if !slices.Contains(r.Cuts, want) {
		t.Errorf("cuts %q, want %q", r.Cuts, want)
	}
}

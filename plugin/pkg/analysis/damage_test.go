package analysis_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"example.org/pdns/plugin/pkg/analysis"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// TestDamage: what can be read is shown, beside the error that says what cannot.
func TestDamage(t *testing.T) {
	h := saw(t, `
08-01 08-05 1 lure.example A 192.0.2.1
08-01 08-05 1 other.example A 192.0.2.1
flush
09-01 09-05 1 lure.example A 192.0.2.2
`)
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(h.dir)); err != nil {
		t.Fatal(err)
	}
	// The copy has the first run alone, and no memtable.
	runs, err := filepath.Glob(filepath.Join(dir, "*.run"))
	if err != nil || len(runs) != 1 {
		t.Fatalf("%v, %v", runs, err)
	}
	if err := os.Truncate(runs[0], 100); err != nil {
		t.Fatal(err)
	}
	src, err := store.OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	g, err := analysis.Map(t.Context(), src, analysis.MapQuery{Seeds: keys(t, "lure.example")})
	if g == nil || !errors.Is(err, store.ErrIncomplete) || g.Incomplete != err.Error() || len(g.Nodes) != 1 {
		t.Errorf("map: %+v, %v", g, err)
	}
	l, err := analysis.ReadTimeline(t.Context(), src, analysis.TimelineQuery{Name: rrset.MustName("lure.example")})
	if l == nil || !errors.Is(err, store.ErrIncomplete) || l.Incomplete != err.Error() {
		t.Errorf("timeline: %+v, %v", l, err)
	}
	links, err := 0, error(nil)
	for _, e := range analysis.Pivot(t.Context(), src, analysis.PivotQuery{From: keys(t, "192.0.2.1")[0]}) {
		links, err = links+1, e
	}
	if links != 1 || !errors.Is(err, store.ErrIncomplete) {
		t.Errorf("pivot: %d, %v", links, err)
	}
}

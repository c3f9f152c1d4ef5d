package pdnscollect

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// TestPathNotUTF8: a directory may be called anything; the metrics go on.
func TestPathNotUTF8(t *testing.T) {
	dir := t.TempDir()
	odd, link := filepath.Join(dir, "caf\xe9"), filepath.Join(dir, "link")
	if err := os.Mkdir(odd, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(odd, link); err != nil {
		t.Fatal(err)
	}
	start(t, blocks(link, "", "a.example"))
	families, err := prometheus.DefaultGatherer.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() != "coredns_pdnscollect_runs" {
			continue
		}
		want := filepath.Join(dir, "caf\uFFFD")
		if m := f.GetMetric(); len(m) != 1 || m[0].GetLabel()[0].GetValue() != want {
			t.Errorf("got %v, want the store %s", m, want)
		}
	}
}

// TestConditions: a store of which a run is missing is told, and the server runs.
func TestConditions(t *testing.T) {
	dir := t.TempDir()
	s, err := store.Open(dir, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	seen := &rrset.RRset{Owner: rrset.MustName("a.example"), Type: 1, Rdata: [][]byte{{192, 0, 2, 1}},
		Figures: rrset.Figures{First: 1564617600, Last: 1564617600, Count: 1}}
	if err := errors.Join(s.Add(seen), s.Close(), os.Remove(filepath.Join(dir, "00000001.run"))); err != nil {
		t.Fatal(err)
	}
	start(t, blocks(dir, "", "a.example"))
	families, err := prometheus.DefaultGatherer.Gather()
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]float64{}
	for _, f := range families {
		if f.GetName() != "coredns_pdnscollect_store_condition" {
			continue
		}
		for _, m := range f.GetMetric() {
			told[m.GetLabel()[0].GetValue()] = m.GetGauge().GetValue()
		}
	}
	for _, kind := range store.Conditions {
		want := truth(kind == store.RunMissing)
		if got, ok := told[kind]; !ok || got != want {
			t.Errorf("condition %s is %v, %v: want %v", kind, got, ok, want)
		}
	}
}

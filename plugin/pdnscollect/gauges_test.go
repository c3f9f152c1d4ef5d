package pdnscollect

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
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

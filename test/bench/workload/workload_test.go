package workload_test

import (
	"os"
	"path/filepath"
	"testing"

	"example.org/pdns/test/bench/workload"
)

// names are real ones if PDNS_TEST_DATA names a folder that has them.
func names(t testing.TB) *workload.Names {
	t.Helper()
	dir := os.Getenv("PDNS_TEST_DATA")
	if dir == "" {
		return workload.MadeUpNames()
	}
	n, err := workload.ReadNames(filepath.Join(dir, "names", "domains-65k.txt"), filepath.Join(dir, "names", "host-labels-100k.txt"))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

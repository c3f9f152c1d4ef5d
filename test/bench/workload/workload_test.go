package workload_test

import (
	"testing"

	"example.org/pdns/test/bench/workload"
)

// names are real ones if PDNS_TEST_DATA names a folder that has them.
func names(t testing.TB) *workload.Names {
	t.Helper()
	n, err := workload.ReadNames("", "")
	if err != nil {
		t.Fatal(err)
	}
	return n
}

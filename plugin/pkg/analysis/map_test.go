package analysis_test

import (
	"testing"

	"example.org/pdns/plugin/pkg/analysis"
)

func TestMap(t *testing.T) {
	h := saw(t, `
08-01 08-05 4 lure.example A 192.0.2.1
08-06 08-10 2 lure.example A 192.0.2.2
08-03 08-04 1 other.example A 192.0.2.1
07-01 07-04 1 early.example A 192.0.2.1
08-01 08-10 3 lure.example NS ns1.dns.example|ns2.dns.example
08-02 08-03 1 friend.example NS ns1.dns.example
08-02 08-03 1 ns1.dns.example A 198.51.100.1
`)
	g, err := analysis.Map(t.Context(), h, analysis.MapQuery{Seeds: keys(t, "lure.example"), Depth: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Log("\n" + picture(g))
}

package report_test

import (
	"fmt"
	"strings"
	"testing"

	"example.org/pdns/plugin/pkg/analysis"
	"example.org/pdns/plugin/pkg/investigate"
	"example.org/pdns/plugin/pkg/investigate/report"
)

// TestCompany: what nobody else had is told in a sentence, and blocks are bounded.
func TestCompany(t *testing.T) {
	r := everything()
	r.Neighbours = nil
	near := []investigate.Tenant{{Name: "near.example.", Domain: "near.example."}}
	for i := range 640 {
		n := investigate.Neighbours{Seed: "lure.example.", Owner: "lure.example.", Target: fmt.Sprintf("192.0.2.%d", i), Kind: analysis.HasAddress, Names: 1, Domains: 1}
		n.Other = i % 2
		if i < 60 {
			n.With, n.Names, n.Domains = near, 2, 2
		}
		r.Neighbours = append(r.Neighbours, n)
	}
	r.Neighbours = append(r.Neighbours, investigate.Neighbours{Seed: "www.x.example.", Owner: "x.example.", Target: "ns.test.", Kind: analysis.HasServer, Names: 1, Domains: 1})
	var b strings.Builder
	if err := report.Write(&b, r); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"Nobody else was seen at the time at 580 addresses that lure.example had: 192.0.2.60, 192.0.2.61, 192.0.2.62, 192.0.2.63, 192.0.2.64, 192.0.2.65, 192.0.2.66, 192.0.2.67, 192.0.2.68, 192.0.2.69 and 570 more. " +
			"Others were there at other times, at 290, and do not count.</p>",
		"<p>Nobody else was seen at the time at 1 name server that x.example, the registered domain of www.x.example, had: ns.test.</p>",
		"10 more things that a seed shared with others are not told here",
		"2 names of 2 registered domains had it at that time, the seed among them.\n1 other had it at other times, and does not count.",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the report has not %q", want)
		}
	}
	if got := strings.Count(b.String(), "<small>address</small>"); got != 50 {
		t.Errorf("%d blocks of addresses, want 50", got)
	}
	if strings.Contains(b.String(), "1 names") {
		t.Error("the report has 1 names")
	}
}

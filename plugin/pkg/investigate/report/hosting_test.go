package report_test

import (
	"strings"
	"testing"

	"example.org/pdns/plugin/pkg/analysis"
	"example.org/pdns/plugin/pkg/investigate/report"
)

// TestHosting: that a name is hosted with others is not said with the word for what a
// walk does not follow.
func TestHosting(t *testing.T) {
	r := everything()
	r.Flux = []*analysis.FluxReport{{Name: "lure.example.", Verdict: analysis.IsShared, Because: "half of its addresses"}}
	var b strings.Builder
	if err := report.Write(&b, r); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "<p>No: it is hosted together with others. Why: half of its addresses. This says how it is hosted.") {
		t.Error("the verdict is not told as one on hosting")
	}
}

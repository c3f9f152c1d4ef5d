package analysis_test

import (
	"context"
	"fmt"
	"iter"
	"testing"

	"example.org/pdns/plugin/pkg/analysis"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// broken answers, and says behind each answer that it is not whole.
type broken struct{ store.Source }

func (b broken) Find(ctx context.Context, q store.Query) iter.Seq2[*rrset.RRset, error] {
	return func(yield func(*rrset.RRset, error) bool) {
		for s, err := range b.Source.Find(ctx, q) {
			if !yield(s, err) {
				return
			}
		}
		yield(nil, fmt.Errorf("a run: %w", store.ErrIncomplete))
	}
}

func TestCandidates(t *testing.T) {
	h := saw(t, fluxing("a.test")+fluxing("deep.b.test")+fluxing("c.example")+`
08-01 08-02 1 five.test A 10.0.0.1|10.1.0.1|10.2.0.1|10.3.0.1|10.4.0.1
08-01 08-02 1 six.test A 10.0.0.1|10.1.0.1|10.2.0.1|10.3.0.1|10.4.0.1
09-01 09-02 1 six.test AAAA 2001:db8::1
08-01 08-02 1 together.test A 10.0.0.1|10.0.0.2|10.0.0.3|10.0.0.4|10.0.0.5|10.0.0.6
`)
	for _, tt := range []struct {
		name, below, want string
		q                 analysis.CandidatesQuery
	}{
		{"below a suffix", "test", "[a.test. 84 84] [deep.b.test. 84 84] [six.test. 6 6] [addresses 6 2]", analysis.CandidatesQuery{}},
		{"at the name", "c.example", "[c.example. 84 84] []", analysis.CandidatesQuery{}},
		{"of fewer", "five.test", "[five.test. 5 5] []", analysis.CandidatesQuery{Addresses: 5}},
		{"within a time", "six.test", "[addresses 6 1]", analysis.CandidatesQuery{Window: analysis.Window{Until: day(t, "08-20")}}},
		{"the first", "test", "[a.test. 84 84] [names 1 2][addresses 6 2]", analysis.CandidatesQuery{Names: 1}},
		{"of what was read", "test", "[a.test. 12 12] [rrsets 3 1]", analysis.CandidatesQuery{RRsets: 3}},
		{"in no time", "test", "[time 0 1]", analysis.CandidatesQuery{Time: 1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.q.Below = rrset.MustName(tt.below)
			found, cuts, err := analysis.Candidates(t.Context(), h, tt.q)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, c := range found {
				got += fmt.Sprintf("[%s %d %d] ", rrset.NameString(c.Name), c.Addresses, c.Networks)
			}
			for _, c := range cuts {
				got += fmt.Sprintf("[%s %d %d]", c.At, c.Limit, c.Nodes)
			}
			if len(cuts) == 0 {
				got += "[]"
			}
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

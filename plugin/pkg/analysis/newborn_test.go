package analysis_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"example.org/pdns/plugin/pkg/analysis"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
	"example.org/pdns/plugin/pkg/store/novelty"
)

// newborns are "KIND NAME by OWNER TYPE FIRST" of what a query yields, with how many
// RRsets and sightings, and with when it was denied if it was.
func newborns(t *testing.T, h *history, q analysis.NewQuery) (got []string) {
	t.Helper()
	for n, err := range analysis.NewlyObserved(t.Context(), h, q) {
		if err != nil {
			t.Fatal(err)
		}
		s := fmt.Sprintf("%s %s by %s %s %s, %d RRsets, %d times", n.Kind, rrset.NameString(n.Name), rrset.NameString(n.Set.Owner),
			rrset.TypeString(n.Set.Type), monthDay(n.Set.First), n.RRsets, n.Seen.Count)
		if n.Denied != 0 {
			s += ", denied " + monthDay(n.Denied)
		}
		got = append(got, s)
	}
	return got
}

func monthDay(u int64) string { return time.Unix(u, 0).UTC().Format("01-02") }

const births = `
	08-01 08-01 1 old.example NS ns.example
	08-20 08-21 3 www.old.example A 192.0.2.1
	08-10 08-10 1 new.example NXDOMAIN -
	08-20 08-20 2 www.new.example A 192.0.2.2
	flush
	08-19 08-25 4 new.example NS ns.example
	08-21 08-21 1 new.example NODATA AAAA
	08-22 08-22 1 x.new.example NXDOMAIN -
	08-20 08-20 1 x.github.io A 192.0.2.3
	08-01 08-01 1 github.io A 192.0.2.3
	08-20 08-20 1 1.2.0.192.in-addr.arpa PTR www.new.example
	08-20 08-20 1 _wildcard_.old.example A 192.0.2.4
`

func TestNewlyObserved(t *testing.T) {
	h := saw(t, births)
	since := analysis.Window{Since: day(t, "08-15")}
	const (
		domain  = "domain new.example. by new.example. NS 08-19, 2 RRsets, 6 times"
		private = "domain x.github.io. by x.github.io. A 08-20, 1 RRsets, 1 times"
		apex    = "host new.example. by new.example. NS 08-19, 1 RRsets, 4 times"
		www     = "host www.new.example. by www.new.example. A 08-20, 1 RRsets, 2 times"
		old     = "host www.old.example. by www.old.example. A 08-20, 1 RRsets, 3 times"
		hub     = "host x.github.io. by x.github.io. A 08-20, 1 RRsets, 1 times"
		ns      = "rrset new.example. by new.example. NS 08-19, 1 RRsets, 4 times"
		denied  = ", denied 08-10"
	)
	for _, tt := range []struct {
		name string
		q    analysis.NewQuery
		want []string
	}{
		{"domains", analysis.NewQuery{Kinds: []novelty.Kind{novelty.Domain}, Window: since}, []string{domain, private}},
		{"hosts", analysis.NewQuery{Kinds: []novelty.Kind{novelty.Host}, Window: since}, []string{www, apex, old, hub}},
		{"denied", analysis.NewQuery{Kinds: []novelty.Kind{novelty.Domain}, Window: since, Denied: true}, []string{domain + denied, private}},
		{"hosts denied", analysis.NewQuery{Kinds: []novelty.Kind{novelty.Host}, Window: since, Name: rrset.MustName("new.example"), Denied: true},
			[]string{www, apex + denied}},
		{"below", analysis.NewQuery{Kinds: []novelty.Kind{novelty.Domain}, Window: since, Name: rrset.MustName("io")}, []string{private}},
		{"until", analysis.NewQuery{Kinds: []novelty.Kind{novelty.Domain}, Window: analysis.Window{Since: since.Since, Until: day(t, "08-19")}}, []string{domain}},
		{"RRsets", analysis.NewQuery{Kinds: []novelty.Kind{novelty.RRset}, Window: analysis.Window{Since: since.Since, Until: day(t, "08-19")}}, []string{ns}},
		{"several kinds", analysis.NewQuery{Kinds: []novelty.Kind{novelty.Domain, novelty.RRset, novelty.Host}, Window: since, Name: rrset.MustName("new.example")},
			[]string{ns, "rrset www.new.example. by www.new.example. A 08-20, 1 RRsets, 2 times", domain, www, apex}},
		{"what came again is not known", analysis.NewQuery{Kinds: []novelty.Kind{novelty.Again}, Window: since}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := newborns(t, h, tt.q); !slices.Equal(got, tt.want) {
				t.Errorf("got\n%q\nwant\n%q", got, tt.want)
			}
		})
	}
	for range analysis.NewlyObserved(t.Context(), h, analysis.NewQuery{Kinds: novelty.Kinds}) {
		break // nothing goes on behind it
	}
}

func TestNewlyObservedInside(t *testing.T) {
	for name, want := range map[string]string{"www.a.co.uk": "a.co.uk.", "a.co.uk": "", "co.uk": "", "uk": "", ".": ""} {
		q := analysis.NewQuery{Kinds: []novelty.Kind{novelty.Domain}, Name: rrset.MustName(name)}
		got := ""
		if d := q.Inside(); d != nil {
			got = rrset.NameString(d)
		}
		if q.Kinds[0] = novelty.Host; got != want || q.Inside() != nil {
			t.Errorf("%s lies in %q, want %q, and hosts in none", name, got, want)
		}
	}
}

// TestNewlyObservedDamaged: what can be read is yielded, the open groups too, and then
// the error.
func TestNewlyObservedDamaged(t *testing.T) {
	src := broken{saw(t, births)}
	var got []string
	var bad error
	for n, err := range analysis.NewlyObserved(t.Context(), src, analysis.NewQuery{Kinds: []novelty.Kind{novelty.Domain}, Name: rrset.MustName("new.example")}) {
		if bad = err; err == nil {
			got = append(got, rrset.NameString(n.Name))
		}
	}
	if !slices.Equal(got, []string{"new.example."}) || !errors.Is(bad, store.ErrIncomplete) {
		t.Errorf("%q, %v", got, bad)
	}
}

package analysis_test

import (
	"fmt"
	"strings"
	"testing"

	"example.org/pdns/plugin/pkg/analysis"
)

func TestPivot(t *testing.T) {
	const world = lure + `
08-01 08-05 1 lure.example MX 10 mail.example
08-01 08-05 1 alias.example CNAME lure.example
08-01 08-05 1 www.lure.example A 192.0.2.9
08-01 08-05 1 new.example HTTPS 1 svc.example alpn=h3
`
	tests := []struct {
		from  string
		kinds string
		since string
		want  string
	}{
		{"lure.example", "", "", `
lure.example. address 192.0.2.1 08-01-08-05 4
lure.example. address 192.0.2.2 08-06-08-10 2
lure.example. ns ns1.dns.example. 08-01-08-10 3
lure.example. ns ns2.dns.example. 08-01-08-10 3
lure.example. mx mail.example. 08-01-08-05 1
alias.example. cname lure.example. 08-01-08-05 1
`},
		{"lure.example", "address", "08-06", `
lure.example. address 192.0.2.2 08-06-08-10 2
`},
		{"lure.example", "domain", "", `
www.lure.example. domain lure.example. 08-01-08-05 1
`},
		{"www.lure.example", "address,domain", "", `
www.lure.example. address 192.0.2.9 08-01-08-05 1
www.lure.example. domain lure.example. 08-01-08-05 1
`},
		{"ns1.dns.example", "ns", "", `
friend.example. ns ns1.dns.example. 08-02-08-03 1
lure.example. ns ns1.dns.example. 08-01-08-10 3
`},
		{"svc.example", "", "", "new.example. https svc.example. 08-01-08-05 1"},
		{"192.0.2.1", "", "08-01", `
lure.example. address 192.0.2.1 08-01-08-05 4
other.example. address 192.0.2.1 08-03-08-04 1
`},
		{"192.0.2.0/24", "", "08-01", `
lure.example. address 192.0.2.1 08-01-08-05 4
other.example. address 192.0.2.1 08-03-08-04 1
lure.example. address 192.0.2.2 08-06-08-10 2
www.lure.example. address 192.0.2.9 08-01-08-05 1
`},
		{"nowhere.example", "", "", ""},
	}
	h := saw(t, world)
	for _, tt := range tests {
		q := analysis.PivotQuery{From: keys(t, tt.from)[0]}
		if tt.kinds != "" {
			var err error
			if q.Kinds, err = analysis.ParseKinds(tt.kinds); err != nil {
				t.Fatal(err)
			}
		}
		if tt.since != "" {
			q.Since = day(t, tt.since)
		}
		var b strings.Builder
		for l, err := range analysis.Pivot(t.Context(), h, q) {
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&b, "%s %s %s %s-%s %d\n", l.Owner, l.Kind, l.Target, date(l.First), date(l.Last), l.Count)
		}
		same(t, b.String(), tt.want)
	}
}

func TestPeers(t *testing.T) {
	tests := []struct {
		anyTime bool
		want    string
	}{
		{false, `
other.example. address 192.0.2.1 08-03 08-04
friend.example. ns ns1.dns.example. 08-02 08-03
`},
		{true, `
early.example. address 192.0.2.1 - -
other.example. address 192.0.2.1 08-03 08-04
friend.example. ns ns1.dns.example. 08-02 08-03
`},
	}
	h := saw(t, lure)
	for _, tt := range tests {
		var b strings.Builder
		for p, err := range analysis.Peers(t.Context(), h, analysis.PivotQuery{From: keys(t, "lure.example")[0], AnyTime: tt.anyTime}) {
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&b, "%s %s %s %s %s\n", p.Owner, p.Kind, p.Target, date(p.From), date(p.Until))
		}
		same(t, b.String(), tt.want)
	}
}

func TestPivotRefuses(t *testing.T) {
	h := saw(t, lure)
	tests := []struct {
		q    analysis.PivotQuery
		want string
	}{
		{analysis.PivotQuery{}, "a pivot from nothing, want a name, an address or a network"},
		{analysis.PivotQuery{From: keys(t, "192.0.2.1")[0]}, "peers are those of a name, want one"},
		{analysis.PivotQuery{From: keys(t, "a")[0], Kinds: []analysis.Kind{"x"}}, `"x" is no kind of edge: want address, ns, mx, cname, https, domain or network`},
		{analysis.PivotQuery{From: keys(t, "a")[0], Window: analysis.Window{Since: 2, Until: 1}}, "the window ends before it begins"},
	}
	for _, tt := range tests {
		for p, err := range analysis.Peers(t.Context(), h, tt.q) {
			if err == nil || err.Error() != tt.want {
				t.Errorf("%+v: %+v, %v, want %s", tt.q, p, err, tt.want)
			}
		}
	}
}

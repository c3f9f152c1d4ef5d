package analysis_test

import (
	"fmt"
	"strings"
	"testing"

	"example.org/pdns/plugin/pkg/analysis"
	"example.org/pdns/plugin/pkg/rrset"
)

// TestFluxFromTheStart: what was there from the start is not new, whenever somebody
// first asked for it; what came later is, by whatever way.
func TestFluxFromTheStart(t *testing.T) {
	const six, other = "10.0.0.1|10.1.0.1|10.2.0.1|10.3.0.1|10.4.0.1|10.5.0.1", "2001:db8::1|2001:db9::1|2001:dba::1|2001:dbb::1|2001:dbc::1|2001:dbd::1"
	var servers, changed strings.Builder
	for i := range 4 {
		fmt.Fprintf(&servers, "08-01 08-20 9 x.test NS ns0.x.test.|ns1.x.test.|ns2.x.test.|ns3.x.test.\n")
		fmt.Fprintf(&servers, "08-0%d 08-20 9 ns%d.x.test A 10.%d.0.1|10.%d.0.2\n", 1+i, i, i, i)
		fmt.Fprintf(&changed, "08-%02d 08-%02d 9 x.test NS ns%d.x.test.\n", 1+5*i, 4+5*i, i)
		fmt.Fprintf(&changed, "08-%02d 08-%02d 9 ns%d.x.test A 10.%d.0.1|10.%d.0.2\n", 1+5*i, 5+5*i, i, i, i)
	}
	const days = 19.0
	tests := []struct {
		name, seen          string
		own, later, servers float64
	}{
		{"two types", "08-01 08-20 9 x.test A " + six + "\n08-01 08-20 9 x.test AAAA " + other, 0, 0, 0},
		{"one of them asked for late", "08-01 08-20 9 x.test A " + six + "\n08-15 08-20 9 x.test AAAA " + other, 0, 0, 0},
		{"through an alias", "08-01 08-20 9 x.test CNAME y.test.\n08-01 08-20 9 y.test A " + six + "\n08-02 08-20 9 y.test AAAA " + other, 0, 0, 0},
		{"each through an alias of a week", "08-01 08-07 9 x.test CNAME y.test.\n08-08 08-20 9 x.test CNAME z.test.\n" +
			"08-01 08-07 9 y.test A 10.6.0.1\n08-08 08-20 9 z.test A " + six, 6 / days, 0, 0},
		{"later ones", "08-01 08-20 9 x.test A " + six + "\n08-15 08-20 9 x.test A 10.6.0.1|10.7.0.1", 2 / days, 0.25, 0},
		{"name servers", "08-01 08-20 9 x.test A " + six + "\n" + servers.String(), 0, 0, 0},
		{"name servers that change", "08-01 08-20 9 x.test A " + six + "\n" + changed.String(), 0, 0, 6 / days},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := analysis.Flux(t.Context(), saw(t, long+tt.seen), analysis.FluxQuery{Name: rrset.MustName("x.test")})
			if err != nil {
				t.Fatal(err)
			}
			got, want := fmt.Sprintf("%.3f new a day, %.2f later", r.Addresses.NewPerDay, r.Addresses.Later), fmt.Sprintf("%.3f new a day, %.2f later", tt.own, tt.later)
			if got != want {
				t.Errorf("%s, want %s", got, want)
			}
			if r.Servers != nil && fmt.Sprintf("%.3f", r.Servers.Addresses.NewPerDay) != fmt.Sprintf("%.3f", tt.servers) {
				t.Errorf("of servers %.3f new a day, want %.3f", r.Servers.Addresses.NewPerDay, tt.servers)
			}
			points := map[string]float64{}
			for _, e := range r.Evidence {
				points[e.What] = e.Points
			}
			if _, weighed := points["same places"]; weighed != (tt.later > 0) {
				t.Errorf("where later addresses are, of %.2f that came later:\n%s", tt.later, evidence(r))
			}
			if tt.own == 0 && points["rarely new"] != 2 {
				t.Errorf("nothing new counts for nothing:\n%s", evidence(r))
			}
		})
	}
}

package analysis_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/analysis"
	"example.org/pdns/plugin/pkg/rrset"
)

// chart writes a timeline out.
func chart(l *analysis.Timeline) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s-%s %d unborn %s\n", l.Name, date(l.First), date(l.Last), l.Count, date(l.Unborn))
	for _, h := range l.Types {
		fmt.Fprintf(&b, "%s %s-%s %d rrsets=%d\n", h.Type, date(h.First), date(h.Last), h.Count, h.RRsets)
		for _, p := range h.Periods {
			fmt.Fprintf(&b, "  %s-%s %d %v", date(p.First), date(p.Last), p.Count, p.Rdata)
			if len(p.Added)+len(p.Removed) > 0 {
				fmt.Fprintf(&b, " +%v -%v", p.Added, p.Removed)
			}
			if p.Gap > 0 {
				fmt.Fprintf(&b, " gap %s", time.Duration(p.Gap)*time.Second)
			}
			if p.TTL != nil {
				fmt.Fprintf(&b, " ttl %d-%d", p.TTL.Min, p.TTL.Max)
			}
			b.WriteByte('\n')
		}
		for _, c := range h.TTLs {
			fmt.Fprintf(&b, "  ttl %s %d -> %d\n", date(c.At), c.From, c.To)
		}
	}
	for _, m := range l.Activity {
		fmt.Fprintf(&b, "%s %.1f\n", m.Month, m.Count)
	}
	return b.String()
}

func TestTimeline(t *testing.T) {
	tests := []struct {
		name, seen string
		q          analysis.TimelineQuery
		want       string
	}{
		{
			"born, moved, gone for a while", `
03-01 03-20 2 lure.example NXDOMAIN -
03-01 03-20 1 lure.example NODATA AAAA
flush
04-02 04-10 4/300 lure.example A 192.0.2.1|192.0.2.2
04-11 04-20 2/60 lure.example A 192.0.2.2|192.0.2.3
flush
07-01 07-02 1/60 lure.example A 192.0.2.2|192.0.2.3
04-02 07-02 6 lure.example NS ns.example
`, analysis.TimelineQuery{}, `
lure.example. 04-02-07-02 13 unborn 03-01
A 04-02-07-02 7 rrsets=2
  04-02-04-10 4 [192.0.2.1 192.0.2.2] ttl 300-300
  04-11-04-20 2 [192.0.2.2 192.0.2.3] +[192.0.2.3] -[192.0.2.1] ttl 60-60
  07-01-07-02 1 [192.0.2.2 192.0.2.3] gap 1728h0m0s ttl 60-60
  ttl 04-11 300 -> 60
NS 04-02-07-02 6 rrsets=1
  04-02-07-02 6 [ns.example.]
NXDOMAIN 03-01-03-20 2 rrsets=1
  03-01-03-20 2 []
NODATA 03-01-03-20 1 rrsets=1
  03-01-03-20 1 [AAAA]
2019-04 7.5
2019-05 1.5
2019-06 1.5
2019-07 2.5
`,
		},
		{
			"there and back again, by slices", `
01-01 01-05 1 a.example A 192.0.2.1
flush
01-07 01-12 1 a.example A 192.0.2.2
flush
01-15 01-20 1 a.example A 192.0.2.1
flush
01-22 01-25 1 a.example A 192.0.2.1
`, analysis.TimelineQuery{}, `
a.example. 01-01-01-25 4 unborn -
A 01-01-01-25 4 rrsets=2
  01-01-01-05 1 [192.0.2.1]
  01-07-01-12 1 [192.0.2.2] +[192.0.2.2] -[192.0.2.1]
  01-15-01-25 2 [192.0.2.1] +[192.0.2.1] -[192.0.2.2]
2019-01 4.0
`,
		},
		{
			"two sets side by side for a time", `
01-01 01-20 3 a.example A 192.0.2.1
01-10 01-30 4 a.example A 192.0.2.2
`, analysis.TimelineQuery{}, `
a.example. 01-01-01-30 7 unborn -
A 01-01-01-30 7 rrsets=2
  01-01-01-09 3 [192.0.2.1]
  01-10-01-20 4 [192.0.2.1 192.0.2.2] +[192.0.2.2] -[]
  01-20-01-30 0 [192.0.2.2] +[] -[192.0.2.1]
2019-01 7.0
`,
		},
		{
			"what changes faster than it settles is one period", `
01-01 01-01 1 a.example A 192.0.2.1
01-02 01-02 1 a.example A 192.0.2.2
01-03 01-03 1 a.example A 192.0.2.3
02-01 02-01 1 a.example A 192.0.2.4
`, analysis.TimelineQuery{Settle: 72 * time.Hour}, `
a.example. 01-01-02-01 4 unborn -
A 01-01-02-01 4 rrsets=4
  01-01-01-03 3 [192.0.2.1 192.0.2.2 192.0.2.3]
  02-01-02-01 1 [192.0.2.4] +[192.0.2.4] -[192.0.2.1 192.0.2.2 192.0.2.3]
2019-01 3.0
2019-02 1.0
`,
		},
		{
			"as finely as it is known", `
01-01 01-01 1 a.example A 192.0.2.1
01-02 01-02 1 a.example A 192.0.2.2
`, analysis.TimelineQuery{Settle: time.Nanosecond}, `
a.example. 01-01-01-02 2 unborn -
A 01-01-01-02 2 rrsets=2
  01-01-01-01 1 [192.0.2.1]
  01-02-01-02 1 [192.0.2.2] +[192.0.2.2] -[192.0.2.1]
2019-01 2.0
`,
		},
		{
			"one type, in a window", `
01-01 01-05 1 a.example A 192.0.2.1
01-01 01-01 1 a.example NXDOMAIN -
flush
01-07 01-12 1 a.example A 192.0.2.2
01-07 01-12 1 a.example TXT x
`, analysis.TimelineQuery{Types: []uint16{dns.TypeA}, Window: analysis.Window{Since: day(t, "01-06")}}, `
a.example. 01-07-01-12 1 unborn -
A 01-07-01-12 1 rrsets=1
  01-07-01-12 1 [192.0.2.2]
2019-01 1.0
`,
		},
		{
			"never born", "01-01 01-05 1 a.example NXDOMAIN -", analysis.TimelineQuery{}, `
a.example. --- 0 unborn -
NXDOMAIN 01-01-01-05 1 rrsets=1
  01-01-01-05 1 []
`,
		},
		{"never asked for", "01-01 01-05 1 b.example A 192.0.2.1", analysis.TimelineQuery{}, "a.example. --- 0 unborn -"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.q.Name = rrset.MustName("a.example")
			if strings.Contains(tt.seen, "lure.example") {
				tt.q.Name = rrset.MustName("lure.example")
			}
			l, err := analysis.ReadTimeline(t.Context(), saw(t, tt.seen), tt.q)
			if err != nil {
				t.Fatal(err)
			}
			same(t, chart(l), tt.want)
		})
	}
}

// TestTimelineOfFlux: a name with more answers than periods can be told from each
// other has a timeline of bounded size in which no answer is missing.
func TestTimelineOfFlux(t *testing.T) {
	h := newHistory(t)
	const answers = 5000
	at := day(t, "01-01")
	for i := range int64(answers) {
		r := &rrset.RRset{Owner: rrset.MustName("flux.example"), Type: dns.TypeA, Rdata: [][]byte{{10, 0, byte(i >> 8), byte(i)}}}
		r.First, r.Last, r.Count = at+i*86400/10, at+i*86400/10+7*86400, 1
		if err := h.AddWait(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	l, err := analysis.ReadTimeline(t.Context(), h, analysis.TimelineQuery{Name: rrset.MustName("flux.example"), Settle: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	members, last := 0, int64(0)
	a := l.Types[0]
	for _, p := range a.Periods {
		if p.First <= last || p.Last < p.First {
			t.Fatalf("period from %d to %d behind one to %d", p.First, p.Last, last)
		}
		last = p.Last
		members += len(p.Rdata)
		for _, rd := range p.Rdata {
			found[rd] = true
		}
	}
	if len(found) != answers || len(a.Periods) > 1000 || len(a.Periods) < 2 || members > 100_000 || a.Settle <= 60 {
		t.Errorf("%d answers in %d periods with %d members, settled for %d s", len(found), len(a.Periods), members, a.Settle)
	}
}

func TestTimelineStopsAtRecords(t *testing.T) {
	h := saw(t, `
01-01 01-05 1 a.example A 192.0.2.1|192.0.2.2
01-01 01-05 1 a.example AAAA 2001:db8::1
01-01 01-05 1 a.example TXT x
`)
	l, err := analysis.ReadTimeline(t.Context(), h, analysis.TimelineQuery{Name: rrset.MustName("a.example"), Records: 2})
	if err != nil || l.Cut != 2 || len(l.Types) != 1 || l.Types[0].Type != "A" {
		t.Errorf("%+v, %v", l, err)
	}
}

func TestTimelineRefuses(t *testing.T) {
	h := saw(t, "")
	for want, q := range map[string]analysis.TimelineQuery{
		"malformed name":                   {},
		"the window ends before it begins": {Name: rrset.MustName("a"), Window: analysis.Window{Since: 2, Until: 1}},
	} {
		if l, err := analysis.ReadTimeline(t.Context(), h, q); l != nil || err == nil || err.Error() != want {
			t.Errorf("%+v: %v, want %s", q, err, want)
		}
	}
}

// TestTimelineJSON pins the keys.
func TestTimelineJSON(t *testing.T) {
	h := saw(t, `
01-01 01-01 1 a.example NXDOMAIN -
01-02 01-05 1/60 a.example A 192.0.2.1
flush
04-01 04-05 1/30 a.example A 192.0.2.2
`)
	l, err := analysis.ReadTimeline(t.Context(), h, analysis.TimelineQuery{Name: rrset.MustName("a.example")})
	if err != nil {
		t.Fatal(err)
	}
	equalJSON(t, l, `{"rrname":"a.example.","silence":2592000,"time_first":1546387200,"time_last":1554422400,"count":2,"nxdomain_before_birth":1546300800,"types":[`+
		`{"rrtype":"A","time_first":1546387200,"time_last":1554422400,"count":2,"rrsets":2,"settle":86400,"periods":[`+
		`{"time_first":1546387200,"time_last":1546646400,"count":1,"rrsets":1,"rdata":["192.0.2.1"],"ttl":{"min":60,"max":60}},`+
		`{"time_first":1554076800,"time_last":1554422400,"count":1,"rrsets":1,"rdata":["192.0.2.2"],"added":["192.0.2.2"],"removed":["192.0.2.1"],"gap":7430400,"ttl":{"min":30,"max":30}}],`+
		`"ttl_changes":[{"time":1554076800,"from":60,"to":30}]},`+
		`{"rrtype":"NXDOMAIN","time_first":1546300800,"time_last":1546300800,"count":1,"rrsets":1,"settle":86400,"periods":[`+
		`{"time_first":1546300800,"time_last":1546300800,"count":1,"rrsets":1,"rdata":[]}],"ttl_changes":[]}],`+
		`"activity":[{"month":"2019-01","count":1},{"month":"2019-04","count":1}]}`)
}

package analysis_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

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
	h := saw(t, `
03-01 03-20 2 lure.example NXDOMAIN -
04-02 04-10 4 lure.example A 192.0.2.1|192.0.2.2
04-11 04-20 2 lure.example A 192.0.2.2|192.0.2.3
`)
	l, err := analysis.ReadTimeline(t.Context(), h, analysis.TimelineQuery{Name: rrset.MustName("lure.example")})
	if err != nil {
		t.Fatal(err)
	}
	t.Log("\n" + chart(l))
}

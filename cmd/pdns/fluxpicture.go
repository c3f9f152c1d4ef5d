package main

import (
	"bufio"
	"fmt"
	"slices"
	"strings"
	"time"

	"example.org/pdns/plugin/pkg/analysis"
)

func (p *program) writeFlux(r *analysis.FluxReport, f *fluxFlags, further bool) error {
	if f.json {
		return p.writeJSON(r)
	}
	out := bufio.NewWriter(p.out)
	p.drawFlux(out, r)
	if further {
		out.WriteByte('\n')
	}
	return out.Flush()
}

// fluxColors are those of verdicts that ask for a look.
var fluxColors = map[analysis.Verdict]string{analysis.IsFlux: red, analysis.IsDoubleFlux: red, analysis.IsUnclear: bold, analysis.IsStable: green}

// drawFlux writes a verdict for people: what, why, by which evidence.
func (p *program) drawFlux(out *bufio.Writer, r *analysis.FluxReport) {
	verdict := string(r.Verdict)
	if color := fluxColors[r.Verdict]; color != "" {
		verdict = p.paint(color, verdict)
	}
	fmt.Fprintf(out, "%s  %s\n  %s\n", printable(r.Name), verdict, printable(r.Because))
	for _, l := range r.Lacks {
		fmt.Fprintf(out, "  lacks %s\n", printable(l))
	}
	if r.Count == 0 {
		return
	}
	fmt.Fprintf(out, "  from %s until %s, %s", stamp(r.First), stamp(r.Last), plural(r.Count, "sighting"))
	if r.Born > 0 && r.Born < r.First {
		fmt.Fprintf(out, ", known since %s", stamp(r.Born))
	}
	out.WriteByte('\n')
	drawEvidence(out, r)
	drawSystems(out, &r.Addresses)
	p.drawGrowth(out, r.Addresses.Growth)
}

// mostSystemLines is how many autonomous systems people see.
const mostSystemLines = 5

func drawSystems(out *bufio.Writer, a *analysis.Footprint) {
	some := a.Systems[:min(len(a.Systems), mostSystemLines)]
	for _, s := range some {
		fmt.Fprintf(out, "  AS%d  %s  %s\n", s.Number, addressCount(s.Addresses), printable(s.Organisation))
	}
	if more := a.ASNs - len(some); more > 0 {
		fmt.Fprintf(out, "  and %s more\n", plural(more, "autonomous system"))
	}
}

func addressCount(n int) string {
	if n == 1 {
		return "1 address"
	}
	return number(n) + " addresses"
}

// drawEvidence writes a line for each figure, its points beside how many there can be.
func drawEvidence(out *bufio.Writer, r *analysis.FluxReport) {
	for _, e := range r.Evidence {
		fmt.Fprintf(out, "  %-7s  %4.1f of %-3v  %s\n", e.Sign, e.Points, e.Weight, printable(e.Says))
	}
}

// mostGrowth is how many bars people see: the most there can be by day.
const mostGrowth = 62

// drawGrowth writes a bar for each day or month with new addresses. Those between,
// which had none, have a line together.
func (p *program) drawGrowth(out *bufio.Writer, all []analysis.Growth) {
	if len(all) < 2 {
		return
	}
	fmt.Fprint(out, "  new addresses\n")
	if more := len(all) - mostGrowth; more > 0 {
		fmt.Fprintf(out, "  ...  %s before\n", number(more))
		all = all[more:]
	}
	most := slices.MaxFunc(all, func(a, b analysis.Growth) int { return a.New - b.New }).New
	for i, g := range all {
		if i > 0 && !follows(all[i-1].When, g.When) {
			fmt.Fprintf(out, "  %s\n", p.paint(dim, "..."))
		}
		bar := max(1, g.New*activityWidth/most)
		fmt.Fprintf(out, "  %s  %s %s\n", g.When, strings.Repeat("█", bar), number(g.New))
	}
}

// follows reports whether one day or month comes right behind another.
func follows(before, after string) bool {
	for _, layout := range []string{time.DateOnly, "2006-01"} {
		if at, err := time.Parse(layout, before); err == nil {
			next := at.AddDate(0, 0, 1)
			if layout != time.DateOnly {
				next = at.AddDate(0, 1, 0)
			}
			return next.Format(layout) == after
		}
	}
	return true
}

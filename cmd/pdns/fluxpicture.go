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
	d := fluxPicture{p: p, out: bufio.NewWriter(p.out), width: p.width()}
	d.draw(r)
	if further {
		d.out.WriteByte('\n')
	}
	return d.out.Flush()
}

// A fluxPicture draws a verdict for people: what, why, by which evidence.
type fluxPicture struct {
	p     *program
	out   *bufio.Writer // its errors come again at the flush
	width int           // columns of a line; 0: any
}

// fluxColors are those of verdicts that ask for a look.
var fluxColors = map[analysis.Verdict]string{analysis.IsFlux: red, analysis.IsDoubleFlux: red, analysis.IsUnclear: bold, analysis.IsStable: green}

func (d *fluxPicture) draw(r *analysis.FluxReport) {
	verdict := string(r.Verdict)
	name := fit(printable(r.Name), d.width, 2+columnsOf(verdict), 1)
	if color := fluxColors[r.Verdict]; color != "" {
		verdict = d.p.paint(color, verdict)
	}
	fmt.Fprintf(d.out, "%s  %s\n", name, verdict)
	d.hang("  ", printable(r.Because))
	for _, l := range r.Lacks {
		d.hang("  lacks ", printable(l))
	}
	if r.Count == 0 {
		return
	}
	times := fmt.Sprintf("from %s until %s, %s", d.stamp(r.First), d.stamp(r.Last), plural(r.Count, "sighting"))
	if r.Born > 0 && r.Born < r.First {
		times += ", known since " + d.stamp(r.Born)
	}
	d.hang("  ", times)
	if len(r.Aliases) > 0 {
		d.hang("  ", "those of "+targets(r.Aliases)+" are among them")
	}
	for _, e := range r.Evidence {
		d.hang(fmt.Sprintf("  %-7s  %4.1f of %-3v  ", e.Sign, e.Points, e.Weight), printable(e.Says))
	}
	d.systems(&r.Addresses)
	d.growth(r.Addresses.Growth)
}

// targets are what an alias leads to.
func targets(all []analysis.FluxAlias) string {
	text := "what it is an alias of, " + printable(all[0].Name)
	if more := len(all) - 1; more > 0 {
		text += " and " + number(more) + " more"
	}
	return text + ","
}

// hang writes text behind a head, in as many lines as it takes.
func (d *fluxPicture) hang(head, text string) {
	for _, line := range hang(head, text, d.width) {
		fmt.Fprintln(d.out, line)
	}
}

func (d *fluxPicture) stamp(unix int64) string {
	if d.width > 0 && d.width < narrow {
		return day(unix)
	}
	return stamp(unix)
}

// mostSystemLines is how many autonomous systems people see.
const mostSystemLines = 5

func (d *fluxPicture) systems(a *analysis.Footprint) {
	some := a.Systems[:min(len(a.Systems), mostSystemLines)]
	for _, s := range some {
		d.hang(fmt.Sprintf("  AS%d  %s  ", s.Number, addressCount(s.Addresses)), printable(s.Organisation))
	}
	if more := a.ASNs - len(some); more > 0 {
		d.hang("  ", "and "+plural(more, "autonomous system")+" more")
	}
}

func addressCount(n int) string {
	if n == 1 {
		return "1 address"
	}
	return number(n) + " addresses"
}

// mostGrowth is how many bars people see: the most there can be by day.
const mostGrowth = 62

// growth draws a bar for each day or month with new addresses. Those between, which had
// none, have a line together.
func (d *fluxPicture) growth(all []analysis.Growth) {
	if len(all) < 2 {
		return
	}
	fmt.Fprint(d.out, "  new addresses\n")
	if more := len(all) - mostGrowth; more > 0 {
		fmt.Fprintf(d.out, "  ...  %s before\n", number(more))
		all = all[more:]
	}
	most := slices.MaxFunc(all, func(a, b analysis.Growth) int { return a.New - b.New }).New
	length := barLength(d.width, 5+len(all[0].When)+len(number(most)))
	for i, g := range all {
		if i > 0 && !follows(all[i-1].When, g.When) {
			fmt.Fprintf(d.out, "  %s\n", d.p.paint(dim, "..."))
		}
		bar := max(1, g.New*length/most)
		fmt.Fprintf(d.out, "  %s  %s %s\n", g.When, strings.Repeat("█", bar), number(g.New))
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

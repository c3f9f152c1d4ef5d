package main

import (
	"bufio"
	"fmt"
	"slices"
	"strings"
	"time"

	"example.org/pdns/plugin/pkg/analysis"
)

// A timelinePicture draws a timeline for people.
type timelinePicture struct {
	p     *program
	out   *bufio.Writer // its errors come again at the flush
	width int           // columns of a line; 0: any
}

// narrow is the width below which times are dates.
const narrow = 80

func (p *program) drawTimeline(l *analysis.Timeline) error {
	t := timelinePicture{p: p, out: bufio.NewWriter(p.out), width: p.width()}
	if l.Count > 0 {
		name, times := printable(l.Name), fmt.Sprintf("  from %s until %s, %s", t.stamp(l.First), t.stamp(l.Last), plural(l.Count, "sighting"))
		if t.width == 0 || columnsOf(name)+columnsOf(times) <= t.width {
			t.line(name + times)
		} else {
			t.line(fit(name, t.width, 0, 1))
			for _, times := range t.broken(times) {
				t.line(times)
			}
		}
	}
	if l.Unborn > 0 {
		t.line("did not exist at " + stamp(l.Unborn))
	}
	t.activity(l.Activity)
	uncounted := false
	for i := range l.Types {
		t.history(&l.Types[i])
		uncounted = uncounted || slices.ContainsFunc(l.Types[i].Periods, func(p analysis.Period) bool { return p.Count == 0 })
	}
	if uncounted {
		t.line("")
		for _, text := range wrap(noCount+" seen: what stood then began before, and is counted there", t.width) {
			t.line(text)
		}
	}
	return t.out.Flush()
}

// broken is text that ends in a number, which stands in a line of its own where it would
// be cut: a cut number is a wrong one.
func (t *timelinePicture) broken(text string) []string {
	if i := strings.LastIndex(text, ", "); i >= 0 && columnsOf(text) > t.width {
		return []string{text[:i], "  " + text[i+2:]}
	}
	return []string{text}
}

// line writes one that is no wider than it may be.
func (t *timelinePicture) line(text string) { fmt.Fprintln(t.out, cutLine(text, t.width)) }

func (t *timelinePicture) stamp(unix int64) string {
	if t.width > 0 && t.width < narrow {
		return day(unix)
	}
	return stamp(unix)
}

func (t *timelinePicture) history(h *analysis.TypeHistory) {
	t.line("")
	t.line(h.Type + "  " + plural(h.Count, "sighting"))
	for i := range h.Periods {
		period := &h.Periods[i]
		if period.Gap > 0 {
			t.line("  not seen for " + plural(int(period.Gap/86400), "day"))
		}
		t.period(period)
	}
	for _, c := range h.TTLs {
		t.line(fmt.Sprintf("  %s  TTL %d, was %d", t.stamp(c.At), c.To, c.From))
	}
}

// noCount stands for the count of a period in which was seen what began before.
const noCount = "–"

func countOf(period *analysis.Period) string {
	if period.Count == 0 {
		return noCount
	}
	return number(period.Count)
}

// mostMembers is how much rdata of a period is shown to people.
const mostMembers = 20

// period draws a period in one line, or where that has no room for what stood in it, that
// below it.
func (t *timelinePicture) period(period *analysis.Period) {
	head := fmt.Sprintf("  %s  %s  %s", t.stamp(period.First), t.stamp(period.Last), countOf(period))
	members := membersOf(period)
	more := ""
	if n := len(members) - mostMembers; n > 0 {
		members, more = members[:mostMembers], "  and "+number(n)+" more"
	}
	all := columnsOf(head) + columnsOf(more)
	for _, m := range members {
		all += 2 + columnsOf(m.text)
	}
	if t.width == 0 || all <= t.width {
		t.out.WriteString(head)
		for _, m := range members {
			t.out.WriteString("  " + t.p.paint(m.color, m.text))
		}
		fmt.Fprintln(t.out, more)
		return
	}
	t.line(head)
	for _, m := range members {
		fmt.Fprintln(t.out, "      "+t.p.paint(m.color, fit(m.text, t.width, 6, 1)))
	}
	if more != "" {
		t.line("    " + more)
	}
}

// A member is rdata of a period: what it has, what it added, and what it lost.
type member struct{ text, color string }

func membersOf(period *analysis.Period) (members []member) {
	for _, text := range period.Rdata {
		m := member{printable(text), ""}
		if slices.Contains(period.Added, text) {
			m = member{"+" + m.text, green}
		}
		members = append(members, m)
	}
	for _, text := range period.Removed {
		members = append(members, member{"-" + printable(text), red})
	}
	return members
}

// mostQuiet is how many months without a sighting have a line each.
const mostQuiet = 3

// activity draws a bar for each month.
func (t *timelinePicture) activity(months []analysis.Month) {
	most := 0.0
	for _, m := range months {
		most = max(most, m.Count)
	}
	// beside the month, blanks and the longest number
	length := barLength(t.width, 12+len(number(uint64(max(1, most+0.5)))))
	var before time.Time
	for _, m := range months {
		at, err := time.Parse("2006-01", m.Month)
		if err != nil {
			continue // a year that no clock shows
		}
		if !before.IsZero() {
			t.quiet(before, at)
		}
		before = at
		bar := max(1, int(m.Count/most*float64(length)+0.5))
		t.line(fmt.Sprintf("  %s  %s %s", m.Month, strings.Repeat("█", bar), number(uint64(max(1, m.Count+0.5)))))
	}
}

// quiet draws the months between two that had sightings.
func (t *timelinePicture) quiet(before, at time.Time) {
	quiet := (at.Year()-before.Year())*12 + int(at.Month()-before.Month()) - 1
	if quiet > mostQuiet {
		t.line("  ...      " + plural(quiet, "month"))
		return
	}
	for i := range quiet {
		t.line("  " + before.AddDate(0, i+1, 0).Format("2006-01"))
	}
}

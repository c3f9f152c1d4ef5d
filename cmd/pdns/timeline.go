package main

import (
	"bufio"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"example.org/pdns/plugin/pkg/analysis"
	"example.org/pdns/plugin/pkg/question"
)

const timelineLong = `timeline shows what a name was between which dates: of each type what stood in
which period, what each change added (+) and removed (-), gaps in which it was not
seen, changes of its TTL, and when it did not exist. Bars show how often it was seen
by month.

It goes by the time slices of the store. What changed and changed back inside one, a
month of last year's say, shows as having stood side by side.

--json writes one object: rrname; time_first, time_last and count of all data;
nxdomain_before_birth, a time; types, each with rrtype, its times and count, rrsets
(how many), settle, periods and ttl_changes (time, from, to); activity (month, count).
A period has its times and count, rrsets, rdata, added, removed, gap in seconds, and
ttl with min and max.`

type timelineFlags struct {
	types           []string
	since, until    string
	silence, settle string
	json            bool
}

func newTimeline(p *program) *cobra.Command {
	var f timelineFlags
	c := &cobra.Command{
		Use:   "timeline NAME",
		Short: "Show what a name was between which dates",
		Long:  timelineLong,
		Example: `  pdns timeline www.example.com
  pdns timeline www.example.com --type A,AAAA --since 1y
  pdns timeline 'hxxp://evil[.]example/x' --json`,
		Args: wants("one NAME", 1),
		RunE: func(c *cobra.Command, args []string) error { return p.timeline(c.Context(), args[0], &f) },
	}
	flags := c.Flags()
	flags.SortFlags = false
	flags.StringSliceVarP(&f.types, "type", "t", nil, "only these `types`: A,NS,TYPE65300")
	flags.StringVar(&f.since, "since", "", "only what was seen at or after this `time`")
	flags.StringVar(&f.until, "until", "", "only what was seen at or before this `time`")
	flags.StringVar(&f.silence, "silence", "30d", "a gap is longer than this `age` without a sighting")
	flags.StringVar(&f.settle, "settle", "1d", "what changes faster than this `age` is one period")
	flags.BoolVarP(&f.json, "json", "j", false, "one JSON object")
	c.RegisterFlagCompletionFunc("type", completeTypes)
	return c
}

func (f *timelineFlags) query(name string) (q analysis.TimelineQuery, err error) {
	if q.Name, err = parseOwner(name); err != nil {
		return q, err
	}
	if q.Types, err = parseTypes(f.types); err != nil {
		return q, err
	}
	if q.Window, err = analysisWindow(f.since, f.until, ""); err != nil {
		return q, err
	}
	if q.Silence, err = parseAge("silence", f.silence); err != nil {
		return q, err
	}
	q.Settle, err = parseAge("settle", f.settle)
	return q, err
}

// parseOwner reads the one name that a timeline is of.
func parseOwner(text string) ([]byte, error) {
	if err := notDNSDB(text); err != nil {
		return nil, err
	}
	v, err := question.ParseValue(text)
	switch {
	case err != nil:
		return nil, err
	case v.Addresses():
		return nil, withHint(fmt.Errorf("%q: want one name", text), "pdns pivot "+text+" shows which names had it")
	case v.Name == nil || v.Below:
		return nil, fmt.Errorf("%q: want one name", text)
	}
	return v.Name, nil
}

func (p *program) timeline(ctx context.Context, name string, f *timelineFlags) error {
	q, err := f.query(name)
	if err != nil {
		return err
	}
	src, err := p.source()
	if err != nil {
		return err
	}
	defer src.Close()
	l, damage := analysis.ReadTimeline(ctx, src, q)
	if l == nil {
		return damage
	}
	if f.json {
		err = p.writeJSON(l)
	} else {
		err = p.drawTimeline(l)
	}
	if err != nil {
		return err
	}
	if l.Cut > 0 {
		p.say("warning: only the first %s; --type, --since and --until show a part", plural(l.Cut, "record"))
	}
	if damage != nil {
		return p.warnIncomplete(damage)
	}
	return p.foundSome(src, len(l.Types) > 0, l.Name)
}

// drawTimeline writes a timeline for people.
func (p *program) drawTimeline(l *analysis.Timeline) error {
	out := bufio.NewWriter(p.out)
	if l.Count > 0 {
		fmt.Fprintf(out, "%s  from %s until %s, %s\n", printable(l.Name), stamp(l.First), stamp(l.Last), plural(l.Count, "sighting"))
	}
	if l.Unborn > 0 {
		fmt.Fprintf(out, "did not exist at %s\n", stamp(l.Unborn))
	}
	drawActivity(out, l.Activity)
	for i := range l.Types {
		p.drawType(out, &l.Types[i])
	}
	return out.Flush()
}

func (p *program) drawType(out *bufio.Writer, h *analysis.TypeHistory) {
	fmt.Fprintf(out, "\n%s  %s\n", h.Type, plural(h.Count, "sighting"))
	for i := range h.Periods {
		period := &h.Periods[i]
		if period.Gap > 0 {
			fmt.Fprintf(out, "  not seen for %s\n", plural(int(period.Gap/86400), "day"))
		}
		fmt.Fprintf(out, "  %s  %s  %s", stamp(period.First), stamp(period.Last), number(period.Count))
		members := p.members(period)
		for _, m := range members[:min(len(members), mostMembers)] {
			out.WriteString("  " + m)
		}
		if more := len(members) - mostMembers; more > 0 {
			fmt.Fprintf(out, "  and %s more", number(more))
		}
		out.WriteByte('\n')
	}
	for _, c := range h.TTLs {
		fmt.Fprintf(out, "  %s  TTL %d, was %d\n", stamp(c.At), c.To, c.From)
	}
}

// mostMembers is how much rdata of a period is shown to people.
const mostMembers = 20

// members are what a period has, what it added marked with +, and what it lost with -.
func (p *program) members(period *analysis.Period) (members []string) {
	for _, text := range period.Rdata {
		if slices.Contains(period.Added, text) {
			members = append(members, p.paint(green, "+"+printable(text)))
		} else {
			members = append(members, printable(text))
		}
	}
	for _, text := range period.Removed {
		members = append(members, p.paint(red, "-"+printable(text)))
	}
	return members
}

// activityWidth is how long the longest bar is, and mostQuiet how many months without
// a sighting have a line each.
const (
	activityWidth = 40
	mostQuiet     = 3
)

// drawActivity writes a bar for each month.
func drawActivity(out *bufio.Writer, months []analysis.Month) {
	most := 0.0
	for _, m := range months {
		most = max(most, m.Count)
	}
	var before time.Time
	for _, m := range months {
		at, err := time.Parse("2006-01", m.Month)
		if err != nil {
			continue // a year that no clock shows
		}
		if !before.IsZero() {
			drawQuiet(out, before, at)
		}
		before = at
		bar := max(1, int(m.Count/most*activityWidth+0.5))
		fmt.Fprintf(out, "  %s  %s %s\n", m.Month, strings.Repeat("█", bar), number(uint64(max(1, m.Count+0.5))))
	}
}

// drawQuiet writes the months between two that had sightings.
func drawQuiet(out *bufio.Writer, before, at time.Time) {
	quiet := (at.Year()-before.Year())*12 + int(at.Month()-before.Month()) - 1
	if quiet > mostQuiet {
		fmt.Fprintf(out, "  ...      %s\n", plural(quiet, "month"))
		return
	}
	for i := range quiet {
		fmt.Fprintf(out, "  %s\n", before.AddDate(0, i+1, 0).Format("2006-01"))
	}
}

package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"example.org/pdns/plugin/pkg/analysis"
	"example.org/pdns/plugin/pkg/question"
)

const timelineLong = `timeline shows what a name was between which dates: of each type what stood in
which period, what each change added (+) and removed (-), gaps in which it was not
seen, changes of its TTL, and when it did not exist. Bars show how often it was seen
by month.

The count of a period is that of the RRsets that begin in it, by time slice: how often
one was seen before another came, and how often after that, is not known apart. A
period in which none begins has – in place of a count, and was seen all the same.

It goes by the time slices of the store. What changed and changed back inside one, a
month of last year's say, shows as having stood side by side.

--json writes one object: rrname; time_first, time_last and count of all data;
nxdomain_before_birth, a time; types, each with rrtype, its times and count, rrsets
(how many), settle, periods and ttl_changes (time, from, to); activity (month, count).
A period has its times and count (0 where none begins), rrsets, rdata, added, removed,
gap in seconds, and ttl with min and max.`

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

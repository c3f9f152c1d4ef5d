package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"example.org/pdns/plugin/pkg/question"
	"example.org/pdns/plugin/pkg/store"
	"example.org/pdns/plugin/pkg/store/novelty"
)

const newLong = `new shows what was newly observed, newest first: registered domains, hosts (names) and
RRsets never seen before, and domains that are seen again after a long silence. Bars
show how many new domains there were by hour.

What is new the collector finds when it writes to disk, and logs for two days. For what
was first seen before the log begins, and in a snapshot, the whole history is read, which
takes as long as there is history; that a domain came again it does not say.

--kind chooses: domain, host, again, rrset; without it all but rrset. --nxdomain leaves
what was said not to exist before: a name that somebody asked for first, or one made by
a rule that has come into being now.

--follow goes on as a store grows, after what there is, oldest first; ^C ends it.

--json writes an object a line: kind, name, time_logged (when it was found), then
nxdomain_first and last_before if they are known, then the RRset that was seen first in
the Common Output Format, with rdata_count where it has more than 16 rdata. All times
are Unix seconds. Out of the history there is no time_logged.`

const newExample = `  pdns new
  pdns new --kind domain --since 1h --follow
  pdns new --nxdomain --below com --json
  pdns new --since 30d --kind domain --limit 0 --json`

type newFlags struct {
	kinds    string
	since    string
	below    string
	nxdomain bool
	follow   bool
	limit    int
	json     bool
}

func newNew(p *program) *cobra.Command {
	var f newFlags
	c := &cobra.Command{
		Use:     "new",
		Short:   "Show what was never seen before",
		Long:    newLong,
		Example: newExample,
		Args:    takes("flags", 0),
		RunE: func(c *cobra.Command, _ []string) error {
			if !c.Flags().Changed("limit") {
				f.limit = streamLimit
				if !f.json {
					f.limit = tableLimit
				}
			}
			return p.newlyObserved(c.Context(), &f)
		},
	}
	flags := c.Flags()
	flags.SortFlags = false
	flags.StringVarP(&f.kinds, "kind", "k", "", "only these `kinds`: domain,host,again,rrset; without this all but rrset")
	flags.StringVar(&f.since, "since", "24h", "what was found at or after this `time`")
	flags.StringVar(&f.below, "below", "", "only at this `name` and below it")
	flags.BoolVar(&f.nxdomain, "nxdomain", false, "only what was said not to exist before")
	flags.BoolVarP(&f.follow, "follow", "f", false, "go on as there is more")
	flags.IntVarP(&f.limit, "limit", "l", 0, "at most `n` of what there is, 0 for all; without this 100 in a table, else 10000")
	flags.BoolVarP(&f.json, "json", "j", false, "one JSON object a line")
	return c
}

// selection is what the flags ask of the log.
func (f *newFlags) selection() (s novelty.Selection, err error) {
	if f.limit < 0 {
		return s, fmt.Errorf("--limit %d, want 0 or more", f.limit)
	}
	if f.kinds != "" {
		if s.Kinds, err = novelty.ParseKinds(f.kinds, ","); err != nil {
			return s, fmt.Errorf("--kind: %w", err)
		}
	}
	since, err := parseTime("since", f.since, false)
	if err != nil {
		return s, err
	}
	s.Since = since - 1 // what was found at the time belongs to it
	s.Denied = f.nxdomain
	if f.below == "" {
		return s, nil
	}
	v, err := question.ParseValue(f.below)
	if err == nil && v.Name == nil {
		err = errors.New("want a name")
	}
	if err != nil {
		return s, fmt.Errorf("--below %s: %w", f.below, err)
	}
	s.Name = v.Name
	return s, nil
}

func (p *program) newlyObserved(ctx context.Context, f *newFlags) error {
	s, err := f.selection()
	if err != nil {
		return err
	}
	src, err := p.source()
	if err != nil {
		return err
	}
	defer src.Close()
	dir := store.NewsDir(src)
	if f.follow {
		if dir == "" {
			return fmt.Errorf("--follow: %s does not grow, want the directory of a store", p.store)
		}
		return p.followNew(ctx, dir, s, f)
	}
	v := &newView{program: p, f: f, want: s, dir: dir}
	if err := v.plan(src); err != nil {
		return err
	}
	return v.show(ctx, src)
}

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/miekg/dns"
	"github.com/spf13/cobra"

	"example.org/pdns/plugin/pkg/question"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

const lookupLong = `lookup shows what was seen of a subject, newest first.

SUBJECT is what the query zone takes, and what people paste:

    www.example.com       the RRsets at a name
    *.example.com         at the name and at all names below it
    www.example.*         at all names that begin so
    192.0.2.1             the RRsets whose rdata holds an address,
    192.0.2.0/24          a network,
    192.0.2.1-192.0.2.9   or a range; IPv6 likewise
    https://www[.]example[.]com/x   the name in it

With --rdata a name or *.name is looked for in rdata: who names it as server,
mail exchange, alias. With --raw the subject is hexadecimal octets that rdata
begins with.

--since and --until keep what was seen at some time between them. --at keeps what
stood at a time; where nothing stood, what was seen last before. The four
--first-... and --last-... bound the times themselves. All bounds are inclusive.
pdns help lists how a time can be given.

--type ANY is every type. What did not exist is history too: --type NXDOMAIN and
--type NODATA show when.

Of names that machines make to be used once, one record may stand for many: the
collector's option disposable. What they had is found at _wildcard_.ZONE, how many
they were and when with --type WILDCARD there; a hint says if the name may be one of
them.

--store also takes one run, a .run file of a store, by itself.

RRsets that only the zone that answered, the bailiwick, tells apart have it
behind their first record in the table: ; bailiwick com. They count apart in
--summary too.

--json writes what pdns export writes; its help explains the keys. --summary
--json writes one object, as _summary._json of the query zone does: rrsets (how
many), time_first, time_last (Unix seconds) and count (sightings of them all).`

const lookupExample = `  pdns lookup www.example.com
  pdns lookup '*.example.com' --type NS,MX --since 2019-08-01
  pdns lookup ns1.example.net --rdata --limit 0 --json
  pdns lookup www.example.com --type A --at 2019-08-01T12:00:00Z
  pdns lookup 192.0.2.0/24 --first-after 7d --summary`

// Limits where none is given.
const (
	tableLimit  = 100
	streamLimit = 10_000
)

// lookupFlags are the flags of pdns lookup as given.
type lookupFlags struct {
	types                                          []string
	rdata, raw                                     bool
	bailiwick                                      string
	since, until, at                               string
	firstAfter, firstBefore, lastAfter, lastBefore string
	limit, offset                                  int
	slices, summary                                bool
	order                                          string
	json, csv, table                               bool
}

func newLookup(p *program) *cobra.Command {
	var f lookupFlags
	c := &cobra.Command{
		Use:     "lookup SUBJECT",
		Short:   "Show what was seen of a name, an address or a network",
		Long:    lookupLong,
		Example: lookupExample,
		Args:    wants("one SUBJECT", 1),
		RunE: func(c *cobra.Command, args []string) error {
			if !c.Flags().Changed("limit") {
				f.limit = streamLimit
				if !f.json && !f.csv {
					f.limit = tableLimit
				}
			}
			return p.lookup(c.Context(), args[0], &f)
		},
	}
	f.declare(c)
	return c
}

func (f *lookupFlags) declare(c *cobra.Command) {
	flags := c.Flags()
	flags.SortFlags = false
	flags.StringSliceVarP(&f.types, "type", "t", nil, "only these `types`: A,NS,TYPE65300, NXDOMAIN,NODATA")
	flags.BoolVarP(&f.rdata, "rdata", "r", false, "look for the name in rdata")
	flags.BoolVar(&f.raw, "raw", false, "look for hexadecimal octets at the start of rdata")
	flags.StringVar(&f.bailiwick, "bailiwick", "", "only what this `zone` answered")
	flags.StringVar(&f.since, "since", "", "only what was seen at or after this `time`")
	flags.StringVar(&f.until, "until", "", "only what was seen at or before this `time`")
	flags.StringVar(&f.at, "at", "", "only what stood at this `time`")
	flags.StringVar(&f.firstAfter, "first-after", "", "only what was first seen at or after this `time`")
	flags.StringVar(&f.firstBefore, "first-before", "", "only what was first seen at or before this `time`")
	flags.StringVar(&f.lastAfter, "last-after", "", "only what was last seen at or after this `time`")
	flags.StringVar(&f.lastBefore, "last-before", "", "only what was last seen at or before this `time`")
	flags.IntVarP(&f.limit, "limit", "l", 0, "at most `n` RRsets, 0 for all; without this 100 in a table, else 10000")
	flags.IntVar(&f.offset, "offset", 0, "leave out the first `n` RRsets")
	flags.BoolVar(&f.slices, "slices", false, "one line for each time slice of the store, not one with merged figures")
	flags.BoolVar(&f.summary, "summary", false, "only how many RRsets, and their figures together")
	flags.StringVar(&f.order, "sort", byNewest, "order: "+strings.Join(orderNames(), ", ")+"; none streams as found")
	flags.BoolVarP(&f.json, "json", "j", false, "one object of the Common Output Format a line")
	flags.BoolVar(&f.csv, "csv", false, "comma-separated values, one line for each rdata")
	flags.BoolVar(&f.table, "table", false, "a table for people, the default")
	exclusive(c, []string{"json", "csv", "table"}, []string{"summary", "limit"}, []string{"summary", "offset"},
		[]string{"summary", "sort"}, []string{"rdata", "raw"}, []string{"at", "since"}, []string{"at", "until"},
		[]string{"since", "last-after"}, []string{"until", "first-before"})
	c.RegisterFlagCompletionFunc("type", completeTypes)
	c.RegisterFlagCompletionFunc("sort", cobra.FixedCompletions(orderNames(), cobra.ShellCompDirectiveNoFileComp))
}

func completeTypes(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	names := []string{rrset.TypeString(rrset.TypeNXDOMAIN), rrset.TypeString(rrset.TypeNODATA), rrset.TypeString(rrset.TypeWildcard)}
	for t := range dns.TypeToString {
		if !rrset.IsMeta(t) && t != dns.TypeReserved {
			names = append(names, rrset.TypeString(t))
		}
	}
	slices.Sort(names)
	return names, cobra.ShellCompDirectiveNoFileComp
}

// lookup answers one question.
func (p *program) lookup(ctx context.Context, subject string, f *lookupFlags) error {
	q, err := f.query(subject)
	if err != nil {
		return err
	}
	if err := f.check(); err != nil {
		return err
	}
	src, err := p.source()
	if err != nil {
		return err
	}
	defer src.Close()
	known, err := coverage(src)
	if err != nil {
		return err
	}
	if f.summary {
		return p.summary(ctx, src, q, f, known)
	}
	w := p.rowWriter(f, known)
	n, err := f.rows(ctx, src, q, w.write)
	if end := w.close(); end != nil {
		return end
	}
	if err == nil || errors.Is(err, store.ErrIncomplete) {
		p.close(q, n, known, f)
	}
	if err != nil {
		return p.warnIncomplete(err)
	}
	if n.total == 0 {
		p.hintNegative(ctx, src, q)
	}
	p.hintCollapsed(ctx, src, q)
	if n.shown == 0 {
		return nothingFound
	}
	return nil
}

// check finds what is wrong with flags that the query does not hold.
func (f *lookupFlags) check() error {
	switch {
	case f.summary && f.csv:
		return errors.New("--summary has no form for --csv, want --json or the table")
	case f.limit < 0:
		return fmt.Errorf("--limit %d, want 0 or more", f.limit)
	case f.offset < 0:
		return fmt.Errorf("--offset %d, want 0 or more", f.offset)
	case !slices.Contains(orderNames(), f.order):
		return fmt.Errorf("--sort %q, want %s", f.order, strings.Join(orderNames(), ", "))
	}
	return nil
}

// query is what the flags ask.
func (f *lookupFlags) query(subject string) (q store.Query, err error) {
	if err := notDNSDB(subject); err != nil {
		return q, err
	}
	if f.raw {
		subject = `\# ` + subject
	}
	if q.Subject, err = question.ParseSubject(subject, f.rdata || f.raw); err != nil {
		return q, err
	}
	for _, name := range f.types {
		t, err := rrset.ParseType(strings.TrimSpace(name))
		if err != nil {
			return q, fmt.Errorf("--type: %w", err)
		}
		if t != dns.TypeANY && rrset.IsMeta(t) {
			return q, fmt.Errorf("--type: %s is no type of data", rrset.TypeString(t))
		}
		q.Types = append(q.Types, t)
	}
	if slices.Contains(q.Types, dns.TypeANY) {
		q.Negative = slices.ContainsFunc(q.Types, rrset.IsPseudo)
		q.Types = nil
	}
	if f.bailiwick != "" {
		if q.Bailiwick, err = rrset.ParseName(f.bailiwick); err != nil {
			return q, fmt.Errorf("--bailiwick: %w", err)
		}
	}
	if q.At, err = parseTime("at", f.at, true); err != nil {
		return q, err
	}
	q.Slices = f.slices
	q.Fences, err = f.fences()
	return q, err
}

// fences reads the flags that bound times.
func (f *lookupFlags) fences() (store.Fences, error) {
	fences, err := window(f.since, f.until)
	if err != nil {
		return fences, err
	}
	for _, bound := range []struct {
		flag, text string
		end        bool
		to         *int64
	}{
		{"first-after", f.firstAfter, false, &fences.FirstAfter},
		{"first-before", f.firstBefore, true, &fences.FirstBefore},
		{"last-after", f.lastAfter, false, &fences.LastAfter},
		{"last-before", f.lastBefore, true, &fences.LastBefore},
	} {
		t, err := parseTime(bound.flag, bound.text, bound.end)
		if err != nil {
			return fences, err
		}
		*bound.to = cmp.Or(t, *bound.to)
	}
	return fences, nil
}

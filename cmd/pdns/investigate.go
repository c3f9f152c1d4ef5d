package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"example.org/pdns/plugin/pkg/analysis"
	"example.org/pdns/plugin/pkg/asn"
	"example.org/pdns/plugin/pkg/clock"
	"example.org/pdns/plugin/pkg/investigate"
	"example.org/pdns/plugin/pkg/investigate/report"
	"example.org/pdns/plugin/pkg/question"
)

const investigateLong = `investigate walks from what somebody was sent to the scheme behind it, and writes what it
found as a report: one HTML file that needs nothing else and asks no network.

It takes names, addresses, URLs, defanged or not (hxxp://lure[.]example/x), and mails:
files that end in .eml, other files by a path with a slash, - for standard input. Of a
mail it takes the hosts of links, forms and pictures, however its parts are nested, from
behind the gateways that rewrite links, and the domains of its senders. Of its text a URL
is a link, and a name that begins with www, is defanged (post[.]example) or has a path and a
public suffix (post.com/x); another plain name is none: give it beside the mail. Each host
is one seed, however often it is there.

No address of whom a mail was sent to gets into the report, and no path or query of a link.
Hosts that have the local part of such an address as words of labels below their registered
domain (jo-smith.track.example, smith_jo.track.example), or it or the address in
hexadecimal, base32, base64 or hashed, are cut behind it, and names of the history that do
are left out and counted. Who is spelled in another way stays: look at the names before you
pass it on.

The walk goes from the strongest seeds, at most --seeds: what each was and when; which
names had its addresses, servers and targets at the same time; to which addresses these
went besides, and who else was there; whose name servers these are; the names of it all,
the strongest first, those that are new, and those that did not exist before. Of the scheme
is what shared an address, or the target of an alias or of a service, with a seed or with
another name of it. What hangs together with it by a registered domain, a mail exchange or
a name server only is told apart and is no indicator: a host that somebody broke into has
these in common with its owner, and with all customers of the same provider. What serves
more than --domains registered domains, or lies in a network of --ranges, is shown and not
followed: names that have only that in common cannot be told apart.

The report is written to -o, else to SEED.html in the working directory, named for the first
seed: of what was asked, or of a mail what its links say first. It replaces no file without
--force. A summary goes to standard output. --ignore leaves out a name and all below it, such
as your own domain and your mail provider's. Where a bound or --timeout ends a step, the
summary and the report say so.

--json writes one object in place of both: summary, seeds (id, type, from, state, times and
count), mail, timelines, flux, neighbours, stages, servers, shared, map, names, loose (those
apart), cuts. If nothing was seen of any seed, no report is written.`

type investigateFlags struct {
	since, until string
	ignore       []string
	ranges       []string
	asn          string
	query        investigate.Query
	lately       string
	output       string
	force, json  bool
}

func newInvestigate(p *program) *cobra.Command {
	var f investigateFlags
	c := &cobra.Command{
		Use:   "investigate NAME|ADDRESS|URL|FILE.eml...",
		Short: "Walk from a link or a mail to the scheme behind it, and report",
		Long:  investigateLong,
		Example: `  pdns investigate lure.example
  pdns investigate 'hxxps://lure[.]example/parcel' -o parcel.html
  pdns investigate mail.eml --ignore corp.example --ranges cdn.txt
  pdns investigate - --json < mail.eml`,
		Args: wants("a NAME, an ADDRESS, a URL or a FILE.eml", 0),
		RunE: func(c *cobra.Command, args []string) error { return p.investigate(c.Context(), args, &f) },
	}
	flags := c.Flags()
	flags.SortFlags = false
	flags.StringVarP(&f.output, "output", "o", "", "write the report to this `file`, - for standard output")
	flags.BoolVar(&f.force, "force", false, "replace a file that exists")
	flags.BoolVarP(&f.json, "json", "j", false, "one JSON object in place of report and summary")
	flags.StringSliceVar(&f.ignore, "ignore", nil, "leave out these `names` and all below them")
	flags.StringVar(&f.since, "since", "", "only what was seen at or after this `time`")
	flags.StringVar(&f.until, "until", "", "only what was seen at or before this `time`")
	flags.StringSliceVar(&f.ranges, "ranges", nil, "`files` of networks of CDNs and hosters")
	flags.StringVar(&f.asn, "asn", os.Getenv("PDNS_ASN"), "a `file` of autonomous systems, for the verdict on fast flux")
	flags.Lookup("asn").DefValue = "$PDNS_ASN"
	flags.IntVar(&f.query.Walk, "seeds", 5, "walk at most `n` seeds")
	flags.IntVar(&f.query.Depth, "depth", 3, "`steps` of the map from the seeds")
	flags.StringVar(&f.lately, "lately", "7d", "new is what was first seen within this `age` before the end")
	flags.IntVar(&f.query.Domains, "domains", 2000, "shared is what serves more registered domains than `n`")
	flags.DurationVar(&f.query.Timeout, "timeout", time.Minute, "work at most this `long`")
	exclusive(c, []string{"json", "output"})
	return c
}

// check reads the flags.
func (f *investigateFlags) check() (err error) {
	for _, n := range []struct {
		flag  string
		value int
	}{{"seeds", f.query.Walk}, {"depth", f.query.Depth}, {"domains", f.query.Domains}} {
		if n.value < 1 {
			return fmt.Errorf("--%s %d, want 1 or more", n.flag, n.value)
		}
	}
	if f.query.Timeout <= 0 {
		return fmt.Errorf("--timeout %v, want more than that, as 60s", f.query.Timeout)
	}
	for _, text := range f.ignore {
		v, err := question.ParseValue(text)
		if err != nil || v.Name == nil {
			return fmt.Errorf("--ignore %q, want a name", text)
		}
		f.query.Ignore = append(f.query.Ignore, v.Name)
	}
	if len(f.ranges) > 0 {
		if f.query.Ranges, err = analysis.LoadRanges(f.ranges...); err != nil {
			return fmt.Errorf("--ranges: %w", err)
		}
	}
	if f.query.Lately, err = parseAge("lately", f.lately); err != nil {
		return err
	}
	f.query.Now = clock.Now()
	f.query.Window, err = analysisWindow(f.since, f.until, "")
	return err
}

func (p *program) investigate(ctx context.Context, args []string, f *investigateFlags) error {
	if err := f.check(); err != nil {
		return err
	}
	message, err := p.gather(ctx, args, &f.query)
	if err != nil {
		return err
	}
	path := f.output
	if path == "" {
		path = reportName(&f.query)
	}
	if !f.json && path != "-" {
		if _, err := mayWrite(path, f.force); err != nil {
			return err
		}
	}
	if err := p.openOrigins(f); err != nil {
		return err
	}
	p.sayMail(message)
	if len(f.query.Seeds) == 0 {
		p.say("nothing found in %s: neither a link nor the domain of a sender", strings.Join(args, ", "))
		return nothingFound
	}
	src, err := p.source()
	if err != nil {
		return err
	}
	defer src.Close()
	r, damage := investigate.Walk(ctx, src, f.query)
	if r == nil {
		return damage
	}
	if message != nil {
		r.Mail = investigate.NewMail(message)
	}
	if err := p.tell(r, path, f); err != nil {
		return err
	}
	if damage != nil {
		return p.warnIncomplete(damage)
	}
	return p.foundSome(src, r.Found(), seedNames(r.Seeds))
}

// openOrigins opens the database of autonomous systems, if there is one.
func (p *program) openOrigins(f *investigateFlags) error {
	if f.asn == "" {
		return nil
	}
	db, err := asn.Open(f.asn)
	if err != nil {
		return fmt.Errorf("--asn: %w", err)
	}
	if w := db.Warning(clock.Now()); w != "" {
		p.say("warning: %s", w)
	}
	f.query.Origins = db
	return nil
}

// seedNames are the first seeds, for messages.
func seedNames(seeds []investigate.Seed) string {
	var names []string
	for _, s := range seeds {
		if len(names) == 3 {
			names = append(names, "...")
			break
		}
		names = append(names, s.ID)
	}
	if names == nil {
		return "what --ignore leaves"
	}
	return strings.Join(names, ", ")
}

// tell writes the result: as JSON, or as a report and a summary.
func (p *program) tell(r *investigate.Result, path string, f *investigateFlags) error {
	if f.json {
		return p.writeJSON(r)
	}
	if !r.Found() {
		for _, cut := range r.Cuts {
			p.say("warning: cut: %s", cut)
		}
		return nil
	}
	if path == "-" {
		path = ""
	}
	o, err := p.create(path, f.force)
	if err != nil {
		return err
	}
	defer o.abandon()
	out := bufio.NewWriterSize(o, 64<<10)
	if err := report.Write(out, r); err != nil {
		return err
	}
	if err := out.Flush(); err != nil {
		return err
	}
	if err := o.commit(); err != nil {
		return err
	}
	if path == "" {
		return nil
	}
	return p.summarize(r, path)
}

// summarize writes the summary for people.
func (p *program) summarize(r *investigate.Result, path string) error {
	out := bufio.NewWriter(p.out)
	for _, sentence := range r.Summary {
		fmt.Fprintln(out, printable(sentence))
	}
	for _, cut := range r.Cuts {
		fmt.Fprintf(out, "%s %s.\n", p.paint(bold, "Left out:"), printable(cut))
	}
	fmt.Fprintf(out, "Report: %s\n", printable(path))
	return out.Flush()
}

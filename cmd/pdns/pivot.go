package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"example.org/pdns/plugin/pkg/analysis"
	"example.org/pdns/plugin/pkg/store"
)

const pivotLong = `pivot shows what leads from a name, an address or a network to what: the addresses,
name servers, mail exchanges, aliases and HTTPS targets that a name had, and what had
it; the names at an address or in a network; the zones of a name server.

--peers goes one step further: who else had what the name had, at the same time. With
--any-time those count too that had it at another time.

On a terminal a bar says when each was seen, in the time of the first thousand. Where
it is narrow, columns are left out; the last line says which.

--kind chooses what is followed: address, ns, mx, cname, https, and domain, the names
in a registered domain. Without it all but domain are.

--json writes an object a line: owner, target, kind, time_first, time_last and count,
with --peers also together_first and together_last.`

type pivotFlags struct {
	kinds          string
	since, until   string
	peers, anyTime bool
	limit          int
	json           bool
}

func newPivot(p *program) *cobra.Command {
	var f pivotFlags
	c := &cobra.Command{
		Use:   "pivot SUBJECT",
		Short: "Show what leads from a name or an address to what",
		Long:  pivotLong,
		Example: `  pdns pivot www.example.com
  pdns pivot www.example.com --peers --kind address
  pdns pivot 192.0.2.0/24 --since 30d
  pdns pivot ns1.example.net --kind ns --limit 0 --json`,
		Args: wants("one SUBJECT", 1),
		RunE: func(c *cobra.Command, args []string) error {
			if f.limit < 0 {
				return fmt.Errorf("--limit %d, want 0 or more", f.limit)
			}
			return p.pivot(c.Context(), args[0], &f)
		},
	}
	flags := c.Flags()
	flags.SortFlags = false
	flags.StringVarP(&f.kinds, "kind", "k", "", "only these `kinds`: address,ns,mx,cname,https,domain; without this all but domain")
	flags.StringVar(&f.since, "since", "", "only what was seen at or after this `time`")
	flags.StringVar(&f.until, "until", "", "only what was seen at or before this `time`")
	flags.BoolVar(&f.peers, "peers", false, "who else had what the name had")
	flags.BoolVar(&f.anyTime, "any-time", false, "with --peers, whenever that was")
	flags.IntVarP(&f.limit, "limit", "l", streamLimit, "at most `n` lines, 0 for all")
	flags.BoolVarP(&f.json, "json", "j", false, "one JSON object a line")
	return c
}

func (f *pivotFlags) query(subject string) (q analysis.PivotQuery, err error) {
	if q.From, err = parseKey(subject); err != nil {
		return q, err
	}
	if f.kinds != "" {
		if q.Kinds, err = analysis.ParseKinds(f.kinds); err != nil {
			return q, fmt.Errorf("--kind: %w", err)
		}
	}
	if f.anyTime && !f.peers {
		return q, errors.New("--any-time without --peers: of one step every time counts")
	}
	if f.peers && q.From.Name() == nil {
		return q, fmt.Errorf("--peers are those of a name, and %s is none", q.From)
	}
	q.AnyTime = f.anyTime
	q.Window, err = analysisWindow(f.since, f.until, "")
	return q, err
}

func (p *program) pivot(ctx context.Context, subject string, f *pivotFlags) error {
	q, err := f.query(subject)
	if err != nil {
		return err
	}
	src, err := p.source()
	if err != nil {
		return err
	}
	defer src.Close()
	w, way := p.linkWriter(f), p.walk(0)
	w.walk, q.Progress = way, way.tell
	n, more, err := f.links(peers(ctx, src, q, f.peers), w)
	way.done()
	if end := w.flush(); end != nil {
		return end
	}
	if err != nil {
		return p.warnIncomplete(way.interrupted(err))
	}
	defer w.sayLeft()
	if more {
		p.say("the first %s; --limit 0 shows all", plural(n, "line"))
	}
	return p.foundSome(src, n > 0, q.From.String())
}

// peers is what a pivot gives, links of one step as peers without a time together.
func peers(ctx context.Context, src store.Source, q analysis.PivotQuery, further bool) iter.Seq2[analysis.Peer, error] {
	if further {
		return analysis.Peers(ctx, src, q)
	}
	return func(yield func(analysis.Peer, error) bool) {
		for l, err := range analysis.Pivot(ctx, src, q) {
			if !yield(analysis.Peer{Link: l}, err) {
				return
			}
		}
	}
}

// links writes what comes, up to the limit.
func (f *pivotFlags) links(all iter.Seq2[analysis.Peer, error], w *linkWriter) (n int, more bool, err error) {
	for l, err := range all {
		if err != nil {
			return n, false, err
		}
		if f.limit > 0 && n == f.limit {
			return n, true, nil
		}
		n++
		if err := w.write(&l); err != nil {
			return n, false, err
		}
	}
	return n, false, nil
}

// A linkWriter writes links as a table, or as JSON.
type linkWriter struct {
	p     *program
	f     *pivotFlags
	out   *bufio.Writer
	table *tabwriter.Writer
	wide  *linkTable // instead of table where the width is known
	walk  *walk
	n     int
}

func (p *program) linkWriter(f *pivotFlags) *linkWriter {
	w := &linkWriter{p: p, f: f, out: bufio.NewWriterSize(p.out, 64<<10)}
	w.table = tabwriter.NewWriter(w.out, 0, 0, 2, ' ', 0)
	if width := p.width(); width > 0 {
		w.wide = &linkTable{out: w.out, width: width, peers: f.peers}
	}
	return w
}

func (w *linkWriter) write(l *analysis.Peer) error {
	if w.n++; w.n == 1 && w.p.outTerminal { // what comes shows that it goes on
		w.walk.done()
	}
	if w.f.json {
		b := program{out: w.out}
		if w.f.peers {
			return b.writeJSON(l)
		}
		return b.writeJSON(l.Link)
	}
	if w.wide != nil {
		w.wide.add(l)
		return nil
	}
	if w.n == 1 {
		together := ""
		if w.f.peers {
			together = "TOGETHER SINCE\tUNTIL\t"
		}
		fmt.Fprintf(w.table, "FIRST\tLAST\t%sCOUNT\tOWNER\tKIND\tTARGET\n", together)
	}
	fmt.Fprintf(w.table, "%s\t%s\t", stamp(l.First), stamp(l.Last))
	switch {
	case w.f.peers && l.From == 0:
		fmt.Fprint(w.table, "never\t\t")
	case w.f.peers:
		fmt.Fprintf(w.table, "%s\t%s\t", stamp(l.From), stamp(l.Until))
	}
	_, err := fmt.Fprintf(w.table, "%s\t%s\t%s\t%s\n", number(l.Count), printable(l.Owner.String()), l.Kind, printable(l.Target.String()))
	if w.n%tableBlock == 0 {
		err = w.table.Flush()
	}
	return err
}

// sayLeft tells which columns a narrow table is without.
func (w *linkWriter) sayLeft() {
	if w.wide != nil && len(w.wide.left) > 0 {
		w.p.say("no room for %s: --json has all, and so has a wider terminal", strings.Join(w.wide.left, ", "))
	}
}

func (w *linkWriter) flush() error {
	if w.wide != nil {
		w.wide.flush()
	}
	w.table.Flush() // an error comes again
	return w.out.Flush()
}

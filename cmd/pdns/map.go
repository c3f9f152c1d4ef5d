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
	"example.org/pdns/plugin/pkg/analysis/drawing"
	"example.org/pdns/plugin/pkg/clock"
)

const mapLong = `map shows all that hangs together with one or several names, addresses or networks:
what they had, who else had that at the same time, what these had, and so on, up to
--depth steps away. A tree shows each node below the one that binds it most to the
seeds, the strongest first: →address is what the node above had, ←address who had that;
+2 says that two more bind it too.

What serves the names of more than --domains registered domains, or lies in a network
of --ranges, is shared: it is shown with its count and says little about its names, so
it is not followed, unless --expand names it. The score of a node, 0 to 1, says how
strongly it is bound to the seeds: sharing something rare counts more than sharing
something common, and sharing several things counts more than sharing one.

A file of --ranges has a network or an address a line, and behind a blank or a tab, if
wanted, a label in place of the file's name, of at most 100 octets. # begins a comment.

--at maps a time. --changes-since T compares the map of what was seen until T with that
of what was seen since: what appeared, vanished and moved.

Where a bound ends the work, a message says which, and what was not looked at.

--format svg draws a picture, and html makes a page of it with a table of all nodes,
which needs nothing else and fetches nothing: columns are steps from the seeds, a bar
says when a node was seen, and of what a column has no room for there is the number.
stix is a bundle of STIX 2.1: names, addresses and networks, what is between them and
when that was observed, without a word on whether it is malicious; what STIX has no
place for, scores and what is shared or cut, is in notes. dot is for Graphviz, graphml
for Gephi, yEd and the like, csv has a line an edge; there an apostrophe stands before
what begins with = + - @ or an apostrophe, so that no spreadsheet runs it as a formula.
Pictures show all times in UTC.

--json writes one object: seeds, nodes (id, type, domain, depth, state, score, via,
times and count, names, domains, more, range), edges (from, to, kind, times and count),
shared, cut. --changes-since --json writes appeared and vanished (nodes), edges_appeared
and edges_vanished, moved (id, kind, from, to), and partial: which half is not certain.`

type mapFlags struct {
	kinds            string
	depth            int
	since, until, at string
	changes          string
	anyTime          bool
	ranges, expand   []string
	bounds           analysis.Bounds
	format           string
	json             bool
	width            int
	column           int
	question         string
}

func newMap(p *program) *cobra.Command {
	var f mapFlags
	c := &cobra.Command{
		Use:   "map SEED...",
		Short: "Show what hangs together with names and addresses",
		Long:  mapLong,
		Example: `  pdns map lure.example
  pdns map lure.example 192.0.2.1 --kind address,ns --depth 3 --since 90d
  pdns map lure.example --ranges cdn.txt --format html > map.html
  pdns map lure.example --format dot | dot -Tpdf > map.pdf
  pdns map lure.example --changes-since 7d`,
		Args: wants("one SEED or several", 0),
		RunE: func(c *cobra.Command, args []string) error {
			f.question = commandLine(c, args)
			return p.graph(c.Context(), args, &f)
		},
	}
	flags := c.Flags()
	flags.SortFlags = false
	flags.StringVarP(&f.kinds, "kind", "k", "", "follow only these `kinds`: address,ns,mx,cname,https,domain,network; without this all but network")
	flags.IntVar(&f.depth, "depth", 4, "`steps` from the seeds")
	flags.StringVar(&f.since, "since", "", "only what was seen at or after this `time`")
	flags.StringVar(&f.until, "until", "", "only what was seen at or before this `time`")
	flags.StringVar(&f.at, "at", "", "the map at this `time`")
	flags.StringVar(&f.changes, "changes-since", "", "what is different since this `time`")
	flags.BoolVar(&f.anyTime, "any-time", false, "follow what was shared at different times too")
	flags.StringSliceVar(&f.ranges, "ranges", nil, "`files` of networks of CDNs and hosters")
	flags.StringSliceVar(&f.expand, "expand", nil, "follow these `nodes` although they are shared; all: every one")
	flags.IntVar(&f.bounds.Domains, "domains", 2000, "shared is what serves more registered domains than `n`")
	flags.IntVar(&f.bounds.Nodes, "nodes", 10_000, "at most `n` nodes")
	flags.IntVar(&f.bounds.Neighbours, "neighbours", 5000, "at most `n` neighbours of one node, in each direction")
	flags.IntVar(&f.bounds.RRsets, "rrsets", 2_000_000, "read at most `n` RRsets")
	flags.IntVar(&f.bounds.Rdata, "rdata", 100_000, "read at most `n` members of RRsets of 100 and more again, for who shares one")
	flags.DurationVar(&f.bounds.Time, "time", 30*time.Second, "work at most this `long`")
	flags.IntVar(&f.width, "width", 12, "show at most `n` branches of a node in the tree, 0 for all")
	flags.IntVar(&f.column, "column", 24, "show at most `n` nodes of a column in a picture alone, 0 for all")
	flags.StringVar(&f.format, "format", "tree", "tree, json, "+strings.Join(drawing.Formats(), ", "))
	flags.BoolVarP(&f.json, "json", "j", false, "one JSON object, the same as --format json")
	exclusive(c, []string{"json", "format"}, []string{"at", "since"}, []string{"at", "until"}, []string{"at", "changes-since"})
	c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(mapFormats(), cobra.ShellCompDirectiveNoFileComp))
	return c
}

func mapFormats() []string { return append([]string{"tree", "json"}, drawing.Formats()...) }

func (f *mapFlags) query(seeds []string) (q analysis.MapQuery, err error) {
	if f.json {
		f.format = "json"
	}
	if err := f.check(); err != nil {
		return q, err
	}
	q = analysis.MapQuery{Depth: f.depth, AnyTime: f.anyTime, Bounds: f.bounds}
	if q.Seeds, err = parseKeys(seeds); err != nil {
		return q, err
	}
	if f.kinds != "" {
		if q.Kinds, err = analysis.ParseKinds(f.kinds); err != nil {
			return q, fmt.Errorf("--kind: %w", err)
		}
	}
	if q.ExpandShared = slices.Contains(f.expand, "all"); !q.ExpandShared {
		if q.Expand, err = parseKeys(f.expand); err != nil {
			return q, fmt.Errorf("--expand: %w", err)
		}
	}
	if q.Ranges, err = analysis.LoadRanges(f.ranges...); err != nil {
		return q, fmt.Errorf("--ranges: %w", err)
	}
	q.Window, err = analysisWindow(f.since, f.until, f.at)
	return q, err
}

// check finds what is wrong with numbers and formats.
func (f *mapFlags) check() error {
	for _, n := range []struct {
		flag  string
		value int
	}{{"depth", f.depth}, {"domains", f.bounds.Domains}, {"nodes", f.bounds.Nodes}, {"neighbours", f.bounds.Neighbours},
		{"rrsets", f.bounds.RRsets}, {"rdata", f.bounds.Rdata}} {
		if n.value < 1 {
			return fmt.Errorf("--%s %d, want 1 or more", n.flag, n.value)
		}
	}
	switch {
	case f.bounds.Time <= 0:
		return fmt.Errorf("--time %v, want more than that, as 30s", f.bounds.Time)
	case f.width < 0:
		return fmt.Errorf("--width %d, want 0 or more", f.width)
	case f.column < 0:
		return fmt.Errorf("--column %d, want 0 or more", f.column)
	case !slices.Contains(mapFormats(), f.format):
		return fmt.Errorf("--format %q, want %s", f.format, strings.Join(mapFormats(), ", "))
	case f.changes != "" && f.format != "tree" && f.format != "json":
		return fmt.Errorf("--changes-since has no form for --format %s, want tree or json", f.format)
	}
	return nil
}

func parseKeys(texts []string) (keys []analysis.Key, err error) {
	for _, text := range texts {
		k, err := parseKey(text)
		if err != nil {
			return nil, err
		}
		keys = append(keys, k)
	}
	return keys, nil
}

// graph makes the map and writes it.
func (p *program) graph(ctx context.Context, seeds []string, f *mapFlags) error {
	q, err := f.query(seeds)
	if err != nil {
		return err
	}
	if f.changes != "" {
		return p.changes(ctx, q, f)
	}
	src, err := p.source()
	if err != nil {
		return err
	}
	defer src.Close()
	g, damage := p.walkMap(ctx, src, q)
	if g == nil {
		return damage
	}
	if err := p.writeGraph(ctx, g, f); err != nil {
		return err
	}
	p.sayCut(g)
	if damage != nil {
		return p.warnIncomplete(damage)
	}
	p.sayShared(g)
	return p.foundSome(src, mapFound(g), strings.Join(g.Seeds, ", "))
}

func (p *program) writeGraph(ctx context.Context, g *analysis.Graph, f *mapFlags) error {
	out := bufio.NewWriterSize(outputUntilDone{ctx, p.out}, 64<<10)
	var err error
	switch f.format {
	case "tree":
		p.drawTree(out, g, f.width)
	case "json":
		b := program{out: out}
		err = b.writeJSON(g)
	default:
		err = drawing.Write(out, f.format, g, f.options())
	}
	if err != nil {
		return err
	}
	return out.Flush()
}

// options are what a drawing is to know beside the map.
func (f *mapFlags) options() drawing.Options {
	o := drawing.Options{Question: f.question, Made: clock.Now()}
	if o.Column = f.column; f.column == 0 {
		o.Column = -1
	}
	return o
}

// cutWords say what a bound left out.
var cutWords = map[string]string{
	"neighbours": "have more neighbours than the map takes of one: --neighbours takes more",
	"nodes":      "have neighbours for which the map has no room: --nodes gives it more",
	"rdata":      "have a part in RRsets of so many members that who shares these was not looked for: --rdata looks on",
	"rrsets":     "were not looked at: --rrsets reads on",
	"time":       "were not looked at: --time takes longer",
}

// sayCut tells what bounds left out.
func (p *program) sayCut(g *analysis.Graph) {
	for _, c := range g.Cut {
		some := c.IDs[:min(3, len(c.IDs))]
		if c.Nodes > len(some) {
			some = append(slices.Clone(some), "...")
		}
		p.say("warning: cut: %s (%s) %s", plural(c.Nodes, "node"), strings.Join(some, ", "), cutWords[c.At])
	}
}

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"example.org/pdns/plugin/pkg/analysis"
	"example.org/pdns/plugin/pkg/asn"
	"example.org/pdns/plugin/pkg/clock"
	"example.org/pdns/plugin/pkg/question"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

const fluxLong = `flux judges whether a name is a fast-flux network, by how its addresses change: how
many in how many places, how fast new ones come, how long they stay, whether anybody
had them before, who else has them, and whether its name servers change as well.

    double-flux  its addresses change so, and those of its name servers
    flux         its addresses change so
    unclear      too little was seen, or the signs contradict each other
    stable       none of these
    shared       its addresses serve many others: hosting, parking
    cdn          it is served by a content delivery network

Each verdict comes with its evidence: points for flux and against, of how many that
there can be, and the figure. The weights are choices, made on made-up histories; a
verdict is a reason to look, and no proof.

*.SUFFIX judges the names at and below a suffix that had at least 6 addresses, as many
as flux has, in two networks or more; those that had the most networks, --names at
most. Those come first that are most like flux. --addresses is another least number;
how many names had fewer is said.

--asn takes a database of autonomous systems in MaxMind's format: GeoLite2-ASN,
dbip-asn-lite, IPinfo's. Without one a network stands for one, /16 of IPv4 and /32 of
IPv6, which is a proxy: large clouds and lines at home may then pass for flux, and the
score of Holz and others (NDSS 2008), which counts autonomous systems, is not told. A
file of --ranges has networks of CDNs and hosters, as that of pdns map.

Where a name is an alias, the addresses and sightings of what it leads to count with its
own: a timeline has only its own.

--at judges as one could have judged at a time: what was first seen later is not known.

--json writes one object a name: rrname, times and count, born; verdict, because,
score, threshold, lacks; evidence (sign, what, value, none, full, weight, points,
says); addresses (ipv4, ipv6, rrsets, watched, networks, asns, asn_known, systems, by,
new_per_day, later, same_places, overlap, stay, growth), ttl, others (sample, domains,
most, age, known, in_ranges, ranges), aliases, servers, holz (score, threshold,
addresses, asns, found), cut. Lengths of time are seconds.`

type fluxFlags struct {
	since, until, at string
	asn              string
	ranges           []string
	names, addresses int
	json             bool
}

func newFlux(p *program) *cobra.Command {
	var f fluxFlags
	c := &cobra.Command{
		Use:   "flux NAME...",
		Short: "Judge whether names are fast-flux networks",
		Long:  fluxLong,
		Example: `  pdns flux lure.example
  pdns flux lure.example pay.example --asn GeoLite2-ASN.mmdb --since 30d
  pdns flux '*.top' --since 7d --json`,
		Args: wants("one NAME or several", 0),
		RunE: func(c *cobra.Command, args []string) error { return p.flux(c.Context(), args, &f) },
	}
	flags := c.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.since, "since", "", "only what was seen at or after this `time`")
	flags.StringVar(&f.until, "until", "", "only what was seen at or before this `time`")
	flags.StringVar(&f.at, "at", "", "as it could be judged at this `time`")
	flags.StringVar(&f.asn, "asn", os.Getenv("PDNS_ASN"), "a `file` of autonomous systems")
	flags.Lookup("asn").DefValue = "$PDNS_ASN"
	flags.StringSliceVar(&f.ranges, "ranges", nil, "`files` of networks of CDNs and hosters")
	flags.IntVar(&f.names, "names", 100, "of each suffix judge at most `n` names")
	flags.IntVar(&f.addresses, "addresses", 6, "of each suffix judge names that had at least `n` addresses")
	flags.BoolVarP(&f.json, "json", "j", false, "one JSON object a line")
	exclusive(c, []string{"at", "since"}, []string{"at", "until"})
	return c
}

// A fluxSubject is a name, or a suffix below which names are looked for.
type fluxSubject struct {
	name  []byte
	below bool
}

func parseFluxSubject(text string) (s fluxSubject, err error) {
	if err := notDNSDB(text); err != nil {
		return s, err
	}
	v, err := question.ParseValue(text)
	switch {
	case err != nil:
		return s, err
	case v.Addresses():
		return s, withHint(fmt.Errorf("%q: want names, or *.SUFFIX", text), "pdns pivot "+text+" shows which names had it")
	case v.Name == nil:
		return s, fmt.Errorf("%q: want names, or *.SUFFIX", text)
	}
	return fluxSubject{v.Name, v.Below}, nil
}

// query is what the flags ask, and which subjects.
func (f *fluxFlags) query(args []string) (q analysis.FluxQuery, subjects []fluxSubject, db *asn.Database, err error) {
	if f.names < 1 {
		return q, nil, nil, fmt.Errorf("--names %d, want 1 or more", f.names)
	}
	if f.addresses < 2 {
		return q, nil, nil, fmt.Errorf("--addresses %d, want 2 or more", f.addresses)
	}
	for _, text := range args {
		s, err := parseFluxSubject(text)
		if err != nil {
			return q, nil, nil, err
		}
		subjects = append(subjects, s)
	}
	if q.Window, err = analysisWindow(f.since, f.until, ""); err != nil {
		return q, nil, nil, err
	}
	if f.at != "" {
		if q.Until, err = parseTime("at", f.at, true); err != nil {
			return q, nil, nil, err
		}
	}
	if len(f.ranges) > 0 {
		if q.Ranges, err = analysis.LoadRanges(f.ranges...); err != nil {
			return q, nil, nil, fmt.Errorf("--ranges: %w", err)
		}
	}
	if f.asn != "" {
		if db, err = asn.Open(f.asn); err != nil {
			return q, nil, nil, fmt.Errorf("--asn: %w", err)
		}
		q.Origins = db
	}
	return q, subjects, db, nil
}

func (p *program) flux(ctx context.Context, args []string, f *fluxFlags) error {
	q, subjects, db, err := f.query(args)
	if err != nil {
		return err
	}
	if db != nil {
		if w := db.Warning(clock.Now()); w != "" {
			p.say("warning: %s", w)
		}
	}
	src, err := p.source()
	if err != nil {
		return err
	}
	defer src.Close()
	var damage error
	found, explained := false, false
	for _, s := range subjects {
		reports, few, err := p.judge(ctx, src, s, q, f)
		if err != nil && !errors.Is(err, store.ErrIncomplete) {
			return err
		}
		damage = cmp.Or(damage, err)
		explained = explained || few && len(reports) == 0
		for i, r := range reports {
			found = found || r.Count > 0
			if err := p.writeFlux(r, f, i > 0 || len(subjects) > 1); err != nil {
				return err
			}
			p.sayFluxCut(r)
		}
	}
	if damage != nil {
		return p.warnIncomplete(damage)
	}
	if !found && explained {
		return nothingFound
	}
	return p.foundSome(src, found, strings.Join(args, ", "))
}

// judge judges a name, or those below a suffix, and tells whether some of these were few
// in addresses.
func (p *program) judge(ctx context.Context, src store.Source, s fluxSubject, q analysis.FluxQuery, f *fluxFlags) (reports []*analysis.FluxReport, few bool, err error) {
	if !s.below {
		q.Name = s.name
		r, err := analysis.Flux(ctx, src, q)
		if r == nil {
			return nil, false, err
		}
		return []*analysis.FluxReport{r}, false, err
	}
	all, cuts, damage := analysis.Candidates(ctx, src, analysis.CandidatesQuery{Below: s.name, Window: q.Window, Names: f.names, Addresses: f.addresses})
	if damage != nil && !errors.Is(damage, store.ErrIncomplete) {
		return nil, false, damage
	}
	below := printable("*." + strings.TrimPrefix(rrset.NameString(s.name), "."))
	for _, c := range cuts {
		if c.At == "addresses" {
			few = true
			p.sayFew(below, &c, len(all))
			continue
		}
		p.say("warning: cut: %s: %s", below, candidateCuts[c.At](&c))
	}
	for _, c := range all {
		q.Name = c.Name
		r, err := analysis.Flux(ctx, src, q)
		if r == nil {
			return nil, few, err
		}
		damage = cmp.Or(damage, err)
		reports = append(reports, r)
	}
	slices.SortStableFunc(reports, func(a, b *analysis.FluxReport) int {
		return cmp.Or(cmp.Compare(slices.Index(analysis.Verdicts(), a.Verdict), slices.Index(analysis.Verdicts(), b.Verdict)), cmp.Compare(b.Score, a.Score))
	})
	return reports, few, damage
}

// sayFew tells how many names below a suffix had too few addresses to be judged.
func (p *program) sayFew(below string, c *analysis.Cut, judged int) {
	if judged == 0 {
		p.say("%s: %s with addresses, none with enough to be judged: %d, in two networks or more", below, plural(c.Nodes, "name"), c.Limit)
	} else {
		p.say("%s: %s not judged, with fewer than %d addresses or all in one network", below, plural(c.Nodes, "name"), c.Limit)
	}
	if c.Limit > 2 {
		p.say("hint: --addresses judges names that had fewer")
	}
}

var candidateCuts = map[string]func(*analysis.Cut) string{
	"names": func(c *analysis.Cut) string {
		return plural(c.Nodes, "candidate") + " more, in fewer networks: --names judges more"
	},
	"rrsets": func(c *analysis.Cut) string {
		return fmt.Sprintf("only the first %s were read", number(uint64(c.Limit))+" RRsets")
	},
	"time": func(c *analysis.Cut) string { return fmt.Sprintf("only what could be read in %d s", c.Limit/1000) },
}

// fluxCuts say what a bound left out of a verdict.
var fluxCuts = map[string]string{
	"records": "only the first %s records of its history were read: --since and --until choose a part",
	"aliases": "only %s targets of its aliases were followed",
	"servers": "only the addresses of %s name servers were read",
	"time":    "there was no time for all of it, only %s ms: --since and --until choose a part",
}

// sayFluxCut tells what bounds left out; that a sample is one its evidence says.
func (p *program) sayFluxCut(r *analysis.FluxReport) {
	for _, c := range r.Cut {
		if text := fluxCuts[c.At]; text != "" {
			p.say("warning: cut: %s: "+text, printable(r.Name), number(uint64(c.Limit)))
		}
	}
}

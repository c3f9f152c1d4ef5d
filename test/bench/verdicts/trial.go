package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"example.org/pdns/plugin/pkg/analysis"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// A given is what an operator has beside the history.
type given struct {
	name            string
	origins, ranges bool
}

var allGiven = []given{{"history alone", false, false}, {"with autonomous systems", true, false}, {"with these and ranges", true, true}}

// A trial is the verdicts on all names of a world.
type trial struct {
	given    given
	by       map[*kind]map[analysis.Verdict]int
	flux     rate // flux or double-flux, of names that are
	double   rate // double-flux, of names that are
	right    int  // verdicts that are right for the kind
	of       int
	mistakes []string
}

// A rate counts what was found of what is, and what is not.
type rate struct{ found, missed, wrong int }

func (r *rate) count(is, said bool) {
	switch {
	case is && said:
		r.found++
	case is:
		r.missed++
	case said:
		r.wrong++
	}
}

// precision is how much of what was said is so; 1 if nothing was said.
func (r rate) precision() float64 { return share(r.found, r.wrong) }

// recall is how much of what is so was said; 1 if nothing is.
func (r rate) recall() float64 { return share(r.found, r.missed) }

func share(some, others int) float64 {
	if some+others == 0 {
		return 1
	}
	return float64(some) / float64(some+others)
}

// ranges are the networks of CDNs that publish theirs.
func (w *world) ranges() (*analysis.Ranges, error) {
	var lines strings.Builder
	for _, a := range w.listed {
		p, err := a.Prefix(24)
		if err != nil {
			return nil, err
		}
		fmt.Fprintln(&lines, p, "cdn")
	}
	r := &analysis.Ranges{}
	return r, r.Read(strings.NewReader(lines.String()), "")
}

// try judges every name of a world.
func (w *world) try(ctx context.Context, src store.Source, g given) (*trial, error) {
	t := &trial{given: g, by: map[*kind]map[analysis.Verdict]int{}}
	q := analysis.FluxQuery{}
	if g.origins {
		q.Origins = w.net
	}
	if g.ranges {
		r, err := w.ranges()
		if err != nil {
			return nil, err
		}
		q.Ranges = r
	}
	for _, s := range w.subjects {
		q.Name = rrset.MustName(s.name)
		r, err := analysis.Flux(ctx, src, q)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.name, err)
		}
		t.count(s, r)
	}
	return t, nil
}

func (t *trial) count(s subject, r *analysis.FluxReport) {
	if t.by[s.kind] == nil {
		t.by[s.kind] = map[analysis.Verdict]int{}
	}
	t.by[s.kind][r.Verdict]++
	said := r.Verdict == analysis.IsFlux || r.Verdict == analysis.IsDoubleFlux
	t.flux.count(s.kind.flux(), said)
	t.double.count(s.kind.right[0] == analysis.IsDoubleFlux, r.Verdict == analysis.IsDoubleFlux)
	t.of++
	if slices.Contains(s.kind.right, r.Verdict) {
		t.right++
	} else {
		t.mistakes = append(t.mistakes, mistake(s, r))
	}
}

// mistake tells a wrong verdict with its evidence.
func mistake(s subject, r *analysis.FluxReport) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s): %s, %s", s.name, s.kind.name, r.Verdict, r.Because)
	for _, e := range r.Evidence {
		if e.Points > 0 {
			fmt.Fprintf(&b, "; %s %.1f %s", e.Sign, e.Points, e.Says)
		}
	}
	return b.String()
}

// sharing asks maps which nodes are shared, of those that serve parties that have
// nothing to do with each other and those that do not.
func (w *world) sharing(ctx context.Context, src store.Source, domains int, ranged bool) (all rate, by map[string]rate, err error) {
	q := analysis.MapQuery{Depth: 1, Bounds: analysis.Bounds{Domains: domains}}
	if ranged {
		if q.Ranges, err = w.ranges(); err != nil {
			return all, nil, err
		}
	}
	by = map[string]rate{}
	asked := map[string]bool{}
	for _, n := range w.nodes {
		if asked[n.id] {
			continue
		}
		asked[n.id] = true
		k, err := analysis.ParseKey(n.id)
		if err != nil {
			return all, nil, err
		}
		q.Seeds = []analysis.Key{k}
		g, err := analysis.Map(ctx, src, q)
		if err != nil {
			return all, nil, fmt.Errorf("%s: %w", n.id, err)
		}
		said := slices.Contains(g.Shared, g.Seeds[0])
		all.count(n.shared, said)
		r := by[n.kind]
		r.count(n.shared, said)
		by[n.kind] = r
	}
	return all, by, nil
}

var _ analysis.Origins = (*internet)(nil)

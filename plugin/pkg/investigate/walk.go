package investigate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"example.org/pdns/plugin/pkg/analysis"
	"example.org/pdns/plugin/pkg/store"
)

// mostSeeds bounds how many seeds are looked up to find the strongest: as many as a mail
// has, since what is seen of them decides more than where they stood.
const mostSeeds = 10_000

// Walk investigates. It can be called concurrently. What its bounds leave out, the time
// too, the result says in Cuts.
//
// An error that matches store.ErrIncomplete comes beside a result of what could be read.
// With any other there is none: the query makes no sense, ctx has ended or the source
// cannot be read.
func Walk(ctx context.Context, src store.Source, q Query) (*Result, error) {
	q, err := q.withDefaults()
	if err != nil {
		return nil, err
	}
	named := withoutRecipients(src, &q)
	w := &walker{src: named, q: &q, out: &Result{Made: q.Now.Unix(), Since: q.Since, Until: q.Until,
		Timelines: []*analysis.Timeline{}, Flux: []*analysis.FluxReport{}, Neighbours: []Neighbours{}, Stages: []Stage{},
		Servers: []Server{}, Shared: []analysis.Node{}, Names: []Name{}, Loose: []Name{}, Cuts: []string{}}}
	limited, cancel := context.WithTimeoutCause(ctx, q.Timeout, errTime)
	defer cancel()
	for _, step := range []struct {
		what string
		do   func(context.Context) error
	}{
		{"how far the history reaches", w.cover},
		{"when the seeds were seen", w.seeds},
		{"the map", w.chart},
		{"the history of the seeds", w.histories},
		{"who shared what the seeds had", w.neighbours},
		{"where their neighbours went", w.stages},
		{"name servers", w.servers},
		{"the names of the scheme", w.names},
		{"which registered domains were seen themselves", w.lookedUp},
		{"what did not exist before", w.unborn},
	} {
		err := step.do(limited)
		if err != nil && context.Cause(limited) == errTime {
			w.cut("the time of %v was over before it was found out: %s", q.Timeout, step.what)
			continue
		}
		if err != nil {
			return nil, err
		}
	}
	if n := len(named.left); n > 0 {
		w.cut("%s of the history with a recipient of the mail in it, and what was at it", counted(n, "name"))
	}
	w.out.Summary = w.summary()
	if w.damage != nil {
		w.out.Incomplete = w.damage.Error()
	}
	return w.out, w.damage
}

// errTime ends a walk that takes longer than it may.
var errTime = errors.New("the walk takes longer than it may")

// A walker is one walk.
type walker struct {
	src    store.Source
	q      *Query
	out    *Result
	damage error // the first part of the history that could not be read
	end    int64 // of the history, the window or the clock, whichever comes first
	walked []Seed
	charts
}

func (w *walker) cut(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(w.out.Cuts, text) {
		w.out.Cuts = append(w.out.Cuts, text)
	}
}

// survive takes an error that a result can live with: damage.
func (w *walker) survive(err error) error {
	if errors.Is(err, store.ErrIncomplete) {
		if w.damage == nil {
			w.damage = err
		}
		return nil
	}
	return err
}

// cover finds what the history covers.
func (w *walker) cover(context.Context) error {
	since, until, err := analysis.Reach(w.src)
	if err != nil {
		return err
	}
	w.out.KnownSince, w.out.KnownUntil = since, until
	w.end = w.q.Now.Unix()
	for _, earlier := range []int64{w.out.KnownUntil, w.q.Until} {
		if earlier > 0 {
			w.end = min(w.end, earlier)
		}
	}
	w.out.Lately = w.end - int64(w.q.Lately/time.Second)
	return nil
}

// seeds finds when each seed was seen, and which are walked.
func (w *walker) seeds(ctx context.Context) error {
	all := slices.DeleteFunc(slices.Clone(w.q.Seeds), func(s Seed) bool { return w.q.ignored(s.Key) })
	w.out.Ignored = len(w.q.Seeds) - len(all)
	strongest(all)
	if len(all) > mostSeeds {
		w.cut("of %d seeds the first %d were looked up", len(all), mostSeeds)
	}
	w.out.Seeds = all
	for i := range all {
		all[i].State = Left
	}
	for i := range all[:min(len(all), mostSeeds)] {
		seen, err := w.seen(ctx, all[i].Key)
		if err != nil {
			return err
		}
		if all[i].Seen = seen; seen.Count == 0 {
			all[i].State = Unseen
		}
	}
	strongest(all)
	for i := range all {
		if all[i].Count == 0 || all[i].State == Unseen {
			continue
		}
		if len(w.walked) == w.q.Walk {
			w.cut("seeds behind the %d strongest were not walked", w.q.Walk)
			break
		}
		all[i].State = Walked
		w.walked = append(w.walked, all[i])
	}
	return nil
}

// seen is when a name was seen, or the names at an address.
func (w *walker) seen(ctx context.Context, k analysis.Key) (all analysis.Seen, err error) {
	q := store.Query{Subject: store.Owner(k.Name()), Fences: fences(w.q.Window)}
	if k.Name() == nil {
		q.Subject, q.Records = store.Network(k.Prefix()), true
	}
	read := 0
	for s, err := range w.src.Find(ctx, q) {
		if err != nil {
			return all, w.survive(err)
		}
		all.Add(analysis.Seen{First: s.First, Last: s.Last, Count: s.Count})
		if read++; read == w.q.Count {
			w.cut("of %s only the first %d records count for when it was seen", Plain(k.String()), read)
			break
		}
	}
	return all, nil
}

func fences(w analysis.Window) store.Fences {
	return store.Fences{LastAfter: w.Since, FirstBefore: w.Until}
}

// histories reads what the seeds were, and judges whether they are flux.
func (w *walker) histories(ctx context.Context) error {
	for _, s := range w.walked {
		if s.Type != "name" {
			continue
		}
		l, err := analysis.ReadTimeline(ctx, w.src, analysis.TimelineQuery{Name: s.Key.Name(), Window: w.q.Window})
		if err := w.survive(err); err != nil {
			return err
		}
		if l.Cut > 0 {
			w.cut("the history of %s has more than %d records: some are missing", Plain(s.ID), l.Cut)
		}
		w.out.Timelines = append(w.out.Timelines, l)
		f, err := analysis.Flux(ctx, w.src, analysis.FluxQuery{Name: s.Key.Name(), Window: w.q.Window, Ranges: w.q.Ranges, Origins: w.q.Origins})
		if err := w.survive(err); err != nil {
			return err
		}
		for _, c := range f.Cut {
			w.cut("for the verdict whether %s is fast flux %s", Plain(s.ID), fluxCut(f, c))
		}
		w.out.Flux = append(w.out.Flux, f)
	}
	return nil
}

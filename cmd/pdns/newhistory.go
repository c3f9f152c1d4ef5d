package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"example.org/pdns/plugin/pkg/analysis"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
	"example.org/pdns/plugin/pkg/store/novelty"
)

// newInHistory shows what was first seen since a time by all of the history, as the log,
// if there is one, begins later.
func (p *program) newInHistory(ctx context.Context, src store.Source, s novelty.Selection, f *newFlags, begins int64) error {
	q, err := historyQuery(s, f)
	if err != nil {
		return err
	}
	if begins > 0 {
		p.say("the log begins at %s: reads the whole history, for what was first seen since %s", stamp(begins), stamp(q.Since))
	} else {
		p.say("there is no log: reads the whole history, for what was first seen since %s", stamp(q.Since))
	}
	known, err := coverage(src)
	if err != nil {
		return err
	}
	bars := newBars(&s)
	var found newest
	var fail error
	for n, err := range analysis.NewlyObserved(ctx, src, q) {
		if fail = err; fail != nil {
			break
		}
		if s.Denied && n.Denied == 0 {
			continue
		}
		bars.count(n.Event)
		found.add(n.Event, f.limit)
	}
	if fail != nil && !errors.Is(fail, store.ErrIncomplete) {
		return fail
	}
	w := p.eventWriter(f)
	if !f.json {
		bars.draw(w.out)
	}
	for _, e := range found.trim(f.limit) {
		if err := w.write(e); err != nil {
			return err
		}
	}
	if err := w.flush(); err != nil {
		return err
	}
	p.closeNew(len(found.events), found.total, len(found.events) < found.total, f, "first seen since "+stamp(q.Since))
	if !known.Since.IsZero() && known.Since.Unix() >= q.Since {
		p.say("warning: the history begins at %s: what was there before looks new", stamp(known.Since.Unix()))
	}
	if fail != nil {
		return p.warnIncomplete(fail)
	}
	if found.total == 0 {
		return nothingFound
	}
	return nil
}

// historyQuery asks the history for what a selection asks of the log, if it can.
func historyQuery(s novelty.Selection, f *newFlags) (analysis.NewQuery, error) {
	q := analysis.NewQuery{Kinds: slices.Clone(s.Kinds), Name: s.Name, Window: analysis.Window{Since: s.Since + 1}, Denied: true}
	if len(q.Kinds) == 0 {
		q.Kinds = []novelty.Kind{novelty.Domain, novelty.Host}
		if q.Inside() != nil { // there are only hosts
			q.Kinds = q.Kinds[1:]
		}
		return q, nil
	}
	if whole := q.Inside(); whole != nil {
		return q, fmt.Errorf("--below %s lies inside a registered domain: want %s or a name above it, or --kind host", f.below, rrset.NameString(whole))
	}
	if slices.Contains(q.Kinds, novelty.Again) {
		return q, withHint(errors.New("--kind again: the log does not go back so far, and the history does not say it"),
			"--since with a later time, or --kind domain,host")
	}
	return q, nil
}

// newest keeps what was first seen last.
type newest struct {
	events []*novelty.Event
	total  int
}

// add keeps an event, and twice as many as are wanted at most; 0: all.
func (n *newest) add(e *novelty.Event, most int) {
	n.total++
	n.events = append(n.events, e)
	if most > 0 && len(n.events)/2 >= most {
		n.trim(most)
	}
}

// trim leaves as many as are wanted, the newest first.
func (n *newest) trim(most int) []*novelty.Event {
	slices.SortStableFunc(n.events, func(a, b *novelty.Event) int { return cmp.Compare(b.Set.First, a.Set.First) })
	if most > 0 {
		n.events = n.events[:min(most, len(n.events))]
	}
	return n.events
}

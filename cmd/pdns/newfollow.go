package main

import (
	"context"
	"errors"
	"slices"
	"time"

	"example.org/pdns/plugin/pkg/store/novelty"
)

// lookAgain is how long who follows the log waits before he looks again.
const lookAgain = time.Second

// followNew shows what the log has, the oldest first, and what comes, until the context
// ends.
func (p *program) followNew(ctx context.Context, dir string, s novelty.Selection, f *newFlags) error {
	w, shed := p.eventWriter(f), 0
	settled, err := novelty.Settled(dir)
	if err != nil {
		return err
	}
	// A flush may be under way: what it logs is the feed's, from its beginning.
	recent := s
	recent.Since = max(s.Since, settled)
	feed := novelty.NewFeed(dir, recent)
	next := func(visit func(*novelty.Event) error) error {
		err := feed.Next(ctx, visit, func(_ int64, n int) { shed += n })
		if err := p.warnLine(err); err != nil && !errors.Is(err, wentWrong) {
			return err
		}
		return nil
	}
	var newest []*novelty.Event
	err = next(func(e *novelty.Event) error {
		if newest = append(newest, e); f.limit > 0 && len(newest) > f.limit {
			newest = newest[1:]
		}
		return nil
	})
	if err != nil {
		return ended(ctx, err)
	}
	var last []*novelty.Event
	if s.Until = settled; settled > s.Since && (f.limit == 0 || len(newest) < f.limit) {
		if last, err = p.latest(ctx, dir, s, f.limit-len(newest)); err != nil {
			return ended(ctx, err)
		}
	}
	if last = append(last, newest...); len(last) == 0 {
		if err := p.sayWaits(dir, s); err != nil {
			return err
		}
	}
	for _, e := range last {
		if err := w.write(e); err != nil {
			return err
		}
	}
	for {
		if err := w.flush(); err != nil {
			return err
		}
		if shed > 0 {
			p.say("warning: %s more were found that the log had no room for", number(shed))
			shed = 0
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(lookAgain):
		}
		if err := next(w.write); err != nil {
			return ended(ctx, errors.Join(err, w.flush()))
		}
	}
}

// latest are the newest events of the log, at most so many, the oldest first; 0 or
// less: all.
func (p *program) latest(ctx context.Context, dir string, s novelty.Selection, most int) ([]*novelty.Event, error) {
	var found []*novelty.Event
	for e, err := range novelty.Latest(ctx, dir, s) {
		if err != nil {
			if err := p.warnLine(err); !errors.Is(err, wentWrong) {
				return nil, err
			}
			break
		}
		if found = append(found, e); len(found) == most {
			break
		}
	}
	slices.Reverse(found)
	return found, nil
}

// sayWaits says that there is nothing yet, and why if there can be nothing.
func (p *program) sayWaits(dir string, s novelty.Selection) error {
	begins, err := novelty.Begins(dir, s)
	if err != nil {
		return err
	}
	if begins == 0 {
		p.say("%s", novelty.NoLog)
	}
	if !p.quiet {
		p.say("nothing new was found since %s; waits for more; ^C ends it", stamp(s.Since+1))
	}
	return nil
}

// ended is nil where an error came of the end that somebody asked for.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

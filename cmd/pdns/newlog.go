package main

import (
	"context"
	"errors"
	"slices"
	"time"

	"example.org/pdns/plugin/pkg/store/novelty"
)

// newInLog shows what the log has.
func (p *program) newInLog(ctx context.Context, dir string, s novelty.Selection, f *newFlags) error {
	w := p.eventWriter(f)
	total := 0
	var bad error
	if !f.json {
		// The bars come first, and count all.
		bars := newBars(&s)
		for e, err := range novelty.Latest(ctx, dir, s) {
			if err != nil {
				break // it comes again
			}
			bars.count(e)
			total++
		}
		bars.draw(w.out)
	}
	shown, more := 0, false
	for e, err := range novelty.Latest(ctx, dir, s) {
		if bad = err; bad != nil {
			break
		}
		if more = f.limit > 0 && shown == f.limit; more {
			break
		}
		shown++
		if err := w.write(e); err != nil {
			return err
		}
	}
	if err := w.flush(); err != nil {
		return err
	}
	if err := p.warnLine(bad); err != nil && !errors.Is(err, wentWrong) {
		return err
	}
	p.closeNew(shown, total, more, f, "found since "+stamp(s.Since+1))
	switch {
	case bad != nil:
		return wentWrong
	case shown == 0:
		return nothingFound
	}
	return nil
}

// warnLine tells of a line of the log that cannot be read: what was shown is good but
// for that.
func (p *program) warnLine(err error) error {
	var l *novelty.LineError
	if !errors.As(err, &l) {
		return err
	}
	p.say("warning: a line of the log was left out: %v", err)
	return wentWrong
}

// closeNew says how much was shown.
func (p *program) closeNew(shown, total int, more bool, f *newFlags, which string) {
	switch {
	case shown == 0:
		p.say("nothing new was %s", which)
	case more && total > 0:
		p.say("%s of %s %s", number(shown), number(total), which)
		p.say("hint: --limit 0 shows all")
	case more:
		p.say("the newest %s %s; --limit 0 shows all", number(shown), which)
	case !p.quiet && !f.json:
		p.say("%s %s", number(shown), which)
	}
}

// lookAgain is how long who follows the log waits before he looks again.
const lookAgain = time.Second

// followNew shows what the log has, the oldest first, and what comes, until the context
// ends.
func (p *program) followNew(ctx context.Context, dir string, s novelty.Selection, f *newFlags) error {
	w := p.eventWriter(f)
	var last []*novelty.Event
	for e, err := range novelty.Latest(ctx, dir, s) {
		if err != nil {
			if err := p.warnLine(err); !errors.Is(err, wentWrong) {
				return ended(ctx, err)
			}
			break
		}
		if f.limit > 0 && len(last) == f.limit {
			break
		}
		last = append(last, e)
	}
	if len(last) > 0 {
		s.Since = last[0].Logged
	} else if err := p.sayWaits(dir, s); err != nil {
		return err
	}
	slices.Reverse(last)
	for _, e := range last {
		if err := w.write(e); err != nil {
			return err
		}
	}
	feed := novelty.NewFeed(dir, s)
	for {
		shed := 0
		err := feed.Next(ctx, w.write, func(_ int64, n int) { shed += n })
		if err := w.flush(); err != nil {
			return err
		}
		if err := p.warnLine(err); err != nil && !errors.Is(err, wentWrong) {
			return ended(ctx, err)
		}
		if shed > 0 {
			p.say("warning: %s more were found that the log had no room for", number(shed))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(lookAgain):
		}
	}
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

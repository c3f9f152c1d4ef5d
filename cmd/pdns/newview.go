package main

import (
	"context"
	"errors"
	"slices"

	"example.org/pdns/plugin/pkg/analysis"
	"example.org/pdns/plugin/pkg/store"
	"example.org/pdns/plugin/pkg/store/novelty"
)

// A newView shows what the log has, and out of the history what was first seen before
// the log begins.
type newView struct {
	*program
	f      *newFlags
	want   novelty.Selection
	dir    string            // of the log
	begins int64             // when the log does; 0: there is none
	past   analysis.NewQuery // what is asked of the history; no kinds: nothing

	w     *eventWriter
	bars  *bars
	early map[string]bool // of the log, what was first seen before it begins
	found newest          // in the history
	shown int
	total int
	more  bool // there is, than was shown
}

// plan finds out who has what is asked for, and says so.
func (v *newView) plan(src store.Source) (err error) {
	if v.dir != "" {
		if v.begins, err = novelty.Begins(v.dir, v.want); err != nil {
			return err
		}
	}
	since := v.want.Since + 1
	if v.begins > 0 && v.begins <= since {
		return nil
	}
	known, err := coverage(src)
	if err != nil {
		return err
	}
	if !known.Since.IsZero() && v.begins > 0 && known.Since.Unix() >= v.begins {
		return nil // nothing was seen before
	}
	if v.past, err = historyQuery(v.want, v.f, v.begins); err != nil {
		return err
	}
	which := "there is no log"
	if v.begins > 0 {
		which = "the log begins at " + stamp(v.begins)
	}
	switch comes := slices.Contains(v.kinds(), novelty.Again); {
	case len(v.past.Kinds) == 0:
		v.say("%s: what came again before is not known", which)
		return nil
	case comes:
		v.say("%s: reads the whole history, for what was first seen since %s; it does not say what came again", which, stamp(since))
	default:
		v.say("%s: reads the whole history, for what was first seen since %s", which, stamp(since))
	}
	if !known.Since.IsZero() && known.Since.Unix() >= since {
		v.say("warning: the history begins at %s: what was there before looks new", stamp(known.Since.Unix()))
	}
	return nil
}

// kinds are those that are asked for.
func (v *newView) kinds() []novelty.Kind {
	if len(v.want.Kinds) == 0 {
		return novelty.DefaultKinds
	}
	return v.want.Kinds
}

// show shows all, the newest first: the log before the history.
func (v *newView) show(ctx context.Context, src store.Source) error {
	v.w, v.early = v.eventWriter(v.f), map[string]bool{}
	var bad, fail error
	var err error
	if !v.f.json { // the bars come first, and count all
		v.bars = newBars(&v.want)
		v.count(ctx)
		if fail, err = v.readPast(ctx, src); err != nil {
			return err
		}
		v.bars.draw(v.w.out, v.w.width)
	}
	if bad, err = v.writeLog(ctx); err != nil {
		return err
	}
	if v.f.json && !v.more {
		if fail, err = v.readPast(ctx, src); err != nil {
			return err
		}
		v.total = v.shown + v.found.total
	}
	if err := v.writePast(); err != nil {
		return err
	}
	if err := v.warnLine(bad); err != nil && !errors.Is(err, wentWrong) {
		return err
	}
	v.closeNew(v.shown, v.total, v.more, v.f, v.which())
	switch {
	case fail != nil:
		return v.warnIncomplete(fail)
	case bad != nil:
		return wentWrong
	case v.shown == 0:
		return nothingFound
	}
	return nil
}

// which says of what was shown what it is.
func (v *newView) which() string {
	how := "found"
	switch {
	case v.begins == 0:
		how = "first seen"
	case len(v.past.Kinds) > 0:
		how = "found or first seen"
	}
	return how + " since " + stamp(v.want.Since+1)
}

package main

import (
	"context"
	"errors"

	"example.org/pdns/plugin/pkg/store/novelty"
)

// count takes what the log has into the bars.
func (v *newView) count(ctx context.Context) {
	if v.begins == 0 {
		return
	}
	for e, err := range novelty.Latest(ctx, v.dir, v.want) {
		if err != nil {
			return // it comes again
		}
		v.bars.count(e)
		v.total++
		v.sees(e)
	}
}

// writeLog writes what the log has. bad is that a line of it cannot be read.
func (v *newView) writeLog(ctx context.Context) (bad, err error) {
	if v.begins == 0 {
		return nil, nil
	}
	for e, err := range novelty.Latest(ctx, v.dir, v.want) {
		if bad = err; bad != nil {
			break
		}
		if v.more = v.f.limit > 0 && v.shown == v.f.limit; v.more {
			break
		}
		v.shown++
		v.sees(e)
		if err := v.w.write(e); err != nil {
			return nil, err
		}
	}
	if v.f.json { // before what takes time; a table stays in one piece
		err = v.w.flush()
	}
	return bad, err
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

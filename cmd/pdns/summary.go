package main

import (
	"context"
	"errors"
	"fmt"

	"example.org/pdns/plugin/pkg/question"
	"example.org/pdns/plugin/pkg/store"
)

// summary shows the figures of a whole result; --json as the query zone has them.
func (p *program) summary(ctx context.Context, src store.Source, q store.Query, f *lookupFlags, c store.Coverage) error {
	sum, fail := question.Summarize(ctx, src, q)
	if fail != nil && !errors.Is(fail, store.ErrIncomplete) {
		return fail
	}
	if sum.RRsets == 0 {
		p.close(q, counted{}, c, f)
		if fail != nil {
			return p.warnIncomplete(fail)
		}
		p.hintNegative(ctx, src, q)
		return nothingFound
	}
	format := "RRsets  %s\nfirst   %s\nlast    %s\ncount   %s\n"
	args := []any{number(sum.RRsets), stamp(sum.First), stamp(sum.Last), number(sum.Count)}
	if f.json {
		format = `{"rrsets":%d,"time_first":%d,"time_last":%d,"count":%d}` + "\n"
		args = []any{sum.RRsets, sum.First, sum.Last, sum.Count}
	}
	if _, err := fmt.Fprintf(p.out, format, args...); err != nil {
		return err
	}
	if !p.quiet && !f.json {
		p.say("%s", reach(c))
	}
	return p.warnIncomplete(fail)
}

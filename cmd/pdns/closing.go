package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"example.org/pdns/plugin/pkg/question"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// close says how much of the result was shown, and what the history can know.
func (p *program) close(q store.Query, n counted, c store.Coverage, f *lookupFlags) {
	switch {
	case n.shown == 0 && n.total == 0:
		p.say("nothing found for %s; %s", asked(q.Subject, f.rdata), reach(c))
	case n.more || n.total > n.shown+f.offset:
		p.say("%s; %s", n, reach(c))
		p.say("hint: --limit 0 shows all, --offset %d what comes next", f.offset+n.shown)
	case !p.quiet && !f.json && !f.csv:
		p.say("%s; %s", n, reach(c))
	}
}

// asked is a subject in the words of the command line.
func asked(s store.Subject, rdata bool) string {
	if name, ok := strings.CutSuffix(s.String(), "_rdata"); ok && rdata {
		return name + " in rdata"
	}
	return s.String()
}

// reach says what the history can know.
func reach(c store.Coverage) string {
	if c.Since.IsZero() {
		return fmt.Sprintf("nothing is on disk yet: who records writes what was seen within %v, or as flush says", store.DefaultFlush)
	}
	return fmt.Sprintf("history from %s until %s", stamp(c.Since.Unix()), stamp(c.Until.Unix()))
}

// negatives are what the history says of things that were not there.
var negatives = []struct {
	rtype uint16
	means string
}{
	{rrset.TypeNXDOMAIN, "it did not exist"},
	{rrset.TypeNODATA, "it had no records of some type"},
}

// hintNegative says that what was not found was seen not to exist, which a
// lookup shows only if it is asked for.
func (p *program) hintNegative(ctx context.Context, src store.Source, q store.Query) {
	for _, n := range negatives {
		if q.Negative || slices.Contains(q.Types, n.rtype) {
			continue
		}
		q := q
		q.Types = []uint16{n.rtype}
		for _, err := range src.Find(ctx, q) {
			if err == nil {
				p.say("hint: the history says that %s: --type %s shows when", n.means, rrset.TypeString(n.rtype))
			}
			break
		}
	}
}

// hintCollapsed says that a name may be one of those that were recorded as one.
func (p *program) hintCollapsed(ctx context.Context, src store.Source, q store.Query) {
	name := q.Subject.Name()
	if name == nil || name[0] == 0 {
		return
	}
	sets, err := store.Collapsed(ctx, src, name)
	for i := range sets {
		at := store.Query{Subject: store.Owner(sets[i].Owner), Types: q.Types, Negative: q.Negative}
		p.say("hint: the name %s: %s shows what they had", question.Among(&sets[i]), p.lookupCommand(ctx, src, at))
	}
	if err != nil {
		p.say("warning: %v", err)
	}
}

// lookupCommand is what to type for an owner so that something is found.
func (p *program) lookupCommand(ctx context.Context, src store.Source, q store.Query) string {
	command := "pdns lookup " + rrset.NameString(q.Subject.Name())
	types, _ := question.Shows(ctx, src, q)
	for i, t := range types {
		if i == 0 {
			command += " --type "
		} else {
			command += ","
		}
		command += rrset.TypeString(t)
	}
	if p.store != usualStore() {
		command += " --store " + p.store
	}
	return command
}

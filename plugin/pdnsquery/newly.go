package pdnsquery

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/question"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
	"example.org/pdns/plugin/pkg/store/novelty"
)

// newly answers _new: a page of what was newly observed, newest first. It reads the log
// from its end, so that a page costs no more than it holds, and in its turn as any
// search.
func (x *exchange) newly(ctx context.Context, q *question.Question) {
	dir := store.NewsDir(x.src)
	if dir == "" {
		x.nothingNew("a snapshot has no log of what was newly observed")
		return
	}
	bound := x.h.bounds.search
	if err := bound.enter(ctx); err != nil {
		x.incomplete(err, false)
		return
	}
	defer bound.leave()
	p, err := x.newlyPage(ctx, dir, q)
	switch {
	case !x.incomplete(x.newlyError(err), p.found > 0):
	case p.found == 0:
		x.nothingNew(x.whyNothing(dir, q))
	case p.found <= q.Offset:
		x.add(x.note(q, fmt.Sprintf("%d in all, none behind offset %d", p.found, q.Offset), ""))
	case p.more:
		x.add(x.newlyNext(q, q.Offset+len(x.m.Answer)))
	}
}

// A newlyPage is what was found for one.
type newlyPage struct {
	found int // events, those that were skipped too
	more  bool
}

// newlyPage adds the events of a page.
func (x *exchange) newlyPage(ctx context.Context, dir string, q *question.Question) (p newlyPage, err error) {
	for e, err := range novelty.Latest(ctx, dir, *q.New) {
		if err != nil {
			return p, err
		}
		if p.found++; p.found <= q.Offset {
			continue
		}
		txt := x.textOfEvent(e, q.JSON)
		n := textSize(txt)
		if shown := len(x.m.Answer); shown == q.Limit || shown > 0 && x.size+n > maxAnswer {
			p.more = true
			return p, nil
		}
		x.size += n
		x.add(txt)
	}
	return p, nil
}

// newlyError is an error of reading the log as one of a search.
func (x *exchange) newlyError(err error) error {
	var l *novelty.LineError
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%w: the log was read for %s; ask for a window (_since-)", store.ErrIncomplete, x.h.timeout)
	case errors.As(err, &l):
		return fmt.Errorf("%w: %w", store.ErrIncomplete, err)
	}
	return err
}

// nothingNew is NODATA: what is new at a name is another thing tomorrow, and that
// nothing is says nothing of the names below it.
func (x *exchange) nothingNew(why string) {
	x.negative(dns.RcodeSuccess)
	if why != "" {
		x.explain(dns.ExtendedErrorCodeOther, why)
	}
}

// whyNothing is why nothing is in the log, if nothing can be.
func (x *exchange) whyNothing(dir string, q *question.Question) string {
	if begins, err := novelty.Begins(dir, *q.New); err == nil && begins == 0 {
		return novelty.NoLog
	}
	return ""
}

// newlyNext is the note behind a page that is not all.
func (x *exchange) newlyNext(q *question.Question, end int) *dns.TXT {
	text := fmt.Sprintf("%d to %d, there is more", q.Offset+1, end)
	next := x.below(q.Page(end))
	if end+q.Limit > question.MaxReach || next == "" {
		return x.note(q, text+": ask for an earlier window (_until-)", "")
	}
	return x.note(q, text, next)
}

// textOfEvent is the TXT record of an event: KIND FIRST NAME TYPE, and OWNER if that is
// not the name; a string for each rdata; what else is known of it in one that begins
// with ";". Rdata that do not fit are left out, and counted.
func (x *exchange) textOfEvent(e *novelty.Event, json bool) *dns.TXT {
	for {
		parts := []string{string(e.AppendJSON(nil))}
		if !json {
			parts = eventStrings(e)
		}
		if len(e.Set.Rdata) == 0 || stringsSize(parts...) <= maxRecord {
			return x.text(parts...)
		}
		e.Set.Rdata = e.Set.Rdata[:len(e.Set.Rdata)-1]
	}
}

func eventStrings(e *novelty.Event) []string {
	head := fmt.Sprintf("%s %s %s %s", e.Kind, timeString(e.Set.First), rrset.NameString(e.Name), rrset.TypeString(e.Set.Type))
	if string(e.Set.Owner) != string(e.Name) {
		head += " " + rrset.NameString(e.Set.Owner)
	}
	parts := []string{head}
	for _, rdata := range e.Set.Rdata {
		parts = append(parts, rrset.RdataString(e.Set.Type, rdata))
	}
	var notes []string
	if n := len(e.Set.Rdata); n < e.Rdata {
		notes = append(notes, fmt.Sprintf("%d of %d rdata", n, e.Rdata))
	}
	if e.Denied != 0 {
		notes = append(notes, "said not to exist at "+timeString(e.Denied))
	}
	if e.Before != 0 {
		notes = append(notes, "last seen before at "+timeString(e.Before))
	}
	if len(notes) > 0 {
		parts = append(parts, "; "+strings.Join(notes, "; "))
	}
	return parts
}

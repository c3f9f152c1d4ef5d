package pdnsquery

import (
	"context"
	"slices"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/question"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
	"example.org/pdns/plugin/pkg/store/disposable"
)

// among adds a note for each set of names that the owner asked for may be one of,
// since what was seen of it may stand there, and reports whether there is an answer
// now. Beside an answer, names that did not exist are noted to those who ask for such.
func (x *exchange) among(ctx context.Context, q *question.Question) bool {
	if q.Owner == nil {
		return len(x.m.Answer) > 0
	}
	sets, err := store.Collapsed(ctx, x.source(q), q.Owner)
	if x.outcome != outcomeIncomplete && !x.incomplete(err, len(x.m.Answer) > 0) { // else it was told
		return true
	}
	denied := len(x.m.Answer) == 0 || slices.ContainsFunc(q.Query.Types, rrset.IsNegative)
	for i := range sets {
		c := &sets[i]
		if c.Place == disposable.Inside && (denied || !disposable.Denies(c.Shape)) {
			x.add(x.note(q, question.Among(c), x.below(q.AboutSet(ctx, x.source(q), c.Owner))))
		}
	}
	return len(x.m.Answer) > 0
}

// amongNothing answers a name at and below which nothing was seen, but that may be
// one of a set, or names below it, and reports whether it is: to deny it would be a
// lie.
func (x *exchange) amongNothing(ctx context.Context, q *question.Question) bool {
	name := q.Query.Subject.Name()
	if name == nil {
		return false
	}
	sets, err := store.Collapsed(ctx, bounded{x.src, x.h.bounds.search}, name)
	if !x.incomplete(err, false) {
		return true
	}
	for i := range sets {
		x.negative(dns.RcodeSuccess)
		x.explain(dns.ExtendedErrorCodeOther, question.Among(&sets[i]))
		return true
	}
	return false
}

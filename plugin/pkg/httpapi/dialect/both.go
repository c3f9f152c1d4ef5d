package dialect

import (
	"errors"

	"example.org/pdns/plugin/pkg/httpapi/ask"
	"example.org/pdns/plugin/pkg/question"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// Both are the queries for all that is known of a value, whichever side it stands
// on: the RRsets at it, and the records elsewhere that hold it. What else is asked
// for is that of base.
func Both(v *question.Value, base store.Query) (queries []ask.Query) {
	if subject, ok := v.Owner(); ok {
		at := base
		at.Subject = subject
		queries = append(queries, ask.Query{Query: at})
	}
	if subject, ok := v.Rdata(); ok {
		holding := base
		holding.Subject, holding.Records = subject, true
		queries = append(queries, ask.Query{Query: holding, Keep: func(r *rrset.RRset) bool { return !v.Covers(r.Owner) }})
	}
	return queries
}

// ErrEnough is for a receiver of results to return when it wants no more of them.
var ErrEnough = errors.New("enough")

// FindEach carries out queries one behind the other as if they were one: offset
// and limit, 0 being as many as there are, are those of all results. What damage
// hides from one of them hides nothing from those behind it.
func (x *Exchange) FindEach(queries []ask.Query, offset, limit int, receive func(*rrset.RRset) error) (all ask.Outcome) {
	var incomplete error
	for _, q := range queries {
		found, keep := 0, q.Keep
		q.Keep = func(r *rrset.RRset) bool {
			if keep != nil && !keep(r) {
				return false
			}
			found++
			return true
		}
		q.Offset = offset
		o := x.Find(&q, func(r *rrset.RRset) error {
			if limit > 0 && all.Given == limit {
				return ErrEnough
			}
			all.Given++
			return receive(r)
		})
		offset -= min(offset, found)
		switch {
		case errors.Is(o.Err, ErrEnough):
			all.More, all.Err = true, incomplete
			return all
		case errors.Is(o.Err, store.ErrIncomplete):
			incomplete = o.Err
		case o.Err != nil:
			all.Err = errors.Join(o.Err, incomplete)
			return all
		}
	}
	all.Err = incomplete
	return all
}

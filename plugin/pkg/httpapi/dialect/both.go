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

var errMore = errors.New("more results than wanted")

// FindEach carries out queries one behind the other as if they were one: offset
// and limit, 0 being as many as there are, are those of all results.
func (x *Exchange) FindEach(queries []ask.Query, offset, limit int, receive func(*rrset.RRset) error) (all ask.Outcome) {
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
				return errMore
			}
			all.Given++
			return receive(r)
		})
		offset -= min(offset, found)
		if errors.Is(o.Err, errMore) {
			all.More = true
			return all
		}
		if o.Err != nil {
			all.Err = o.Err
			return all
		}
	}
	return all
}

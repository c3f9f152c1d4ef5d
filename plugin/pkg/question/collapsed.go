package question

import (
	"context"
	"fmt"
	"strings"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
	"example.org/pdns/plugin/pkg/store/disposable"
)

// Among says of a name that it may be one of those of a set that were recorded as
// one, or that names below it may be.
func Among(c *store.CollapsedSet) string {
	who := "may be"
	if c.Place == disposable.Above {
		who = "names below it may be"
	}
	return fmt.Sprintf("%s among about %d names of shape %s below %s seen from %s to %s and recorded as one", who, c.Count,
		c.Shape, rrset.NameString(c.Ancestor()), timeString(c.First), timeString(c.Last))
}

// Shows is of which types to ask so that q finds something: those of q, else what is
// shown unasked, else what is shown only if asked for. It reports whether there are
// any.
func Shows(ctx context.Context, src store.Source, q store.Query) (types []uint16, found bool) {
	for _, types := range [][]uint16{q.Types, nil, {rrset.TypeNXDOMAIN}, {rrset.TypeNODATA}, {rrset.TypeWildcard}} {
		q.Types = types
		for _, err := range src.Find(ctx, q) {
			return types, err == nil
		}
	}
	return nil, false
}

// AboutSet is the relative wire name that asks what a set of names had: the same
// question about its owner if that finds something, else one that does; nil if there
// is none, or none that fits into a name.
func (q *Question) AboutSet(ctx context.Context, src store.Source, owner []byte) []byte {
	same := q.Query
	same.Subject = store.Owner(owner)
	for _, err := range src.Find(ctx, same) {
		if err == nil {
			return q.About(owner)
		}
		return nil
	}
	types, found := Shows(ctx, src, store.Query{Subject: same.Subject, Types: same.Types})
	if !found {
		return nil
	}
	other := Question{now: q.now}
	for _, t := range types {
		other.ops = append(other.ops, []byte("_"+strings.ToLower(rrset.TypeString(t))))
	}
	if q.JSON {
		other.ops = append(other.ops, []byte("_json"))
	}
	return other.About(owner)
}

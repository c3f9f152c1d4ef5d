package investigate

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"example.org/pdns/plugin/pkg/analysis"
	"example.org/pdns/plugin/pkg/mail"
	"example.org/pdns/plugin/pkg/rrset"
)

// A Query says where to walk from, and how far. Zero values are defaults.
type Query struct {
	Seeds  []Seed
	Ignore [][]byte // canonical names: what is there and below counts for nothing, but shows in the history of a seed that had it

	// Recipients are those of the mail that seeds are from: no name that names one gets
	// into the result, unless it is a seed. May be nil.
	Recipients *mail.Recipients

	// Window bounds the walk: what was seen at some time in it.
	analysis.Window

	Walk   int           // how many seeds are walked, the strongest; 5
	Depth  int           // of the map; 3, from a name over its addresses to what the names there had
	Lately time.Duration // what was first seen so long before the end counts as new; 7 days

	// Ranges and Origins, if not nil, are networks of CDNs and hosters, and which
	// autonomous system announces an address.
	Ranges  *analysis.Ranges
	Origins analysis.Origins

	Now     time.Time // when the walk is made; the end of the history if that is earlier
	Timeout time.Duration

	analysis.Bounds // of the map, and of each address that is followed
}

const (
	defaultWalk    = 5
	defaultDepth   = 3
	defaultLately  = 7 * 24 * time.Hour
	defaultTimeout = time.Minute
)

func (q Query) withDefaults() (Query, error) {
	q.Walk = cmp.Or(q.Walk, defaultWalk)
	q.Depth = cmp.Or(q.Depth, defaultDepth)
	q.Lately = cmp.Or(q.Lately, defaultLately)
	q.Timeout = cmp.Or(q.Timeout, defaultTimeout)
	q.Domains = cmp.Or(q.Domains, 2000)
	q.Count = cmp.Or(q.Count, 20_000)
	q.Neighbours = cmp.Or(q.Neighbours, 5000)
	q.Nodes = cmp.Or(q.Nodes, 10_000)
	if q.Now.IsZero() {
		q.Now = time.Now()
	}
	switch {
	case len(q.Seeds) == 0:
		return q, errors.New("no seed, want a name, an address, a URL or a mail with links")
	case q.Walk < 0, q.Depth < 0, q.Lately < 0, q.Timeout < 0:
		return q, errors.New("a bound below 0")
	case q.Until != 0 && q.Until < q.Since:
		return q, fmt.Errorf("the window ends before it begins")
	}
	return q, nil
}

// ignored reports whether a key is a name that does not count.
func (q *Query) ignored(k analysis.Key) bool {
	name := k.Name()
	for _, zone := range q.Ignore {
		if name != nil && rrset.Encloses(zone, name) {
			return true
		}
	}
	return false
}

// First is the seed that says most as long as nothing is known of its history; false if
// Ignore leaves none.
func (q *Query) First() (Seed, bool) {
	all := slices.DeleteFunc(slices.Clone(q.Seeds), func(s Seed) bool { return q.ignored(s.Key) })
	strongest(all)
	if len(all) == 0 {
		return Seed{}, false
	}
	return all[0], true
}

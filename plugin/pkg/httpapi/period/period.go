// Package period puts together what a name had and when: periods of sets of
// records, from the slices that the runs of a store make of its history.
package period

import (
	"bytes"
	"cmp"
	"errors"
	"slices"

	"example.org/pdns/plugin/pkg/rrset"
)

// Most is how many periods are kept of a name, and MostBytes how large the sets of
// records may be that they are of.
const (
	Most      = 100_000
	MostBytes = 16 << 20
)

// ErrTooMany says that a name had more than Most periods, or MostBytes of sets.
// Periods found until then are good.
var ErrTooMany = errors.New("the name changed too often")

// A Period is a time from First to Last in which a set of records was seen again
// and again.
type Period struct {
	Type   uint16
	Rdata  [][]byte // canonical, sorted
	Slices int      // of runs, that it was put together from
	rrset.Figures

	set int // which of the Collector's sets it is of
}

// A Collector puts slices together. Its zero value, with a Gap, is ready.
type Collector struct {
	// Gap is how many seconds may lie between two observations of a set in one
	// period. Slices are no finer than the windows of the runs that they are of.
	Gap int64

	periods []Period
	room    int // how many periods make it worth while to compact them
	sets    sets
}

// Add takes a slice in: an RRset of a search with Slices, of which nothing is
// kept. RRsets that differ by bailiwick only are one set.
func (c *Collector) Add(r *rrset.RRset) error {
	s := c.sets.find(r)
	c.periods = append(c.periods, Period{Type: r.Type, Rdata: s.rdata, Slices: 1, Figures: r.Figures, set: s.number})
	if c.sets.bytes > MostBytes {
		return ErrTooMany
	}
	if len(c.periods) < max(c.room, 1024) {
		return nil
	}
	c.compact()
	c.room = 2 * len(c.periods)
	if len(c.periods) > Most {
		return ErrTooMany
	}
	return nil
}

// compact makes one period of those of a set that touch.
func (c *Collector) compact() {
	slices.SortFunc(c.periods, func(a, b Period) int {
		return cmp.Or(cmp.Compare(a.set, b.set), cmp.Compare(a.First, b.First))
	})
	out := c.periods[:0]
	for i := range c.periods {
		p := &c.periods[i]
		if n := len(out); n > 0 && out[n-1].set == p.set && p.First-out[n-1].Last <= c.Gap {
			out[n-1].take(p)
			continue
		}
		out = append(out, *p)
	}
	c.periods = out
}

func (p *Period) take(q *Period) {
	p.Add(&q.Figures)
	p.Slices += q.Slices
}

// Periods are those of all slices that were added, newest first: by Last, then by
// First, type and rdata. Those of different sets may overlap.
func (c *Collector) Periods() []Period {
	c.compact()
	slices.SortFunc(c.periods, newest)
	return c.periods
}

func newest(a, b Period) int {
	return cmp.Or(cmp.Compare(b.Last, a.Last), cmp.Compare(b.First, a.First), compareSets(&a, &b))
}

// compareSets orders by type and rdata.
func compareSets(a, b *Period) int {
	return cmp.Or(cmp.Compare(a.Type, b.Type), slices.CompareFunc(a.Rdata, b.Rdata, bytes.Compare))
}

// Join makes one period of those of a set between which no other set of its type
// was seen: nothing tells that the name had anything else then. They are all of one
// Collector; the order is that of Periods.
func Join(ps []Period) []Period {
	slices.SortFunc(ps, func(a, b Period) int {
		return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.First, b.First), compareSets(&a, &b))
	})
	var out []Period
	var j joiner
	for i := range ps {
		if i == 0 || ps[i].Type != ps[i-1].Type {
			j = joiner{latest: map[int]int{}}
		}
		out = j.add(out, &ps[i])
	}
	slices.SortFunc(out, newest)
	return out
}

// A joiner goes over the periods of one type, the first to begin first.
type joiner struct {
	latest map[int]int // the last period of each set
	// seen are the two sets that were seen last, and when.
	seen [2]struct {
		set int
		at  int64
	}
}

func (j *joiner) add(out []Period, p *Period) []Period {
	at, ok := j.latest[p.set]
	if ok && j.others(p.set) <= out[at].Last {
		out[at].take(p)
	} else {
		at = len(out)
		out = append(out, *p)
	}
	j.latest[p.set] = at
	j.saw(p.set, p.Last)
	return out
}

// others is when a set other than this was last seen; the least time if none was.
func (j *joiner) others(set int) int64 {
	for _, s := range j.seen {
		if s.at != 0 && s.set != set {
			return s.at
		}
	}
	return -1 << 63
}

func (j *joiner) saw(set int, at int64) {
	first, second := &j.seen[0], &j.seen[1]
	switch {
	case first.set == set && first.at != 0:
		first.at = max(first.at, at)
	case at > first.at:
		*second = *first
		first.set, first.at = set, at
	case at > second.at || second.set == set:
		second.set, second.at = set, max(second.at, at)
	}
}

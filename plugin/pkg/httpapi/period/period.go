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

// Most is how many periods are kept of a name.
const Most = 100_000

// ErrTooMany says that a name had more than Most periods. Those found until then are
// good.
var ErrTooMany = errors.New("the name changed too often")

// A Period is a time from First to Last in which a set of records was seen again
// and again.
type Period struct {
	Type   uint16
	Rdata  [][]byte // canonical, sorted
	Slices int      // of runs, that it was put together from
	rrset.Figures
}

// A Collector puts slices together. Its zero value, with a Gap, is ready.
type Collector struct {
	// Gap is how many seconds may lie between two observations of a set in one
	// period. Slices are no finer than the windows of the runs that they are of.
	Gap int64

	periods []Period
	room    int // how many periods make it worth while to compact them
}

// Add takes a slice in: an RRset of a search with Slices, of which nothing is
// kept. RRsets that differ by bailiwick only are one set.
func (c *Collector) Add(r *rrset.RRset) error {
	p := Period{Type: r.Type, Slices: 1, Figures: r.Figures}
	if n := len(c.periods); n > 0 && sameSet(&c.periods[n-1], r) {
		p.Rdata = c.periods[n-1].Rdata
	} else {
		p.Rdata = r.Clone().Rdata
	}
	c.periods = append(c.periods, p)
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

func sameSet(p *Period, r *rrset.RRset) bool {
	return p.Type == r.Type && slices.EqualFunc(p.Rdata, r.Rdata, bytes.Equal)
}

// compareSets orders by type and rdata.
func compareSets(a, b *Period) int {
	return cmp.Or(cmp.Compare(a.Type, b.Type), slices.CompareFunc(a.Rdata, b.Rdata, bytes.Compare))
}

// compact makes one period of those of a set that touch.
func (c *Collector) compact() {
	slices.SortFunc(c.periods, func(a, b Period) int {
		return cmp.Or(compareSets(&a, &b), cmp.Compare(a.First, b.First))
	})
	out := c.periods[:0]
	for i := range c.periods {
		p := &c.periods[i]
		if n := len(out); n > 0 && compareSets(&out[n-1], p) == 0 && p.First-out[n-1].Last <= c.Gap {
			out[n-1].take(p)
			continue
		}
		out = append(out, *p)
	}
	clear(c.periods[len(out):]) // lets rdata go
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
	slices.SortStableFunc(c.periods, newest)
	return c.periods
}

func newest(a, b Period) int {
	return cmp.Or(cmp.Compare(b.Last, a.Last), cmp.Compare(b.First, a.First))
}

// Join makes one period of those of a set between which no other set of its type
// was seen: nothing tells that the name had anything else then. The order is that
// of Periods.
func Join(ps []Period) []Period {
	slices.SortFunc(ps, func(a, b Period) int {
		return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.First, b.First), compareSets(&a, &b))
	})
	var out []Period
	var j joiner
	for i := range ps {
		if i == 0 || ps[i].Type != ps[i-1].Type {
			j = joiner{latest: map[string]int{}}
		}
		out = j.add(out, &ps[i])
	}
	slices.SortStableFunc(out, newest)
	return out
}

// A joiner goes over the periods of one type, the first to begin first.
type joiner struct {
	latest map[string]int // the last period of each set, by its rdata
	// seen are the two sets that were seen last, and when.
	seen [2]struct {
		set string
		at  int64
	}
}

func (j *joiner) add(out []Period, p *Period) []Period {
	set := key(p.Rdata)
	at, ok := j.latest[set]
	if ok && j.others(set) <= out[at].Last {
		out[at].take(p)
	} else {
		at = len(out)
		out = append(out, *p)
	}
	j.latest[set] = at
	j.saw(set, p.Last)
	return out
}

// others is when a set other than this was last seen; the least time if none was.
func (j *joiner) others(set string) int64 {
	for _, s := range j.seen {
		if s.at != 0 && s.set != set {
			return s.at
		}
	}
	return -1 << 63
}

func (j *joiner) saw(set string, at int64) {
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

func key(rdata [][]byte) string {
	var b []byte
	for _, rd := range rdata {
		b = append(append(b, byte(len(rd)>>8), byte(len(rd))), rd...)
	}
	return string(b)
}

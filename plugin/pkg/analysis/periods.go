package analysis

import (
	"cmp"
	"slices"
)

// periods are times of something, in order, that neither overlap nor touch.
type periods []period

// A period is a time from first to last, in Unix seconds, both inclusive.
type period struct{ first, last int64 }

// add takes in another time.
func (p *periods) add(first, last int64) {
	from, _ := slices.BinarySearchFunc(*p, first, func(x period, t int64) int { return cmp.Compare(x.last+1, t) })
	to := from
	for ; to < len(*p) && (*p)[to].first <= last+1; to++ {
		first, last = min(first, (*p)[to].first), max(last, (*p)[to].last)
	}
	*p = slices.Replace(*p, from, to, period{first, last})
}

// overlap reports whether something was at one of the times.
func (p periods) overlap(s Seen) bool {
	i, _ := slices.BinarySearchFunc(p, s.First, func(x period, t int64) int { return cmp.Compare(x.last, t) })
	return i < len(p) && p[i].first <= s.Last
}

// within is the part of a window in which the times lie; all of it if there are none.
func (p periods) within(w Window) Window {
	if len(p) == 0 {
		return w
	}
	w.Since = max(w.Since, p[0].first)
	if last := p[len(p)-1].last; w.Until == 0 || last < w.Until {
		w.Until = last
	}
	return w
}

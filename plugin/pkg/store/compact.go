package store

import (
	"cmp"
	"math/bits"
	"slices"
	"time"

	"example.org/pdns/plugin/pkg/store/manifest"
)

// fanIn is how many runs of about one size in one window are merged before the
// window has ended. More means fewer rewrites and more runs to search.
const fanIn = 8

// mergeAtOnce is how many runs are merged at once: each takes the memory of a bit for
// every record of all of them, and of a block.
const mergeAtOnce = 32

// settle is how long a window must have been over, and its newest run written,
// before the background merges what it holds into one run: late observations and
// imports still arrive in pieces.
const settle = time.Minute

// units are the units that runs are merged into: with a retention, only those
// that are short against it, since a run goes as a whole.
func units(windows []Window, keep time.Duration) []Window {
	if keep <= 0 {
		return windows
	}
	i := slices.IndexFunc(windows, func(w Window) bool { return w.length() > keep/4 })
	switch i {
	case -1:
		return windows
	case 0:
		return windows[:1]
	}
	return windows[:i]
}

// windowOf returns the smallest window of these units that a run lies in, and
// the unit's position; the position is len(units) if there is none. A run lies
// in the window of its newest record if it does not begin long before: a flush
// knows nothing of the clock, and often begins in one window and ends in the
// next.
func windowOf(r *manifest.Run, units []Window) (start, end time.Time, unit int) {
	for i, u := range units {
		start, end = u.bounds(time.Unix(r.Last, 0))
		if early := end.Sub(start) / 8; !time.Unix(r.First, 0).Before(start.Add(-early)) {
			return start, end, i
		}
	}
	return time.Time{}, time.Time{}, len(units)
}

// upTo are the units as far as one of them, or as one that would stand among
// them.
func upTo(units []Window, last Window) []Window {
	i := slices.IndexFunc(units, func(w Window) bool { return w.length() >= last.length() })
	if i < 0 {
		return units
	}
	return append(slices.Clone(units[:i]), last)
}

// withLonger adds to units those that are longer. Nothing is merged into such a
// window when it is over, but what lies in one, of an import or from before a
// retention, is merged with nothing outside of it.
func withLonger(units []Window) []Window {
	i := slices.Index(windows, units[len(units)-1])
	return append(slices.Clone(units), windows[i+1:]...)
}

// choose picks the runs to merge next; none if the store is in order. What was
// over and written a while before now, settle, counts as complete. First
// come windows that are over, smallest unit first: all that lies inside becomes
// one run, in rounds if it is much. Then, inside a window that is still open, runs of one size.
func choose(runs []manifest.Run, units []Window, now time.Time, settle time.Duration) []manifest.Run {
	for i := range units {
		if rs := closedWindow(runs, units, i, now, settle); rs != nil {
			return rs
		}
	}
	longer := withLonger(units)
	for i := 0; i <= len(longer); i++ {
		if rs := crowdedWindow(runs, longer, i); rs != nil {
			return rs
		}
	}
	return nil
}

// group collects the runs inside each window of a unit, in order of the windows.
func group(runs []manifest.Run, units []Window, unit int, inner bool) [][]manifest.Run {
	byStart := map[int64][]manifest.Run{}
	var starts []int64
	for _, r := range runs {
		_, _, smallest := windowOf(&r, units)
		if smallest > unit || smallest < unit && !inner {
			continue
		}
		var start time.Time
		if unit < len(units) {
			start, _ = units[unit].bounds(time.Unix(r.Last, 0))
		}
		if byStart[start.Unix()] == nil {
			starts = append(starts, start.Unix())
		}
		byStart[start.Unix()] = append(byStart[start.Unix()], r)
	}
	slices.Sort(starts)
	var groups [][]manifest.Run
	for _, s := range starts {
		groups = append(groups, byStart[s])
	}
	return groups
}

func closedWindow(runs []manifest.Run, units []Window, unit int, now time.Time, settle time.Duration) []manifest.Run {
	settled := now.Add(-settle)
	// What was written after now was written by a clock that was set back since.
	recent := func(r manifest.Run) bool {
		created := time.Unix(r.Created, 0)
		return created.After(settled) && !created.After(now)
	}
	for _, rs := range group(runs, units, unit, true) {
		_, end := units[unit].bounds(time.Unix(rs[0].Last, 0))
		if len(rs) > 1 && !end.After(settled) && !slices.ContainsFunc(rs, recent) {
			return round(rs)
		}
	}
	return nil
}

// round returns which of the runs that are to become one are merged next: the
// smallest, and so many that the merges after it can be of as many as may be.
func round(runs []manifest.Run) []manifest.Run {
	if len(runs) <= mergeAtOnce {
		return runs
	}
	smallest := slices.SortedFunc(slices.Values(runs), func(a, b manifest.Run) int { return cmp.Compare(a.Records, b.Records) })
	return smallest[:2+(len(runs)-2)%(mergeAtOnce-1)]
}

func crowdedWindow(runs []manifest.Run, units []Window, unit int) []manifest.Run {
	for _, rs := range group(runs, units, unit, false) {
		bySize := map[int][]manifest.Run{}
		for _, r := range rs {
			size := bits.Len64(r.Records) / bits.Len(fanIn-1)
			bySize[size] = append(bySize[size], r)
			if len(bySize[size]) == fanIn {
				return bySize[size]
			}
		}
	}
	return nil
}

package feed

import (
	"iter"
	"math"
	"sort"
	"time"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store/novelty"
)

// How long, in seconds, entries are held, which is as long as the log holds them, and
// how long a domain or host is not new again: what a window of a day holds is said by
// the two days up to its end.
const (
	span = int64(novelty.Kept / time.Second)
	once = 24 * hour
)

// An entry is a name that was logged. It never changes, so that a State is read without
// a lock.
type entry struct {
	name   string // canonical, in wire form
	logged int64  // Unix seconds
	prev   int    // number of the entry before with the name that counts; -1 if there is none
	repeat bool   // it does not count
}

// A list is consecutive entries, numbered from base on, in the order of their times.
type list struct {
	entries []entry
	base    int
	before  int64 // those that were logged until then are not there any more
}

// A window is the entries that a zone holds, by number: from lo up to but not hi.
type window struct{ lo, hi int }

func (l *list) at(n int) *entry { return &l.entries[n-l.base] }
func (l *list) end() int        { return l.base + len(l.entries) }

// counts reports whether an entry is the first with its name in a window from lo on.
func (l *list) counts(n, lo int) bool {
	e := l.at(n)
	return !e.repeat && e.prev < lo
}

// until is the number behind the last entry that was logged at a time or before.
func (l *list) until(t int64) int {
	return l.base + sort.Search(len(l.entries), func(i int) bool { return l.entries[i].logged > t })
}

// window is what a zone of an age holds at a time, at most so many entries. It is whole
// if all that it should hold is there, and what was logged until missing is not.
func (l *list) window(t int64, age Age, most int, missing int64) (w window, whole bool) {
	w = window{l.until(t - int64(age)), l.until(t)}
	if least := w.hi - most; least >= w.lo {
		w.lo = least
		return w, missing <= l.at(least).logged
	}
	return w, missing <= t-int64(age)
}

// changed is when a zone of an age changed last, at a time or before: 0 if it never did.
// begin is when the log begins: what was logged before, if anything, went for its age
// then, in another process, perhaps.
func (l *list) changed(t int64, age Age, begin int64) int64 {
	var last int64
	if n := l.until(t); n > l.base {
		last = l.at(n - 1).logged
	}
	if n := l.until(t - int64(age)); n > l.base {
		last = max(last, l.at(n-1).logged+int64(age))
	}
	if begin = max(begin, l.before); begin > 0 {
		if begin+int64(age) <= t {
			begin += int64(age)
		}
		last = max(last, min(begin, t))
	}
	return last
}

// difference is the names of a window that another one, which is not before it, lacks,
// and the other way round, as numbers of entries.
func (l *list) difference(from, to window) (deleted, added []int) {
	stay := map[int]bool{} // first entries in from of names that are in to as well
	for n := to.lo; n < to.hi; n++ {
		if !l.counts(n, to.lo) {
			continue
		}
		first := n
		for first >= from.hi {
			first = l.at(first).prev
		}
		if first < from.lo {
			added = append(added, n)
			continue
		}
		for p := l.at(first).prev; p >= from.lo; p = l.at(p).prev {
			first = p
		}
		if first < to.lo {
			stay[first] = true
		}
	}
	for n := from.lo; n < min(from.hi, to.lo); n++ {
		if l.counts(n, from.lo) && !stay[n] {
			deleted = append(deleted, n)
		}
	}
	return deleted, added
}

// A track is what was logged of a kind.
type track struct {
	list
	last  map[string]int // number of the last entry with a name, counted or not
	under map[string]int // number of the last entry that counts of a name below this one
	again bool           // every time counts
}

func newTrack(k Kind) *track {
	return &track{list: list{before: math.MinInt64}, last: map[string]int{}, under: map[string]int{}, again: k == NAD}
}

// add appends a name.
func (t *track) add(name string, logged int64) {
	if n := len(t.entries); n > 0 {
		logged = max(logged, t.entries[n-1].logged) // whoever wrote it: the list is in order
	}
	e := entry{name: name, logged: logged, prev: -1}
	if n, ok := t.last[name]; ok {
		last := t.at(n)
		e.name, e.prev = last.name, n // one copy of the name
		if last.repeat {
			e.prev = last.prev
		}
		e.repeat = !t.again && logged-last.logged < once
	}
	t.last[e.name] = t.end()
	if !e.repeat {
		for above := range ancestors(e.name) {
			t.under[above] = t.end()
		}
	}
	t.entries = append(t.entries, e)
}

// lastCounted is the number of the last entry with a name that counts, which may have
// been forgotten; -1 if there is none.
func (t *track) lastCounted(name string) int {
	n, ok := t.last[name]
	if !ok {
		return -1
	}
	if e := t.at(n); e.repeat {
		return e.prev
	}
	return n
}

// lastUnder is that of the last entry that counts of a name below one. Of a name with
// more than deepest labels it is that of its ancestor with so many.
func (t *track) lastUnder(name []byte) int {
	if above := rrset.Suffix(name, deepest); above != nil {
		name = above
	}
	if n, ok := t.under[string(name)]; ok {
		return n
	}
	return -1
}

// deepest is how many labels a name has at most that it is remembered of that there are
// names below it, so that names of many labels take no more memory than others.
const deepest = 8

// ancestors are the names above one, but for the root, with at most deepest labels.
func ancestors(name string) iter.Seq[string] {
	return func(yield func(string) bool) {
		labels := -1 // without the root, and the name itself
		for i := 0; name[i] != 0; i += 1 + int(name[i]) {
			labels++
		}
		for ; labels > 0; labels-- {
			name = name[1+name[0]:]
			if labels <= deepest && !yield(name) {
				return
			}
		}
	}
}

// count is how many names a window holds that ends with the list; old, if it was not
// longer ago than the list goes back, held so many.
func (t *track) count(w, old window, held int) int {
	if old.lo < t.base || old.lo > w.lo || old.hi > w.hi {
		old, held = window{w.lo, w.lo}, 0
	}
	for n := old.hi; n < w.hi; n++ {
		if t.counts(n, old.lo) {
			held++
		}
	}
	for n := old.lo; n < w.lo; n++ {
		if e := t.at(n); !e.repeat && t.lastCounted(e.name) == n {
			held--
		}
	}
	return held
}

// forget drops what was logged until a time, and what is more than most.
func (t *track) forget(until int64, most int) {
	n := max(t.until(until)-t.base, len(t.entries)-most)
	if n <= 0 {
		return
	}
	for i, e := range t.entries[:n] {
		if t.last[e.name] == t.base+i {
			delete(t.last, e.name)
		}
		if e.repeat {
			continue
		}
		for above := range ancestors(e.name) {
			if t.under[above] == t.base+i {
				delete(t.under, above)
			}
		}
	}
	t.before = t.entries[n-1].logged
	t.entries = t.entries[n:]
	t.base += n
}

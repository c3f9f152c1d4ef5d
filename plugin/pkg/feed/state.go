package feed

import "iter"

// A State is a zone at a serial. It does not change, and may be read by many.
type State struct {
	Zone   Zone
	Serial uint32 // Unix seconds; 1 if nothing was logged yet

	list
	window
	held  int // names in the window
	most  int
	begin int64 // when the log begins; 0 if it has no batch
	seen  told
	late  [2]int64
}

// told is which serials this process gave: one when the log was read, others since then.
type told struct{ first, since int64 }

// Len is how many names the zone holds.
func (s *State) Len() int { return s.held }

// Names are the names that the zone holds, canonical, in wire form, those that were
// logged first first.
func (s *State) Names() iter.Seq[string] {
	return func(yield func(string) bool) {
		for n := s.lo; n < s.hi; n++ {
			if s.counts(n, s.lo) && !yield(s.at(n).name) {
				return
			}
		}
	}
}

// Reaches reports whether a serial is that of the state or a later one (RFC 1982).
func (s *State) Reaches(serial uint32) bool { return int32(s.Serial-serial) <= 0 }

// Since is the difference from an older serial, which ok says is known. It is not for a
// serial that this process did not tell, if the log does not reach back from there over
// the age, and of domains and hosts a day more; nor, and that is rare, for one at which
// a batch was not readable yet that had been logged; nor for a time that has not come,
// which may count as older (RFC 1982) and was told by nobody.
func (s *State) Since(serial uint32) (d Difference, ok bool) {
	from := int64(serial)
	if from > int64(s.Serial) {
		return d, false
	}
	missing := s.before
	if from != s.seen.first && from <= s.seen.since {
		missing = max(missing, s.begin-1)
		if s.Zone.Kind != NAD {
			missing = max(missing, s.begin-1+once) // which of them count is not known
		}
	}
	w, whole := s.list.window(from, s.Zone.Age, s.most, missing)
	if !whole || s.Reaches(serial) || from >= s.late[0] && from <= s.late[1] {
		return d, false
	}
	deleted, added := s.difference(w, s.window)
	return Difference{s.list, deleted, added}, true
}

// A Difference is what makes the names of one serial those of another.
type Difference struct {
	list
	deleted, added []int
}

// Deleted are the names that went.
func (d *Difference) Deleted() iter.Seq[string] { return d.names(d.deleted) }

// Added are the names that came.
func (d *Difference) Added() iter.Seq[string] { return d.names(d.added) }

func (d *Difference) names(numbers []int) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, n := range numbers {
			if !yield(d.at(n).name) {
				return
			}
		}
	}
}

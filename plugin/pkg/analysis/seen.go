package analysis

import "example.org/pdns/plugin/pkg/rrset"

// Seen says when and how often something was: first and last in Unix seconds, both
// inclusive, and the number of sightings of records.
type Seen struct {
	First int64  `json:"time_first"`
	Last  int64  `json:"time_last"`
	Count uint64 `json:"count"`
}

func seen(f *rrset.Figures) Seen { return Seen{First: f.First, Last: f.Last, Count: f.Count} }

// Add takes in sightings of another time or of other records. Counts end at the highest
// number that there is.
func (s *Seen) Add(o Seen) {
	switch {
	case o.Count == 0:
		return
	case s.Count == 0:
		*s = o
		return
	}
	s.First, s.Last, s.Count = min(s.First, o.First), max(s.Last, o.Last), sum(s.Count, o.Count)
}

// sum is the highest number if it would be higher.
func sum(a, b uint64) uint64 {
	if a+b < a {
		return ^uint64(0)
	}
	return a + b
}

// same takes in the same sightings, found another way.
func (s *Seen) same(o Seen) {
	if s.Count == 0 {
		*s = o
		return
	}
	s.First, s.Last, s.Count = min(s.First, o.First), max(s.Last, o.Last), max(s.Count, o.Count)
}

// Overlaps reports whether two things were at the same time.
func (s Seen) Overlaps(o Seen) bool { return s.First <= o.Last && o.First <= s.Last }

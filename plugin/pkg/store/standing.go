package store

import "example.org/pdns/plugin/pkg/rrset"

// standing keeps what a search for an owner as of a time needs to know of the
// type that it is walking over: RRsets of one type follow each other.
type standing struct {
	rtype uint16
	stood bool         // one stood at the time
	last  *rrset.RRset // else the one seen last before it
}

// offerStanding gives r if it stood at the time asked for, and remembers it if
// it was gone by then but may be the last that is known.
func (s *search) offerStanding(r *rrset.RRset) bool {
	at := s.p.At
	if !s.p.exact || s.p.Slices {
		return r.First > at || r.Last < at || s.yield(r, nil)
	}
	if r.Type != s.rtype {
		if !s.flushStanding() {
			return false
		}
		s.standing = standing{rtype: r.Type}
	}
	switch {
	case r.First > at:
	case r.Last >= at:
		s.stood = true
		return s.yield(r, nil)
	case s.last == nil || r.Last > s.last.Last:
		s.last = r.Clone()
	}
	return true
}

// flushStanding ends a type: the last RRset known counts if none
// stood.
func (s *search) flushStanding() bool {
	last := s.last
	s.last = nil
	return last == nil || s.stood || s.yield(last, nil)
}

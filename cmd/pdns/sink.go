package main

import (
	"context"

	"example.org/pdns/plugin/pkg/observation"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// A sink takes the observations of one batch into a store, and counts: an
// observation.Sink.
type sink struct {
	store  *store.Store
	covers bool  // what is left out is counted in the coverage of the store too
	since  int64 // Unix time from which on the store keeps what was last seen; 0: from ever on

	taken, refused uint64 // refused: the store found something wrong with it
	outdated       uint64 // of those taken, last seen before since
	dropped        [observation.Reasons]uint64
}

// Observe implements observation.Sink. It waits for room: a file waits too, and for
// an interface the kernel drops packets, and counts them.
func (s *sink) Observe(r *rrset.RRset) {
	if s.store.AddWait(context.Background(), r) != nil {
		s.refused++
		return
	}
	s.took(r)
}

func (s *sink) took(r *rrset.RRset) {
	s.taken++
	if r.Last < s.since {
		s.outdated++
	}
}

// Drop implements observation.Sink.
func (s *sink) Drop(why observation.Reason) {
	s.dropped[why]++
	if s.covers {
		s.store.Dropped(why.String()).Add(1)
	}
}

// add adds what another has counted.
func (s *sink) add(other *sink) {
	s.taken += other.taken
	s.refused += other.refused
	s.outdated += other.outdated
	for why, n := range other.dropped {
		s.dropped[why] += n
	}
}

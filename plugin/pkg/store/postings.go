package store

import (
	"cmp"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store/run"
)

// largeKey is of how many octets a record is large.
const largeKey = 512

// postingStream walks the records that the index of a run by rdata leads to.
type postingStream struct {
	*run.RecordCursor
	p        *plan
	run      *openRun
	postings *run.PostingCursor
	ordinals []uint32 // of the entry, those not yet given
	// given are the large records that were: they may be found under thousands of
	// keys, and each time they were read and taken apart anew.
	given map[uint32]bool

	steps int
	fetch *fetch // from aheadFrom steps on, or a multiple of these
}

func openPostings(r *openRun, p *plan) stream {
	if p.single && !r.MayHoldRdata(p.lo) {
		return nil
	}
	s := &postingStream{RecordCursor: r.Records(), p: p, run: r, postings: r.Postings(), given: map[uint32]bool{}}
	s.postings.Seek(p.lo)
	return s
}

func (s *postingStream) next() bool {
	if s.fetch != nil {
		return s.fetch.next()
	}
	if s.steps++; s.steps%aheadFrom == 0 {
		if s.fetch = newFetch(s); s.fetch != nil {
			return s.fetch.next()
		}
	}
	o, ok := s.ordinal()
	if ok && s.To(o) {
		s.note(o, s.Key)
	}
	return ok && s.Err() == nil
}

// ordinal is the next to be read.
func (s *postingStream) ordinal() (o uint32, ok bool) {
	for {
		if len(s.ordinals) > 0 && !s.p.pulse.stopped() {
			o, s.ordinals = s.ordinals[0], s.ordinals[1:]
			if !s.given[o] {
				return o, true
			}
			continue
		}
		if s.p.pulse.stopped() || !s.postings.Next() || s.p.beyond(s.postings.Key) {
			return 0, false
		}
		if s.p.wantsPosting(s.postings.Key) {
			s.ordinals = s.postings.Ordinals()
		}
	}
}

// note keeps in mind that a record was given, if it is large and not to be given
// again: single records are, each under its own key.
func (s *postingStream) note(o uint32, key []byte) {
	if len(key) > largeKey && !s.p.Records {
		s.given[o] = true
	}
}

func (s *postingStream) rank() []byte {
	if s.fetch != nil {
		return s.fetch.rank()
	}
	return s.postings.Key
}

func (s *postingStream) key() []byte {
	if s.fetch != nil {
		return s.fetch.key()
	}
	return s.Key
}

func (s *postingStream) figures() rrset.Figures {
	if s.fetch != nil {
		return s.fetch.figures()
	}
	return *s.Figures()
}

func (s *postingStream) err() error {
	if s.fetch != nil {
		return cmp.Or(s.fetch.err(), s.postings.Err(), s.Err())
	}
	return cmp.Or(s.postings.Err(), s.Err())
}

func (s *postingStream) close() {
	if s.fetch != nil {
		s.fetch.close()
	}
	s.postings.Close()
	s.Close()
}

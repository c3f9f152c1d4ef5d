package store

import (
	"bytes"
	"cmp"
	"slices"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store/heap"
	"example.org/pdns/plugin/pkg/store/memtable"
	"example.org/pdns/plugin/pkg/store/record"
	"example.org/pdns/plugin/pkg/store/run"
)

// A stream gives the records of one run or table that a plan walks over, in the
// order of rank and key. What it gives is valid until the next step.
type stream interface {
	next() bool
	rank() []byte // posting key under which the record was found; nil in owner order
	key() []byte
	figures() rrset.Figures
	err() error
	close()
}

// rangeStream walks records of a run whose key begins with a prefix.
type rangeStream struct {
	*run.RecordCursor
	p *plan
}

func openRange(r *openRun, p *plan) stream {
	if p.exact && !r.MayHoldOwner(p.prefix) {
		return nil
	}
	c := r.Records()
	c.Seek(p.prefix)
	return &rangeStream{c, p}
}

func (s *rangeStream) next() bool {
	for !s.p.pulse.stopped() && s.Next() {
		if !bytes.HasPrefix(s.Key, s.p.prefix) {
			return false
		}
		if s.p.wantsKey(s.Key) {
			return true
		}
	}
	return false
}

func (s *rangeStream) rank() []byte           { return nil }
func (s *rangeStream) key() []byte            { return s.Key }
func (s *rangeStream) figures() rrset.Figures { return *s.Figures() }
func (s *rangeStream) err() error             { return s.Err() }
func (s *rangeStream) close()                 { s.Close() }

// leadingStream walks records of a run whose owners begin with some labels.
type leadingStream struct {
	*run.LeadingCursor
	p *plan
}

func openLeading(r *openRun, p *plan) stream {
	return &leadingStream{r.Leading(p.leadingLo, p.leadingHi), p}
}

func (s *leadingStream) next() bool {
	for !s.p.pulse.stopped() && s.Next() {
		if s.p.endsRight(s.Key) && s.p.wantsKey(s.Key) {
			return true
		}
	}
	return false
}

func (s *leadingStream) rank() []byte           { return nil }
func (s *leadingStream) key() []byte            { return s.Key }
func (s *leadingStream) figures() rrset.Figures { return *s.Figures() }
func (s *leadingStream) err() error             { return s.Err() }
func (s *leadingStream) close()                 { s.Close() }

// tableStream walks what a memtable holds. What matches is found first: the
// memtable has no order, and is bounded. It is put in order as it is asked for.
type tableStream struct {
	heap.Heap[found]
	now found
}

type found struct {
	rank []byte
	ref  memtable.Ref
}

func openTable(t *memtable.Table, p *plan) stream {
	s := &tableStream{}
	s.Less = func(a, b found) bool {
		return cmp.Or(bytes.Compare(a.rank, b.rank), bytes.Compare(a.ref.Key(), b.ref.Key())) < 0
	}
	switch {
	case p.exact:
		for _, ref := range t.Owner(nil, p.prefix) {
			s.add(p, ref, nil)
		}
	case p.indexed:
		s.findPostings(t, p)
	default:
		for ref := range t.Scan {
			if p.pulse.stopped() {
				return nil
			}
			if key := ref.Key(); bytes.HasPrefix(key, p.prefix) && p.endsRight(key) {
				s.add(p, ref, nil)
			}
		}
	}
	if len(s.Items) == 0 {
		return nil
	}
	s.Init()
	return s
}

func (s *tableStream) add(p *plan, ref memtable.Ref, rank []byte) {
	if p.wantsKey(ref.Key()) {
		s.Items = append(s.Items, found{rank, ref})
	}
}

func (s *tableStream) findPostings(t *memtable.Table, p *plan) {
	var d record.Decoder
	var buf []byte
	var ranks [][]byte
	for ref := range t.Scan {
		if p.pulse.stopped() {
			return
		}
		r, err := d.Decode(ref.Key())
		if err != nil {
			continue // cannot be: nothing is inserted that does not decode
		}
		// It may be found under thousands of keys. As an RRset it is given under the
		// least, each of its records under its own.
		ranks = ranks[:0]
		for _, rd := range r.Rdata {
			buf = record.RdataKeys(buf, r.Type, rd, func(key []byte) {
				if bytes.Compare(key, p.lo) < 0 || p.beyond(key) || !p.wantsPosting(key) {
					return
				}
				if p.Records || len(ranks) == 0 {
					ranks = append(ranks, bytes.Clone(key))
				} else if bytes.Compare(key, ranks[0]) < 0 {
					ranks[0] = append(ranks[0][:0], key...)
				}
			})
		}
		slices.SortFunc(ranks, bytes.Compare)
		for _, rank := range slices.CompactFunc(ranks, bytes.Equal) {
			s.add(p, ref, rank)
		}
	}
}

func (s *tableStream) next() bool {
	if len(s.Items) == 0 {
		return false
	}
	s.now = s.Items[0]
	s.Pop()
	return true
}

func (s *tableStream) rank() []byte           { return s.now.rank }
func (s *tableStream) key() []byte            { return s.now.ref.Key() }
func (s *tableStream) figures() rrset.Figures { return s.now.ref.Figures() }
func (s *tableStream) err() error             { return nil }
func (s *tableStream) close()                 {}

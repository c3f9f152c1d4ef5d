package store

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store/heap"
	"example.org/pdns/plugin/pkg/store/record"
)

// find carries out a query over a view, which is released at the end.
func find(ctx context.Context, acquire func() (*view, error), q Query) iter.Seq2[*rrset.RRset, error] {
	return func(yield func(*rrset.RRset, error) bool) {
		p, err := newPlan(ctx, q)
		if err != nil {
			yield(nil, err)
			return
		}
		// What reads ahead ends with the search.
		reading, cancel := context.WithCancel(ctx)
		defer cancel()
		p.reading = reading
		v, err := acquire()
		if err != nil {
			yield(nil, err)
			return
		}
		defer v.release()
		s := search{ctx: ctx, cancel: cancel, p: p, yield: yield}
		defer s.close()
		s.open(v)
		s.run()
	}
}

// A search merges the streams of a plan and gives what passes its checks.
type search struct {
	ctx     context.Context
	cancel  context.CancelFunc
	p       *plan
	yield   func(*rrset.RRset, error) bool
	opened  []stream
	heap    heap.Heap[stream]
	damage  []error
	decoder record.Decoder
	standing
	gathered             gathered
	buf, rankBuf, keyBuf []byte
}

func (s *search) open(v *view) {
	s.heap.Less = func(a, b stream) bool {
		return cmp.Or(bytes.Compare(a.rank(), b.rank()), bytes.Compare(a.key(), b.key())) < 0
	}
	for _, file := range slices.Sorted(maps.Keys(v.damage)) {
		s.note(v.damage[file])
	}
	for _, t := range v.tables {
		s.push(openTable(t, s.p))
	}
	for _, r := range v.runs {
		switch {
		case s.p.indexed:
			s.push(openPostings(r, s.p))
		case s.p.suffix != nil:
			s.push(openLeading(r, s.p))
		default:
			s.push(openRange(r, s.p))
		}
	}
}

func (s *search) push(st stream) {
	if st == nil {
		return
	}
	s.opened = append(s.opened, st)
	if st.next() {
		s.heap.Push(st)
	} else {
		s.note(st.err())
	}
}

// note keeps that a stream ended early. The others go on.
func (s *search) note(err error) {
	if err != nil {
		s.damage = append(s.damage, err)
	}
}

func (s *search) close() {
	s.cancel()
	for _, st := range s.opened {
		st.close()
	}
}

// advance moves the least stream on.
func (s *search) advance() {
	st := s.heap.Items[0]
	if st.next() {
		s.heap.Fix()
		return
	}
	s.heap.Pop()
	s.note(st.err())
}

func (s *search) run() {
	for len(s.heap.Items) > 0 {
		if s.p.pulse.stopped() {
			break
		}
		f := s.take()
		if !s.offer(&f) {
			return
		}
	}
	if !s.flushStanding() || !s.giveRecords() {
		return
	}
	if err := s.ctx.Err(); err != nil {
		s.yield(nil, err)
	} else if len(s.damage) > 0 {
		s.yield(nil, fmt.Errorf("%w: %w", ErrIncomplete, errors.Join(s.damage...)))
	}
}

// take moves past the next record, leaving its rank and key in the buffers, and
// returns its figures: those of all runs that hold it, unless slices are asked
// for.
func (s *search) take() rrset.Figures {
	st := s.heap.Items[0]
	s.rankBuf = append(s.rankBuf[:0], st.rank()...)
	s.keyBuf = append(s.keyBuf[:0], st.key()...)
	f := st.figures()
	s.advance()
	for !s.p.Slices && len(s.heap.Items) > 0 {
		st = s.heap.Items[0]
		if !bytes.Equal(st.key(), s.keyBuf) || !bytes.Equal(st.rank(), s.rankBuf) {
			break
		}
		g := st.figures()
		f.Add(&g)
		s.advance()
	}
	return f
}

// offer gives a record to the caller if it passes the checks. It is false when
// the caller has stopped.
func (s *search) offer(f *rrset.Figures) bool {
	if s.p.Records {
		return s.offerRecords(f)
	}
	if !s.p.Match(f) {
		return true
	}
	r, ok := s.decode()
	if !ok {
		return true
	}
	r.Figures = *f
	if !s.p.accepts(r, s.rankBuf, &s.buf) {
		return true
	}
	if s.p.At != 0 {
		return s.offerStanding(r)
	}
	return s.yield(r, nil)
}

// decode takes apart the record that the search stands at.
func (s *search) decode() (*rrset.RRset, bool) {
	r, err := s.decoder.Decode(s.keyBuf)
	if err != nil {
		s.note(fmt.Errorf("record: %w", err))
	}
	return r, err == nil
}

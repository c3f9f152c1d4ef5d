package run

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store/heap"
)

// A MergeOptions says what a merge keeps and whom it tells.
type MergeOptions struct {
	// Keep, if not nil, reports whether a merged record is kept.
	Keep func(key []byte, f *rrset.Figures) bool
	// Progress, if not nil, is told how many records of how many were read.
	Progress func(done, total uint64)
}

// progressEvery is how many records pass between two looks at the context.
const progressEvery = 4096

// forgetEvery is how many records or posting keys pass between two times that the
// pages read are forgotten: some megabytes.
const forgetEvery = 64 * progressEvery

// Merge writes the records of several runs to w, the figures of equal ones
// added up. Memory: a bit a record for each run, from which the new ordinals are
// found, so that the postings are merged as they lie and nothing is sorted again.
func Merge(ctx context.Context, w *Writer, runs []*Run, o MergeOptions) error {
	m := merge{ctx: ctx, w: w, o: o, runs: runs}
	for _, r := range runs {
		m.total += r.info.Records
	}
	for range runs {
		m.renumber = append(m.renumber, newRenumbering(m.total, o.Keep != nil))
	}
	if err := m.records(); err != nil {
		return err
	}
	return m.postings()
}

type merge struct {
	ctx         context.Context
	w           *Writer
	o           MergeOptions
	runs        []*Run
	renumber    []*renumbering // by run
	done, total uint64
}

// A source is one cursor of a k-way merge.
type source[C any] struct {
	cursor C
	run    int
}

func (m *merge) records() error {
	var h heap.Heap[source[*RecordCursor]]
	h.Less = func(a, b source[*RecordCursor]) bool { return bytes.Compare(a.cursor.Key, b.cursor.Key) < 0 }
	for i, r := range m.runs {
		c := r.Records()
		defer c.Close()
		if c.Next() {
			h.Push(source[*RecordCursor]{c, i})
		} else if c.Err() != nil {
			return c.Err()
		}
	}
	var key []byte
	var from []int // runs that hold key
	for len(h.Items) > 0 {
		key = append(key[:0], h.Items[0].cursor.Key...)
		figures := *h.Items[0].cursor.Figures()
		from = from[:0]
		for first := true; len(h.Items) > 0 && bytes.Equal(h.Items[0].cursor.Key, key); first = false {
			s := h.Items[0]
			if !first {
				figures.Add(s.cursor.Figures())
			}
			if slices.Contains(from, s.run) {
				return fmt.Errorf("%w: %s: record key %x comes twice", ErrDamaged, m.runs[s.run].path, key)
			}
			from = append(from, s.run)
			if s.cursor.Next() {
				h.Fix()
			} else if h.Pop(); s.cursor.Err() != nil {
				return s.cursor.Err()
			}
		}
		if err := m.record(key, &figures, from); err != nil {
			return err
		}
	}
	return m.complete()
}

// complete checks that each run gave as many records as it says it holds: a
// merge is followed by the end of what was merged.
func (m *merge) complete() error {
	for i, r := range m.runs {
		if n := uint64(m.renumber[i].n); n != r.info.Records {
			return fmt.Errorf("%w: %s: %d records where %d are announced", ErrDamaged, r.path, n, r.info.Records)
		}
	}
	return nil
}

func (m *merge) record(key []byte, f *rrset.Figures, from []int) error {
	if m.o.Keep == nil || m.o.Keep(key, f) {
		ordinal, err := m.w.Add(key, f)
		if err != nil {
			return err
		}
		for _, i := range from {
			m.renumber[i].add(ordinal)
		}
	} else {
		for _, i := range from {
			m.renumber[i].drop()
		}
	}
	before := m.done
	m.done += uint64(len(from))
	if m.done/progressEvery == before/progressEvery {
		return nil
	}
	if m.done/forgetEvery != before/forgetEvery {
		m.forget()
	}
	return m.breathe()
}

func (m *merge) forget() {
	for _, r := range m.runs {
		r.forget()
	}
}

func (m *merge) breathe() error {
	if m.o.Progress != nil {
		m.o.Progress(m.done, m.total)
	}
	return m.ctx.Err()
}

func (m *merge) postings() error {
	var h heap.Heap[source[*PostingCursor]]
	h.Less = func(a, b source[*PostingCursor]) bool { return bytes.Compare(a.cursor.Key, b.cursor.Key) < 0 }
	for i, r := range m.runs {
		c := r.Postings()
		defer c.Close()
		if c.Next() {
			h.Push(source[*PostingCursor]{c, i})
		} else if c.Err() != nil {
			return c.Err()
		}
	}
	var key []byte
	var ordinals []uint32
	for n := 1; len(h.Items) > 0; n++ {
		key = append(key[:0], h.Items[0].cursor.Key...)
		ordinals = ordinals[:0]
		sources := 0
		for last := -1; len(h.Items) > 0 && bytes.Equal(h.Items[0].cursor.Key, key); {
			s := h.Items[0]
			if s.run != last {
				last = s.run
				sources++
			}
			var err error
			if ordinals, err = m.translate(ordinals, s); err != nil {
				return err
			}
			if s.cursor.Next() {
				h.Fix()
			} else if h.Pop(); s.cursor.Err() != nil {
				return s.cursor.Err()
			}
		}
		if err := m.post(key, ordinals, sources > 1); err != nil {
			return err
		}
		if n%progressEvery == 0 {
			if err := m.breathe(); err != nil {
				return err
			}
		}
		if n%forgetEvery == 0 {
			m.forget()
		}
	}
	return nil
}

// translate appends the new ordinals of an entry.
func (m *merge) translate(dst []uint32, s source[*PostingCursor]) ([]uint32, error) {
	renumber := m.renumber[s.run]
	for _, o := range s.cursor.Ordinals() {
		if o >= renumber.n {
			return dst, fmt.Errorf("%w: %s: posting of ordinal %d in a run of %d records", ErrDamaged, m.runs[s.run].path, o, renumber.n)
		}
		if n, kept := renumber.to(o); kept {
			dst = append(dst, n)
		}
	}
	return dst, nil
}

func (m *merge) post(key []byte, ordinals []uint32, several bool) error {
	if len(ordinals) == 0 {
		return nil
	}
	if several {
		slices.Sort(ordinals)
		ordinals = slices.Compact(ordinals)
	}
	return m.w.Post(key, ordinals)
}

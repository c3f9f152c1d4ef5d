package store

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store/memtable"
	"example.org/pdns/plugin/pkg/store/record"
)

// Add takes in observations of an RRset, which is not kept: one observation of
// a resolver (First = Last, Count = 1) or the figures of many from an import.
// It never blocks on disk, but to look for a WILDCARD, which resolvers have none of:
// the error is ErrFull, ErrReadOnly or ErrClosed, or says
// what is wrong with r. Nothing is allocated for an RRset that the memtable holds.
func (s *Store) Add(r *rrset.RRset) error { return s.add(r, 0) }

// AddSpare is Add for those who can wait: it leaves a part of the memory to those
// who cannot, who would else never find room beside them.
func (s *Store) AddSpare(r *rrset.RRset) error { return s.add(r, s.opts.Load().Memory/32) }

// add takes an observation in if so much memory is left behind it.
func (s *Store) add(r *rrset.RRset, spare int) error {
	if err := checkFigures(&r.Figures); err != nil {
		return err
	}
	var buf [keyRoom]byte
	key := record.AppendKey(buf[:0], r)
	for {
		t := s.active.Load()
		if t == nil {
			return ErrClosed
		}
		switch t.Update(key, &r.Figures) {
		case memtable.Held:
			s.took(key, r)
			return nil
		case memtable.Missing:
			if s.readOnly.Load() != nil {
				return ErrReadOnly
			}
			return s.addNew(key, r, spare)
		} // else a flush has begun, with a new table
	}
}

// anyRoom is for what is to be taken in whatever memory is left.
const anyRoom = -1

// put adds figures to a record, and makes it if so much memory is left behind it.
func (s *Store) put(key []byte, f *rrset.Figures, rdata, spare int) error {
	for {
		t := s.active.Load()
		if t == nil {
			return ErrClosed
		}
		var outcome memtable.Outcome
		if spare != anyRoom && s.crowded(t, spare) && !s.opts.Load().ByCut {
			if outcome = t.Update(key, f); outcome == memtable.Missing {
				return ErrFull
			}
		} else {
			outcome = t.Insert(key, f, rdata)
		}
		if outcome != memtable.Sealed {
			return nil
		}
	}
}

// took notes that an observation was taken in.
func (s *Store) took(key []byte, r *rrset.RRset) {
	s.recorded.add(key, r.Count)
	if r.Type == rrset.TypeWildcard { // its count is names
		raise(&s.names, r.Count)
	}
	for {
		at := s.latest.Load()
		if at >= r.Last || s.latest.CompareAndSwap(at, r.Last) {
			return
		}
	}
}

// keyRoom is how long a key may be to need no room of its own: longer RRsets
// are rare.
const keyRoom = 1024

// crowded reports whether a table takes no new RRset that leaves so much to spare.
func (s *Store) crowded(t *memtable.Table, spare int) bool {
	limit := s.opts.Load().tableBytes()
	bytes := t.Bytes()
	if bytes > limit-limit/8 {
		signal(s.kick)
	}
	return bytes > limit-spare
}

// latestTime is the end of the year 9999: later times have no RFC 3339 form.
const latestTime = 253_402_300_799

// checkFigures reports what is wrong with figures that are to be added.
func checkFigures(f *rrset.Figures) error {
	switch {
	case f.First < 0 || f.Last < f.First || f.Last > latestTime:
		return fmt.Errorf("times: first %d, last %d: want 0 <= first <= last <= %d", f.First, f.Last, int64(latestTime))
	case f.Count == 0:
		return errors.New("count: want 1 or more")
	case f.TTLMax < f.TTLMin:
		return fmt.Errorf("ttl: from %d to %d", f.TTLMin, f.TTLMax)
	}
	return nil
}

// check reports what is wrong with an RRset that is new, beside its figures.
func check(r *rrset.RRset) error {
	if err := rrset.CheckName(r.Owner); err != nil {
		return fmt.Errorf("rrname: %w", err)
	}
	switch {
	case r.Bailiwick != nil && !rrset.Encloses(r.Bailiwick, r.Owner):
		return fmt.Errorf("bailiwick %s: not at or above rrname %s", rrset.NameString(r.Bailiwick), rrset.NameString(r.Owner))
	case len(r.Rdata) == 0 && r.Type != rrset.TypeNXDOMAIN:
		return errors.New("rdata: none")
	}
	for _, rd := range r.Rdata {
		if err := rrset.CheckRdata(r.Type, rd); err != nil {
			return fmt.Errorf("rdata: %w", err)
		}
	}
	return nil
}

// AddWait is AddSpare that waits for room in the memtable: back-pressure.
// If there is none because flushes fail, the error says why.
func (s *Store) AddWait(ctx context.Context, r *rrset.RRset) error {
	for {
		err := s.AddSpare(r)
		if !errors.Is(err, ErrFull) {
			return err
		}
		if stuck := s.stuck.Load(); stuck != nil {
			return fmt.Errorf("%w: %w", err, *stuck)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.room: // wakes one; the others look for themselves
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// signal wakes whoever waits on c, without blocking.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Dropped returns the counter of observations left out for a reason; it is kept
// with the store and told in Coverage.
func (s *Store) Dropped(reason string) *atomic.Uint64 {
	if c, ok := s.dropped.Load(reason); ok {
		return c.(*atomic.Uint64)
	}
	c, _ := s.dropped.LoadOrStore(reason, new(atomic.Uint64))
	return c.(*atomic.Uint64)
}

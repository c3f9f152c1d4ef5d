package store

import (
	"bytes"
	"context"
	"slices"
	"sync/atomic"
	"time"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store/disposable"
	"example.org/pdns/plugin/pkg/store/manifest"
	"example.org/pdns/plugin/pkg/store/record"
)

// A restraint keeps what there is too much of from filling a store, and counts what
// that took away.
type restraint struct {
	tracker      *disposable.Tracker
	trackerSaved time.Time // guarded by the lock of flushes

	sets, names   atomic.Uint64 // of names that have collapsed
	collapsed     [disposable.Counted + 1]atomic.Uint64
	split, partly atomic.Uint64
}

// What becomes of RRsets of a name that has too many, in coverage.
const (
	splitUp   = "split"      // each rdata was recorded as an RRset of its own
	splitPart = "split_part" // some were, the others dropped
	hotName   = "hot_name"   // nothing of it was recorded: it counts as dropped
)

// addNew takes in an RRset that the memtable does not hold, or what the policy
// leaves of it.
func (s *Store) addNew(key []byte, r *rrset.RRset, spare int) error {
	if err := check(r); err != nil {
		return err
	}
	if r.Type == rrset.TypeWildcard {
		return s.addForeign(key, r, spare)
	}
	v := s.tracker.Judge(r.Owner, r.Type, &s.opts.Load().Disposable)
	if v.Labels > 0 {
		return s.addCollapsed(r, &v, spare)
	}
	err := s.addAs(key, r, spare, false)
	if err == nil && v.Reason != disposable.None {
		raise(&s.collapsed[v.Reason], r.Count)
	}
	return err
}

// addForeign takes in a set of names that collapsed in another history, as it was
// told there. Whether the set is known here is looked up on disk: only those who
// import bring one, never a resolver.
func (s *Store) addForeign(key []byte, r *rrset.RRset, spare int) error {
	known := s.knows(r)
	err := s.addWhole(key, r, spare)
	if err == nil && !known {
		s.sets.Add(1)
	}
	return err
}

// knows reports whether a set stands in the history.
func (s *Store) knows(set *rrset.RRset) bool {
	q := Query{Subject: Owner(set.Owner), Types: []uint16{rrset.TypeWildcard}}
	for r, err := range s.Find(context.Background(), q) {
		if err == nil && slices.EqualFunc(r.Rdata, set.Rdata, bytes.Equal) {
			return true
		}
	}
	return false
}

// addCollapsed takes in an RRset whose owner collapses: it stands at the owner of
// the set, and so does the record that says how many names the set has.
func (s *Store) addCollapsed(r *rrset.RRset, v *disposable.Verdict, spare int) error {
	var name [256]byte // for any name
	c := *r
	c.Owner = disposable.AppendOwner(name[:0], ancestor(r.Owner, v.Labels))
	if c.Bailiwick != nil && !rrset.Encloses(c.Bailiwick, c.Owner) { // it was one of those that collapsed
		c.Bailiwick = c.Owner
	}
	if err := s.addSet(&c, v); err != nil {
		return err
	}
	var buf [keyRoom]byte
	err := s.addAs(record.AppendKey(buf[:0], &c), &c, spare, true)
	if err == nil {
		raise(&s.collapsed[v.Reason], r.Count)
	}
	return err
}

// addSet says at the owner of a set how many more names it has, and that one was
// seen. There is one such record for many names: it asks for no room.
func (s *Store) addSet(r *rrset.RRset, v *disposable.Verdict) error {
	shape := [1][]byte{v.Shape()}
	set := rrset.RRset{Owner: r.Owner, Type: rrset.TypeWildcard, Rdata: shape[:], Figures: rrset.Figures{
		First: r.First, Last: r.Last, Count: v.Fresh, Marks: r.Marks &^ (rrset.HasTTL | rrset.BailiwickKnown)}}
	var buf [keyRoom]byte
	if err := s.put(record.AppendKey(buf[:0], &set), &set.Figures, 1, anyRoom); err != nil {
		return err
	}
	if v.Begins {
		s.sets.Add(1)
	}
	raise(&s.names, v.Fresh)
	return nil
}

// addAs takes in an RRset as it is, or, of a name that has too many of them, its
// rdata one by one. All of that is recorded of names that have collapsed: it is all
// that is left of them.
func (s *Store) addAs(key []byte, r *rrset.RRset, spare int, collapsed bool) error {
	whole := s.tracker.Whole(key, record.OwnerLen(key)+2, len(r.Rdata), &s.opts.Load().Disposable)
	if !whole && (len(r.Rdata) > 1 || !collapsed) {
		return s.addMembers(r, spare, collapsed)
	}
	return s.addWhole(key, r, spare)
}

// addWhole takes in an RRset as it is.
func (s *Store) addWhole(key []byte, r *rrset.RRset, spare int) error {
	if err := s.put(key, &r.Figures, len(r.Rdata), spare); err != nil {
		return err
	}
	s.took(key, r)
	return nil
}

// addMembers takes in each rdata of an RRset as an RRset of its own.
func (s *Store) addMembers(r *rrset.RRset, spare int, collapsed bool) error {
	t := s.active.Load()
	if t == nil {
		return ErrClosed
	}
	// Once for all of them: an RRset of which a part was taken in cannot be offered
	// again.
	o := s.opts.Load()
	if s.crowded(t, spare) && !o.ByCut {
		return ErrFull
	}
	var buf [keyRoom]byte
	taken := 0
	m := *r
	for i := range r.Rdata {
		m.Rdata = r.Rdata[i : i+1]
		key := record.AppendKey(buf[:0], &m)
		if !collapsed && !s.tracker.Member(key, record.OwnerLen(key)+2, &o.Disposable) {
			continue
		}
		if err := s.put(key, &m.Figures, 1, anyRoom); err != nil {
			return err
		}
		if taken++; taken == 1 {
			s.took(key, r)
		}
	}
	switch {
	case taken == 0:
		raise(s.Dropped(hotName), r.Count)
	case taken < len(r.Rdata):
		raise(&s.partly, r.Count)
	case taken > 1:
		raise(&s.split, r.Count)
	}
	return nil
}

// reduced is what was recorded as less than was seen.
func (s *Store) reduced() manifest.Reduced {
	r := manifest.Reduced{Sets: s.sets.Load(), Names: s.names.Load(), Observations: map[string]uint64{}}
	for why, c := range s.reductions() {
		if n := c.Load(); n > 0 {
			r.Observations[why] = n
		}
	}
	return r
}

// Reductions are the reasons for which less is recorded than was seen, in the
// coverage's Reduced; the last one is in its Dropped.
func Reductions() []string {
	var reasons []string
	for why := disposable.None + 1; why <= disposable.Counted; why++ {
		reasons = append(reasons, why.String())
	}
	return append(reasons, splitUp, splitPart, hotName)
}

// reductions are the counters by reason.
func (s *Store) reductions() map[string]*atomic.Uint64 {
	counters := map[string]*atomic.Uint64{splitUp: &s.split, splitPart: &s.partly}
	for why := disposable.None + 1; int(why) < len(s.collapsed); why++ {
		counters[why.String()] = &s.collapsed[why]
	}
	return counters
}

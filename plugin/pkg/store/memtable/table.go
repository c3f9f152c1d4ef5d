// Package memtable aggregates RRsets in memory until they are written to a run.
//
// A table is cut into shards by owner, each with a lock that is held for the
// time of a hash look-up. Keys and figures lie in pages without pointers, beside
// Go's heap: the garbage collector has next to nothing to walk, and an RRset
// that is already held costs no allocation. Pages are given back when the last
// holder of a table releases it.
package memtable

import (
	"sync/atomic"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store/record"
)

// An Outcome says what became of an addition.
type Outcome int

// Outcomes.
const (
	Held    Outcome = iota // the figures were added to those of an RRset held
	Missing                // not held, and not to be inserted
	Added                  // a new RRset
	Sealed                 // the table takes nothing more
)

const shards = 64

// A Table holds records by key. It is safe for concurrent use.
type Table struct {
	bytes  atomic.Int64
	count  atomic.Int64
	refs   atomic.Int32
	shards [shards]shard
}

// New returns an empty table, held once.
func New() *Table {
	t := new(Table)
	t.refs.Store(1)
	return t
}

// Hold keeps the table from being freed; whoever calls it must hold it already.
func (t *Table) Hold() { t.refs.Add(1) }

// Release gives up a hold. The last one frees a table that was sealed: nothing of
// it may be looked at any more, and additions find it Sealed.
func (t *Table) Release() {
	if t.refs.Add(-1) > 0 {
		return
	}
	for i := range t.shards {
		t.shards[i].free()
	}
}

// Bytes is about how much memory the table takes, and its sorting and the index of
// its rdata when it is written: RRsets may have thousands of short rdata.
func (t *Table) Bytes() int { return int(t.bytes.Load()) }

// Len is the number of records.
func (t *Table) Len() int { return int(t.count.Load()) }

// First is the oldest time of any record, in Unix seconds; false if there is none.
func (t *Table) First() (first int64, ok bool) {
	for i := range t.shards {
		s := &t.shards[i]
		s.mu.Lock()
		if s.n > 0 && (!ok || s.first < first) {
			first, ok = s.first, true
		}
		s.mu.Unlock()
	}
	return first, ok
}

// Update adds f to the figures of the record with a key, if it is held.
func (t *Table) Update(key []byte, f *rrset.Figures) Outcome {
	h := hash(key)
	s := &t.shards[h.owner%shards]
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sealed {
		return Sealed
	}
	i := s.find(h.key, key)
	if i < 0 {
		return Missing
	}
	s.add(i, f)
	return Held
}

// Insert is Update that takes in a record that is not held. Its number of rdata
// only counts for Bytes.
func (t *Table) Insert(key []byte, f *rrset.Figures, rdata int) Outcome {
	h := hash(key)
	s := &t.shards[h.owner%shards]
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sealed {
		return Sealed
	}
	if i := s.find(h.key, key); i >= 0 {
		s.add(i, f)
		return Held
	}
	s.insert(h, key, f)
	t.bytes.Add(int64(recordBytes + len(key) + rdata*rdataBytes))
	t.count.Add(1)
	return Added
}

// hashes are those of a key and of the owner it begins with.
type hashes struct {
	key, owner uint64
	ownerLen   int
}

func hash(key []byte) hashes {
	n := record.OwnerLen(key)
	return hashes{record.Hash(key), record.Hash(key[:n]), n}
}

// Seal ends additions. Once it returns the table does not change.
func (t *Table) Seal() {
	for i := range t.shards {
		s := &t.shards[i]
		s.mu.Lock()
		s.sealed = true
		s.mu.Unlock()
	}
}

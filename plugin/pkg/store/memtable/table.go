// Package memtable aggregates RRsets in memory until they are written to a run.
//
// A table is cut into shards by owner, each with a lock that is held for the
// time of a hash look-up. Keys and figures lie in large chunks without
// pointers: the garbage collector has next to nothing to walk, and an RRset
// that is already held costs no allocation.
package memtable

import (
	"sync"
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
	shards [shards]shard
}

// New returns an empty table.
func New() *Table { return new(Table) }

// Bytes is about how much memory the table takes.
func (t *Table) Bytes() int { return int(t.bytes.Load()) }

// Len is the number of records.
func (t *Table) Len() int { return int(t.count.Load()) }

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
	s.figures(i).Add(f)
	return Held
}

// Insert is Update that takes in a record that is not held.
func (t *Table) Insert(key []byte, f *rrset.Figures) Outcome {
	h := hash(key)
	s := &t.shards[h.owner%shards]
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sealed {
		return Sealed
	}
	if i := s.find(h.key, key); i >= 0 {
		s.figures(i).Add(f)
		return Held
	}
	t.bytes.Add(int64(s.insert(h, key, f)))
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

// A shard is an open-addressing hash table over entries that never move. A
// second one leads from an owner to the chain of its entries.
type shard struct {
	mu     sync.Mutex
	sealed bool
	n      int
	slots  []uint32 // entry + 1, by hash of the key
	owners []uint32 // first entry of the owner + 1, by hash of the owner
	chunks []*chunk // entries
	arena  [][]byte // keys
}

const chunkLen = 256

type chunk struct {
	entries [chunkLen]entry
	figures [chunkLen]rrset.Figures
}

// An entry is what does not change once it is in.
type entry struct {
	hash     uint64
	owner    uint32 // upper half of the owner's hash
	slab     uint32 // where in the arena the key lies
	offset   uint32
	length   uint32
	ownerLen uint16 // what of the key is the owner
	next     uint32 // entry of the same owner that came before + 1
}

const (
	entrySize = 32 + 40 // with its figures
	slabSize  = 32 << 10
)

func (s *shard) entry(i int) *entry           { return &s.chunks[i/chunkLen].entries[i%chunkLen] }
func (s *shard) figures(i int) *rrset.Figures { return &s.chunks[i/chunkLen].figures[i%chunkLen] }

func (s *shard) key(i int) []byte {
	e := s.entry(i)
	return s.arena[e.slab][e.offset : e.offset+e.length]
}

func (s *shard) find(hash uint64, key []byte) int {
	if len(s.slots) == 0 {
		return -1
	}
	mask := uint64(len(s.slots) - 1)
	for at := hash & mask; s.slots[at] != 0; at = (at + 1) & mask {
		i := int(s.slots[at] - 1)
		if s.entry(i).hash == hash && string(s.key(i)) == string(key) {
			return i
		}
	}
	return -1
}

// insert adds an entry and returns how much memory it took.
func (s *shard) insert(h hashes, key []byte, f *rrset.Figures) int {
	if (s.n+1)*4 > len(s.slots)*3 {
		s.grow()
	}
	if s.n == len(s.chunks)*chunkLen {
		s.chunks = append(s.chunks, new(chunk))
	}
	i := s.n
	s.n++
	slab, offset := s.store(key)
	*s.entry(i) = entry{hash: h.key, owner: uint32(h.owner >> 32), slab: slab, offset: offset, length: uint32(len(key)), ownerLen: uint16(h.ownerLen)}
	*s.figures(i) = *f
	s.link(i)
	return entrySize + len(key) + 12 // and its share of both tables
}

func (s *shard) store(key []byte) (slab, offset uint32) {
	last := len(s.arena) - 1
	if last < 0 || cap(s.arena[last])-len(s.arena[last]) < len(key) {
		s.arena = append(s.arena, make([]byte, 0, max(slabSize, len(key))))
		last++
	}
	offset = uint32(len(s.arena[last]))
	s.arena[last] = append(s.arena[last], key...)
	return uint32(last), offset
}

// link enters an entry into both tables.
func (s *shard) link(i int) {
	e := s.entry(i)
	mask := uint64(len(s.slots) - 1)
	at := e.hash & mask
	for s.slots[at] != 0 {
		at = (at + 1) & mask
	}
	s.slots[at] = uint32(i + 1)

	chain := &s.owners[s.findOwner(e.owner, s.key(i)[:e.ownerLen])]
	e.next = *chain
	*chain = uint32(i + 1)
}

// findOwner returns the place in owners of an owner's chain, or the empty one
// where it belongs.
func (s *shard) findOwner(hash uint32, owner []byte) uint32 {
	mask := uint32(len(s.owners) - 1)
	at := hash & mask
	for s.owners[at] != 0 {
		i := int(s.owners[at] - 1)
		if e := s.entry(i); e.owner == hash && string(s.key(i)[:e.ownerLen]) == string(owner) {
			break
		}
		at = (at + 1) & mask
	}
	return at
}

func (s *shard) grow() {
	size := max(64, 2*len(s.slots))
	s.slots, s.owners = make([]uint32, size), make([]uint32, size)
	for i := range s.n {
		s.link(i)
	}
}

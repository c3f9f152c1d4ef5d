package memtable

import (
	"sync"
	"unsafe"

	"example.org/pdns/plugin/pkg/rrset"
)

// A shard is an open-addressing hash table over entries that never move. A
// second one leads from an owner to the chain of its entries; it is made when
// somebody looks, since most tables are written before anybody does.
type shard struct {
	mu     sync.Mutex
	sealed bool
	n      int
	first  int64    // oldest time of any entry
	slots  []uint32 // entry + 1, by hash of the key
	owners []uint32 // first entry of the owner + 1, by hash of the owner
	linked int      // how many entries owners knows
	chunks []*chunk // entries
	arena  [][]byte // keys
	pages  [][]byte // what chunks and arena are made of
}

// A chunk is a page of entries. It has no pointers, which the garbage collector
// would not see there.
type chunk struct {
	entries [chunkLen]entry
	figures [chunkLen]rrset.Figures
}

const chunkLen = pageLen / entrySize

var _ [pageLen - unsafe.Sizeof(chunk{})]byte // a chunk fits in a page

// An entry is what does not change once it is in, but for the chain.
type entry struct {
	hash     uint64
	owner    uint32 // upper half of the owner's hash
	slab     uint32 // where in the arena the key lies
	offset   uint32
	length   uint32
	ownerLen uint16 // what of the key is the owner
	next     uint32 // entry of the same owner that came before + 1
}

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

// What a record takes beside its key, by the parts that Bytes counts.
const (
	entrySize   = 32 + 40             // with its figures
	recordBytes = entrySize + 12 + 32 // with its share of both tables, and of what sorting takes
	rdataBytes  = 48                  // of each rdata, what its place in an index takes while that is made
)

// insert adds an entry.
func (s *shard) insert(h hashes, key []byte, f *rrset.Figures) {
	if (s.n+1)*4 > len(s.slots)*3 {
		s.grow()
	}
	if s.n == len(s.chunks)*chunkLen {
		s.chunks = append(s.chunks, (*chunk)(unsafe.Pointer(unsafe.SliceData(s.page()))))
	}
	i := s.n
	s.n++
	slab, offset := s.store(key)
	*s.entry(i) = entry{hash: h.key, owner: uint32(h.owner >> 32), slab: slab, offset: offset, length: uint32(len(key)), ownerLen: uint16(h.ownerLen)}
	*s.figures(i) = *f
	if i == 0 || f.First < s.first {
		s.first = f.First
	}
	s.place(i)
}

// add adds to the figures of an entry.
func (s *shard) add(i int, f *rrset.Figures) {
	s.figures(i).Add(f)
	s.first = min(s.first, f.First)
}

// page takes a page that is given back with the table.
func (s *shard) page() []byte {
	p := newPage()
	s.pages = append(s.pages, p)
	return p
}

func (s *shard) store(key []byte) (slab, offset uint32) {
	last := len(s.arena) - 1
	if last < 0 || cap(s.arena[last])-len(s.arena[last]) < len(key) {
		s.arena = append(s.arena, s.slab(len(key)))
		last++
	}
	offset = uint32(len(s.arena[last]))
	s.arena[last] = append(s.arena[last], key...)
	return uint32(last), offset
}

// slab is an empty piece of the arena with room for a key of n octets.
func (s *shard) slab(n int) []byte {
	if n > pageLen {
		return make([]byte, 0, n)
	}
	return s.page()[:0]
}

// place enters an entry into the table by key.
func (s *shard) place(i int) {
	mask := uint64(len(s.slots) - 1)
	at := s.entry(i).hash & mask
	for s.slots[at] != 0 {
		at = (at + 1) & mask
	}
	s.slots[at] = uint32(i + 1)
}

func (s *shard) grow() {
	s.slots = make([]uint32, max(64, 2*len(s.slots)))
	for i := range s.n {
		s.place(i)
	}
}

// linkAtOnce is how many entries are entered into the table by owner while the
// lock is held: additions wait for it.
const linkAtOnce = 256

// link enters entries into the table by owner; true once it knows them all.
func (s *shard) link() bool {
	if len(s.owners) != len(s.slots) {
		s.owners, s.linked = make([]uint32, len(s.slots)), 0
	}
	for end := min(s.n, s.linked+linkAtOnce); s.linked < end; s.linked++ {
		e := s.entry(s.linked)
		chain := &s.owners[s.findOwner(e.owner, s.key(s.linked)[:e.ownerLen])]
		e.next = *chain
		*chain = uint32(s.linked + 1)
	}
	return s.linked == s.n
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

// free gives back what the entries lie in.
func (s *shard) free() {
	s.mu.Lock()
	defer s.mu.Unlock()
	freePages(s.pages)
	s.n, s.linked, s.sealed = 0, 0, true
	s.slots, s.owners, s.chunks, s.arena, s.pages = nil, nil, nil, nil, nil
}

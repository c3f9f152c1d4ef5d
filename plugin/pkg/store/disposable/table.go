package disposable

import (
	"math/bits"
	"sync"
	"sync/atomic"
)

// The shape of a table. Memory is taken shard by shard, when it is first needed.
const (
	tableShards = 64
	ways        = 8    // entries of a bucket
	doors       = 8192 // of a shard
)

// A table counts the distinct elements of many sets, each known by a key. It is
// safe for concurrent use.
type table struct {
	secret
	buckets int // of a shard
	shards  [tableShards]tableShard
	changed *atomic.Bool
}

type tableShard struct {
	mu      sync.Mutex
	doors   []uint8 // how often sets without an entry were seen, of late; several share one
	knocks  int     // since all doors were halved
	buckets []bucket
}

// A bucket is where the sets of some keys may have their entries.
type bucket struct {
	keys    [ways]uint64 // 0: no entry
	entries [ways]entry
}

type entry struct {
	sketch
	told   uint64 // of its names, how many the store was told of; above 0 it has collapsed
	barred bool   // it is never to collapse
	idle   uint8  // entries that have come to the bucket since it was last seen
}

// A sighting is what a table knows of a set.
type sighting struct {
	entered bool   // it has got an entry just now
	barred  bool   // it is never to collapse
	hash    uint64 // of the element
	names   uint64 // about how many distinct elements it has; 0: it has no entry
}

// see shows the set of a key an element. It counts from the time on that the set
// was seen so often as door says: before it has no entry.
func (t *table) see(key uint64, element []byte, door int) sighting {
	s := &t.shards[key%tableShards]
	s.mu.Lock()
	defer s.mu.Unlock()
	e, entered := s.entry(key, door, t.buckets)
	if e == nil {
		return sighting{}
	}
	e.idle = 0
	if e.barred {
		return sighting{barred: true}
	}
	hash := t.hash(element)
	if e.add(hash) && !t.changed.Load() {
		t.changed.Store(true)
	}
	return sighting{entered: entered, hash: hash, names: uint64(e.names)}
}

// bar says that the set of a key is never to collapse.
func (t *table) bar(key uint64) {
	s := &t.shards[key%tableShards]
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.find(key); e != nil {
		e.barred = true
	}
}

// tell returns how many names a set has that the store was not told of, which it
// is now, and whether these are the first.
func (t *table) tell(key uint64) (fresh uint64, begins bool) {
	s := &t.shards[key%tableShards]
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.find(key)
	if e == nil {
		return 0, false
	}
	fresh, begins = uint64(e.names)-e.told, e.told == 0
	e.told += fresh
	if fresh > 0 {
		t.changed.Store(true)
	}
	return fresh, begins
}

func (s *tableShard) bucketOf(key uint64) *bucket {
	return &s.buckets[key/tableShards%uint64(len(s.buckets))]
}

func (s *tableShard) find(key uint64) *entry {
	if s.buckets == nil {
		return nil
	}
	b := s.bucketOf(key)
	for i, k := range b.keys {
		if k == key {
			return &b.entries[i]
		}
	}
	return nil
}

// entry finds the entry of a set, or makes one for a set that comes often enough.
func (s *tableShard) entry(key uint64, door, buckets int) (e *entry, entered bool) {
	if e := s.find(key); e != nil {
		return e, false
	}
	if s.knock(key) < door {
		return nil, false
	}
	return s.enter(key, buckets), true
}

// knock counts that a set without an entry was seen, and returns how often it was,
// of late and at most.
func (s *tableShard) knock(key uint64) int {
	if s.doors == nil {
		s.doors = make([]uint8, doors)
	}
	if s.knocks++; s.knocks == 2*doors {
		s.knocks = 0
		for i := range s.doors {
			s.doors[i] /= 2
		}
	}
	door := &s.doors[key>>32%doors]
	if *door < ^uint8(0) {
		*door++
	}
	return int(*door)
}

// enter makes an entry, where there is no room in place of the one that is worth
// least.
func (s *tableShard) enter(key uint64, buckets int) *entry {
	if s.buckets == nil {
		s.buckets = make([]bucket, buckets)
	}
	b := s.bucketOf(key)
	least := 0
	for i := range b.entries {
		if b.worth(i) < b.worth(least) {
			least = i
		}
	}
	for i := range b.entries {
		if b.entries[i].idle < ^uint8(0) {
			b.entries[i].idle++
		}
	}
	b.keys[least] = key
	b.entries[least] = entry{}
	b.entries[least].reset()
	return &b.entries[least]
}

// worth of an entry: one with twice the names outlasts eight more that come, and
// one that has collapsed goes only where all have.
func (b *bucket) worth(i int) int {
	e := &b.entries[i]
	if b.keys[i] == 0 {
		return -1 << 16
	}
	worth := bits.Len64(uint64(e.names)) - int(e.idle)/8
	if e.told > 0 {
		worth += 1 << 16
	}
	return worth
}

package memtable

import (
	"slices"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store/keysort"
	"example.org/pdns/plugin/pkg/store/record"
)

// A Ref is a record of a table.
type Ref struct {
	shard *shard
	key   []byte // never changes
	index int
}

// Key is the record's key. It is not to be changed.
func (r Ref) Key() []byte { return r.key }

// Figures are those that the record has now.
func (r Ref) Figures() rrset.Figures {
	r.shard.mu.Lock()
	defer r.shard.mu.Unlock()
	return *r.shard.figures(r.index)
}

// Owner appends the records of a reversed owner, in no order.
func (t *Table) Owner(dst []Ref, owner []byte) []Ref {
	h := record.Hash(owner)
	s := &t.shards[h%shards]
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.n == 0 {
		return dst
	}
	for !s.link() {
		s.mu.Unlock() // lets additions pass
		s.mu.Lock()
	}
	for i := s.owners[s.findOwner(uint32(h>>32), owner)]; i != 0; i = s.entry(int(i - 1)).next {
		dst = append(dst, Ref{s, s.key(int(i - 1)), int(i - 1)})
	}
	return dst
}

// Scan calls yield for every record until it returns false, in no order.
// Additions wait for a moment at most: the lock of a shard is held only to see
// how far it reaches, since entries never move.
func (t *Table) Scan(yield func(Ref) bool) {
	for i := range t.shards {
		s := &t.shards[i]
		s.mu.Lock()
		n, chunks, arena := s.n, s.chunks, slices.Clone(s.arena)
		s.mu.Unlock()
		seen := shard{chunks: chunks, arena: arena}
		for j := range n {
			if !yield(Ref{s, seen.key(j), j}) {
				return
			}
		}
	}
}

// Sorted calls yield for every record of a sealed table, by ascending key, until
// it returns false. Key and figures are not to be changed or kept.
func (t *Table) Sorted(yield func(key []byte, f *rrset.Figures) bool) {
	order := make([]keysort.Item, 0, t.Len())
	for i := range t.shards {
		s := &t.shards[i]
		for j := range s.n {
			order = append(order, keysort.New(s.key(j), uint32(i), uint32(j)))
		}
	}
	keysort.Sort(order, func(i *keysort.Item) []byte { return t.shards[i.A].key(int(i.B)) })
	for _, i := range order {
		s := &t.shards[i.A]
		if !yield(s.key(int(i.B)), s.figures(int(i.B))) {
			return
		}
	}
}

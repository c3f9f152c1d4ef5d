package memtable

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"

	"example.org/pdns/plugin/pkg/rrset"
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
	s := t.shard(owner)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.n == 0 {
		return dst
	}
	for i := s.owners[s.findOwner(owner)]; i != 0; i = s.entry(int(i - 1)).next {
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
		seen := shard{n: s.n, chunks: s.chunks, arena: slices.Clone(s.arena)}
		s.mu.Unlock()
		for j := range seen.n {
			if !yield(Ref{s, seen.key(j), j}) {
				return
			}
		}
	}
}

// Sort orders records by key.
func Sort(refs []Ref) {
	// Most comparisons end in the first octets, which are kept at hand.
	type prefixed struct {
		a, b uint64
		ref  Ref
	}
	ps := make([]prefixed, len(refs))
	for i, r := range refs {
		ps[i] = prefixed{a: head(r.key), ref: r}
		if len(r.key) > 8 {
			ps[i].b = head(r.key[8:])
		}
	}
	slices.SortFunc(ps, func(x, y prefixed) int {
		if x.a != y.a {
			return cmp.Compare(x.a, y.a)
		}
		if x.b != y.b {
			return cmp.Compare(x.b, y.b)
		}
		return bytes.Compare(x.ref.key, y.ref.key)
	})
	for i := range ps {
		refs[i] = ps[i].ref
	}
}

// head is the first eight octets as a number that sorts as they do.
func head(b []byte) uint64 {
	if len(b) >= 8 {
		return binary.BigEndian.Uint64(b)
	}
	var v [8]byte
	copy(v[:], b)
	return binary.BigEndian.Uint64(v[:])
}

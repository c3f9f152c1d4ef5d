// Package keysort sorts many keys that lie scattered in memory and often begin
// alike, as names of one zone do. Sixteen octets of each are at hand; where these
// are the same, the next sixteen are fetched, once for each key and not for each
// comparison.
package keysort

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// AtHand is how many octets of a key an item holds.
const AtHand = 16

// An Item stands for a key. Where keys are equal, B decides.
type Item struct {
	head, tail uint64
	A, B       uint32 // whatever leads to the key
}

// New is the item of a key.
func New(key []byte, a, b uint32) Item {
	i := Item{A: a, B: b}
	i.load(key)
	return i
}

func (i *Item) load(key []byte) {
	var at [AtHand]byte
	copy(at[:], key)
	i.head, i.tail = binary.BigEndian.Uint64(at[:]), binary.BigEndian.Uint64(at[8:])
}

// Start writes the first octets of the key to dst; behind its end they are zero.
func (i *Item) Start(dst *[AtHand]byte) {
	binary.BigEndian.PutUint64(dst[:], i.head)
	binary.BigEndian.PutUint64(dst[8:], i.tail)
}

// StartsAs reports whether two keys are the same as far as they are at hand.
func (i *Item) StartsAs(j *Item) bool { return i.head == j.head && i.tail == j.tail }

// Sort sorts items by their keys, bytewise, then by B. The first octets of a key
// that key returns are not looked at.
func Sort(items []Item, key func(*Item) []byte) { sortFrom(items, key, AtHand) }

// sortFrom sorts items that hold the octets before depth and have the same ones
// before these.
func sortFrom(items []Item, key func(*Item) []byte, depth int) {
	slices.SortFunc(items, func(x, y Item) int {
		if x.head != y.head {
			return cmp.Compare(x.head, y.head)
		}
		if x.tail != y.tail {
			return cmp.Compare(x.tail, y.tail)
		}
		return cmp.Compare(x.B, y.B)
	})
	for start := 0; start < len(items); {
		end := start + 1
		for end < len(items) && items[start].StartsAs(&items[end]) {
			end++
		}
		if end-start > 1 {
			sortAlike(items[start:end], key, depth)
		}
		start = end
	}
}

// sortAlike sorts items whose keys are the same before depth, but for their length.
func sortAlike(items []Item, key func(*Item) []byte, depth int) {
	shortest, longest := len(key(&items[0])), 0
	for i := range items {
		n := len(key(&items[i]))
		shortest, longest = min(shortest, n), max(longest, n)
	}
	switch {
	case longest > depth:
		head, tail := items[0].head, items[0].tail
		for i := range items {
			k := key(&items[i])
			items[i].load(k[min(depth, len(k)):])
		}
		sortFrom(items, key, depth+AtHand)
		for i := range items {
			items[i].head, items[i].tail = head, tail
		}
	case shortest < longest: // zeros at the end of one are none in the other
		slices.SortFunc(items, func(x, y Item) int {
			return cmp.Or(cmp.Compare(len(key(&x)), len(key(&y))), cmp.Compare(x.B, y.B))
		})
	}
}

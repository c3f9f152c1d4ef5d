package run

import "math/bits"

// bitset is a set of numbers that were put in by ascending order, a bit each.
type bitset struct {
	words  []uint64
	before []uint32 // members before each span of words
	starts []uint32 // the span of every spanMembers-th member
	n      uint32   // members
}

const (
	spanWords   = 8
	spanMembers = 256
)

// newBitset returns a set that will likely have numbers up to limit. It is what a
// file says, so that not all room is made at once.
func newBitset(limit uint64) *bitset {
	return &bitset{words: make([]uint64, 0, min(limit/64+1, 1<<20))}
}

// set puts in a number that is larger than all before.
func (b *bitset) set(i uint32) {
	for uint32(len(b.words)) <= i/64 {
		if len(b.words)%spanWords == 0 {
			b.before = append(b.before, b.n)
		}
		b.words = append(b.words, 0)
	}
	if b.n%spanMembers == 0 {
		b.starts = append(b.starts, i/64/spanWords)
	}
	b.words[i/64] |= 1 << (i % 64)
	b.n++
}

func (b *bitset) has(i uint32) bool {
	return int(i/64) < len(b.words) && b.words[i/64]&(1<<(i%64)) != 0
}

// rank is the number of members below a member.
func (b *bitset) rank(i uint32) uint32 {
	w := i / 64
	n := int(b.before[w/spanWords])
	for _, word := range b.words[w-w%spanWords : w] {
		n += bits.OnesCount64(word)
	}
	return uint32(n + bits.OnesCount64(b.words[w]&(1<<(i%64)-1)))
}

// nth is the member with n members below it; n is less than the number of them.
func (b *bitset) nth(n uint32) uint32 {
	span := b.starts[n/spanMembers]
	for int(span)+1 < len(b.before) && b.before[span+1] <= n {
		span++
	}
	left := int(n - b.before[span])
	for w := span * spanWords; ; w++ {
		word := b.words[w]
		if c := bits.OnesCount64(word); left >= c {
			left -= c
			continue
		}
		for ; left > 0; left-- {
			word &= word - 1
		}
		return w*64 + uint32(bits.TrailingZeros64(word))
	}
}

package store

import (
	"math"
	"math/bits"
	"sync/atomic"
)

// A tally is a number that many writers add to. It is kept in parts, on cache
// lines of their own: one that all cores write to is slower than all else that an
// addition takes.
type tally struct {
	parts [16]struct {
		n atomic.Uint64
		_ [56]byte
	}
}

// add adds n for a record with a key: the part is one that the next record will
// rarely have. It stays at the highest number that there is.
func (t *tally) add(key []byte, n uint64) {
	l := len(key)
	spread := l + int(key[l/4]) + int(key[l/2]) + int(key[l-1-l/4]) + int(key[l-1])
	raise(&t.parts[spread%len(t.parts)].n, n)
}

// raise adds n to a number, which stays at the highest that there is.
func raise(number *atomic.Uint64, n uint64) {
	if number.Add(n) < n {
		number.Store(math.MaxUint64)
	}
}

// Load is the number. While it is added to, it is one that was right at some time
// in between.
func (t *tally) Load() uint64 {
	var sum uint64
	for i := range t.parts {
		var carry uint64
		if sum, carry = bits.Add64(sum, t.parts[i].n.Load(), 0); carry > 0 {
			return math.MaxUint64
		}
	}
	return sum
}

// Store sets the number, before anybody adds to it.
func (t *tally) Store(n uint64) { t.parts[0].n.Store(n) }

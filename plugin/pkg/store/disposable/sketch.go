package disposable

import "math/bits"

// registers is how many registers a sketch has.
const registers = 64

// maxRank bounds registers, so that room is a sum of whole numbers.
const maxRank = 40

// A sketch estimates how many distinct elements it was shown: a HyperLogLog whose
// estimate is kept beside it, and grows by one over the chance that a new element
// changes a register whenever one does ("historic inverse probability", by Ting and
// by Cohen). Its standard error is 0.83 over the root of the registers, 10%, and it
// never falls.
type sketch struct {
	ranks [registers]uint8
	room  uint64  // sum of 2^(maxRank-rank): the chance of a change, times allRoom
	names float64 // the estimate
}

const allRoom = registers << maxRank

// reset makes a sketch that was shown nothing.
func (s *sketch) reset() { *s = sketch{room: allRoom} }

// add shows the sketch an element by its hash and reports whether it was new to it.
func (s *sketch) add(hash uint64) bool {
	at := hash % registers
	rank := uint8(min(bits.TrailingZeros64(hash/registers)+1, maxRank))
	old := s.ranks[at]
	if rank <= old {
		return false
	}
	s.names += allRoom / float64(s.room)
	s.room -= 1<<(maxRank-old) - 1<<(maxRank-rank)
	s.ranks[at] = rank
	return true
}

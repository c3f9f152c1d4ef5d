package workload

import (
	"math/bits"
	"math/rand/v2"
)

// dice are thrown anew for each thing that is made: what falls depends on the seed,
// what it is for and the number of the thing, and on nothing before.
type dice struct{ rand.PCG }

// What dice are thrown for.
const (
	forObservation uint64 = iota + 1
	forGroup
	forName
	forDomain
	forRRset
	forPool
	forTracker
)

// odd spreads what the dice are for over all bits.
const odd = 0x9e3779b97f4a7c15

func (d *dice) roll(seed, what, number uint64) { d.Seed(seed^what*odd, number) }

// below is a number from 0 to n-1.
func (d *dice) below(n uint64) uint64 {
	hi, _ := bits.Mul64(d.Uint64(), n)
	return hi
}

// between is a number from a to b.
func (d *dice) between(a, b int) int { return a + int(d.below(uint64(b-a+1))) }

// unit is a number from 0 to below 1.
func (d *dice) unit() float64 { return float64(d.Uint64()>>11) / (1 << 53) }

// chance is true so many times in a hundred.
func (d *dice) chance(percent uint64) bool { return d.below(100) < percent }

// spread is a number from least up, as likely between it and its double as between
// that and the double of that, and so on for so many doublings.
func (d *dice) spread(least, doublings float64) float64 {
	return least * power(d.unit()*doublings)
}

// pick is one of weights, by weight; they add up to 1000.
func (d *dice) pick(weights []uint64) int {
	n := d.below(1000)
	for i, w := range weights {
		if n < w {
			return i
		}
		n -= w
	}
	return len(weights) - 1
}

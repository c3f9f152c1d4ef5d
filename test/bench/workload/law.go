package workload

import "math"

// A law is that of Zipf and Mandelbrot: the probability of rank r is about
// 1/(r+flat), so that the first ranks, as many as flat, are nearly as popular as each
// other. It needs no table of ranks, however many there are.
type law struct {
	ranks uint64
	flat  float64
	span  float64 // logarithm of how much there is between the first and the last
}

func newLaw(ranks uint64, flat float64) law {
	return law{ranks, flat, math.Log2(1 + float64(ranks)/flat)}
}

// rank is from 0 to ranks-1.
func (l *law) rank(d *dice) uint64 {
	return min(uint64(l.flat*power(d.unit()*l.span)-l.flat), l.ranks-1)
}

// powers are those of 2 between 0 and 1. The library's takes half of the time that
// an observation does.
var powers = func() (p [1<<10 + 1]float64) {
	for i := range p {
		p[i] = math.Exp2(float64(i) / (1 << 10))
	}
	return p
}()

// power is 2 to the power of x, for x from 0 to 1000, to seven digits.
func power(x float64) float64 {
	whole := uint64(x)
	at := (x - float64(whole)) * (1 << 10)
	i := uint64(at)
	between := powers[i] + (powers[i+1]-powers[i])*(at-float64(i))
	return math.Float64frombits((whole+1023)<<52) * between
}

// The laws of what is shared.
var (
	newDomains = newLaw(4<<20, 100) // in mode New, those that were put together too
	providers  = newLaw(20_000, 30)
	addresses  = newLaw(1<<24, 300)
	trackers   = newLaw(300, 10)
)

// flatNames is how many names are nearly as popular as the first, in mode
// Observations.
const flatNames = 20

package run

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// TestRenumbering compares with a plain list, for runs of which much and little
// goes into what is merged, with and without records that are dropped.
func TestRenumbering(t *testing.T) {
	for _, sparse := range []uint32{1, 2, 9, 3000} {
		for _, drops := range []bool{false, true} {
			t.Run(fmt.Sprint(sparse, drops), func(t *testing.T) {
				rng := rand.New(rand.NewPCG(1, uint64(sparse)))
				r := newRenumbering(1000, drops)
				type want struct {
					ordinal uint32
					kept    bool
				}
				var wants []want
				next := rng.Uint32N(sparse)
				for range 5000 {
					if drops && rng.IntN(3) == 0 {
						r.drop()
						wants = append(wants, want{})
						continue
					}
					r.add(next)
					wants = append(wants, want{next, true})
					next += 1 + rng.Uint32N(sparse)
				}
				if int(r.n) != len(wants) {
					t.Fatalf("%d ordinals, want %d", r.n, len(wants))
				}
				for old, w := range wants {
					if n, kept := r.to(uint32(old)); n != w.ordinal || kept != w.kept {
						t.Fatalf("%d leads to %d, %v; want %d, %v", old, n, kept, w.ordinal, w.kept)
					}
				}
			})
		}
	}
}

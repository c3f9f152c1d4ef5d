//go:build !race

package capture_test

import "testing"

func TestNextAllocatesNothing(t *testing.T) {
	for _, match := range []bool{false, true} {
		r := open(t, usual(t, 2000), match)
		next := func() {
			if _, err := r.Next(); err != nil {
				t.Fatal(err)
			}
		}
		for range 500 { // buffers grow
			next()
		}
		if n := testing.AllocsPerRun(1000, next); n != 0 {
			t.Errorf("match %v: %v allocations", match, n)
		}
	}
}

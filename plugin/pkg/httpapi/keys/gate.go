package keys

import (
	"runtime"
	"sync/atomic"
)

// waiting is how many checks may wait while others run.
const waiting = 8

// A gate bounds how many checks run: half of the processors stay with whoever has
// better to do than to try secrets.
type gate struct {
	slots chan struct{}
	most  int32 // that run and wait
	in    *atomic.Int32
}

func newGate() gate {
	n := max(1, runtime.GOMAXPROCS(0)/2)
	return gate{slots: make(chan struct{}, n), most: int32(n + waiting), in: &atomic.Int32{}}
}

// enter waits for a slot; false if too many wait.
func (g gate) enter() bool {
	if g.in.Add(1) > g.most {
		g.in.Add(-1)
		return false
	}
	g.slots <- struct{}{}
	return true
}

func (g gate) leave() {
	<-g.slots
	g.in.Add(-1)
}

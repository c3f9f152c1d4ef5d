package keys

import (
	"runtime"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

const (
	mostOfName = 3   // checks of a name that run and wait
	freeWrongs = 10  // wrong secrets of a name that cost no time, and then
	wrongs     = 4.0 // so many a second
)

// A gate bounds how many checks run: half of the processors stay with whoever has
// better to do than to try secrets. A channel serves senders in the order that they
// came in, and of each lane there is but one, so the turns go round by lane.
type gate chan struct{}

func newGate() gate { return make(gate, max(1, runtime.GOMAXPROCS(0)/2)) }

// A lane is the checks of one name, which run one after the other.
type lane struct {
	in   atomic.Int32 // that run and wait
	turn chan struct{}
	// wrong slows down who tries many secrets.
	wrong *rate.Limiter
}

func newLane() *lane {
	return &lane{turn: make(chan struct{}, 1), wrong: rate.NewLimiter(wrongs, freeWrongs)}
}

// through runs a check, which reports whether the secret fits, in its turn. After
// many that did not the lane rests. Its error is ErrBusy.
func (l *lane) through(g gate, fits func() bool) error {
	defer l.in.Add(-1)
	if l.in.Add(1) > mostOfName {
		return ErrBusy
	}
	l.turn <- struct{}{}
	defer func() { <-l.turn }()
	g <- struct{}{}
	ok := fits()
	<-g
	if !ok {
		time.Sleep(l.wrong.Reserve().Delay())
	}
	return nil
}

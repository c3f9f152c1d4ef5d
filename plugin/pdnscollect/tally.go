package pdnscollect

import (
	"example.org/pdns/plugin/pkg/dnstap"
	"example.org/pdns/plugin/pkg/observation"
	"example.org/pdns/plugin/pkg/rrset"
)

// A tally counts while a batch is taken, and adds to the recorder at its end: all
// cores count in the same place, which costs more than to observe. It is a Sink,
// for one goroutine.
type tally struct {
	tap      *tap
	taker    dnstap.Taker
	observed uint64
	dropped  [reasons]uint64
	sensor   row
}

// Observe implements observation.Sink.
func (y *tally) Observe(rr *rrset.RRset) {
	if err := y.tap.record(rr); err != nil {
		y.dropped[blame(rr, err)]++
		return
	}
	y.observed++
}

// Drop implements observation.Sink.
func (y *tally) Drop(why observation.Reason) { y.dropped[why]++ }

// settle adds what was counted to the recorder, and begins anew.
func (y *tally) settle() {
	y.tap.recorder.observed.Add(float64(y.observed))
	for why, n := range y.dropped {
		if n > 0 {
			y.tap.dropped(reason(why), n)
		}
	}
	y.sensor.settle()
	y.observed, y.dropped = 0, [reasons]uint64{}
}

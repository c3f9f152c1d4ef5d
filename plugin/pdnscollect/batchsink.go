package pdnscollect

import (
	"example.org/pdns/plugin/pkg/dnstap"
	"example.org/pdns/plugin/pkg/observation"
	"example.org/pdns/plugin/pkg/rrset"
)

// A batchSink counts while a batch is taken, and adds to the recorder at its end:
// all cores count in the same place, which costs more than to observe. It is a
// Sink, for one goroutine.
type batchSink struct {
	tap       *tap
	taker     dnstap.Taker
	observed  uint64
	dropped   [reasons]uint64
	notChosen dnstap.Types // that came
	sensor    row
}

func newBatchSink(t *tap, o *observation.Observer, types dnstap.Types) *batchSink {
	s := &batchSink{tap: t, taker: dnstap.Taker{Observer: o, Types: types, Source: rrset.FromDnstap}}
	s.taker.NotChosen = func(typ dnstap.Type) { s.notChosen |= dnstap.NewTypes(typ) }
	s.taker.Defect = t.recorder.defect
	if t.sensors != nil {
		s.taker.Sensor = func(identity []byte) { s.sensor.count(identity, t.sensors) }
	}
	return s
}

// Observe implements observation.Sink.
func (s *batchSink) Observe(rr *rrset.RRset) {
	if err := s.tap.record(rr); err != nil {
		s.dropped[blame(rr, err)]++
		return
	}
	s.observed++
}

// Drop implements observation.Sink.
func (s *batchSink) Drop(why observation.Reason) { s.dropped[why]++ }

// settle adds what was counted to the recorder, and begins anew.
func (s *batchSink) settle() {
	s.tap.recorder.observed.Add(float64(s.observed))
	for why, n := range s.dropped {
		if n > 0 {
			s.tap.dropped(reason(why), n)
		}
	}
	s.tap.chosen(s.observed, s.taker.Types, s.notChosen&dnstap.AllTypes, s.dropped[observation.MessageType])
	s.sensor.settle()
	s.observed, s.dropped, s.notChosen = 0, [reasons]uint64{}, 0
}

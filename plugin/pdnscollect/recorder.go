package pdnscollect

import (
	"errors"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"example.org/pdns/plugin/pkg/observation"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// A reason is one of package observation, or one of these.
type reason int

const (
	memtableFull reason = reason(observation.Reasons) + iota // the flush has not caught up
	readOnly                                                 // a run of the store is missing
	refused                                                  // the store found something wrong with it
	panicked                                                 // a defect of this program
	reasons                                                  // above every reason
)

// String is the name of r in metrics and coverage.
func (r reason) String() string {
	switch r {
	case memtableFull:
		return "memtable_full"
	case readOnly:
		return "read_only"
	case refused:
		return "refused"
	case panicked:
		return "panic"
	}
	return observation.Reason(r).String()
}

// allReasons calls yield with each.
func allReasons(yield func(reason) bool) {
	for r := range observation.AllReasons() {
		if !yield(reason(r)) {
			return
		}
	}
	for r := memtableFull; r < reasons && yield(r); r++ {
	}
}

// A recorder takes observations into a store and counts, for one server or one
// listener. It holds each counter, so that none is looked up for a packet.
type recorder struct {
	store    *store.Store
	observed prometheus.Counter
	dropped  [reasons]dropCounter
}

// A dropCounter counts in the metrics and in the store's coverage.
type dropCounter struct {
	metric   prometheus.Counter
	coverage *atomic.Uint64
}

func newRecorder(s *store.Store, server string) *recorder {
	r := &recorder{store: s, observed: observations.WithLabelValues(server)}
	for why := range allReasons {
		name := why.String()
		r.dropped[why] = dropCounter{metric: dropped.WithLabelValues(server, name), coverage: s.Dropped(name)}
	}
	return r
}

// drop counts what was left out.
func (r *recorder) drop(why reason, n uint64) {
	r.dropped[why].metric.Add(float64(n))
	r.dropped[why].coverage.Add(n)
}

// Observe implements observation.Sink for the hook. It never waits: what the
// store has no room for is shed.
func (r *recorder) Observe(rr *rrset.RRset) {
	switch err := r.store.Add(rr); {
	case err == nil:
		r.observed.Inc()
	case errors.Is(err, store.ErrClosed): // the server is shutting down
	default:
		r.drop(blame(rr, err), 1)
	}
}

// blame says why the store did not take an observation.
func blame(rr *rrset.RRset, err error) reason {
	if errors.Is(err, store.ErrFull) {
		return memtableFull
	}
	if errors.Is(err, store.ErrReadOnly) {
		return readOnly
	}
	log.Debugf("Not recorded: %s: %v", rrset.NameString(rr.Owner), err)
	return refused
}

// Drop implements observation.Sink.
func (r *recorder) Drop(why observation.Reason) { r.drop(reason(why), 1) }

var logPanicOnce sync.Once

// recover, deferred, ends a panic and counts it.
func (r *recorder) recover() {
	if v := recover(); v != nil {
		r.defect(v)
	}
}

// defect counts a panic, and tells of the first.
func (r *recorder) defect(v any) {
	r.drop(panicked, 1)
	logPanicOnce.Do(func() { log.Errorf("Observing an answer: %v; further ones are only counted\n%s", v, debug.Stack()) })
}

package pdnscollect

import (
	"errors"
	"maps"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"example.org/pdns/plugin/pkg/observation"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// Reasons beside those of package observation.
const (
	memtableFull = "memtable_full" // the flush has not caught up
	refused      = "refused"       // the store found something wrong with it
	panicked     = "panic"         // a defect of this program
)

// A recorder takes the observations of one server into a store: a Sink. It holds
// each counter, so that none is looked up for a packet.
type recorder struct {
	store    *store.Store
	observed prometheus.Counter
	dropped  [observation.Reasons]dropCounter
	full     dropCounter
	refused  dropCounter
	panicked dropCounter
}

// A dropCounter counts in the metrics and in the store's coverage.
type dropCounter struct {
	metric   prometheus.Counter
	coverage *atomic.Uint64
}

func (c dropCounter) inc() {
	c.metric.Inc()
	c.coverage.Add(1)
}

func newRecorder(s *store.Store, server string) *recorder {
	counter := func(reason string) dropCounter {
		return dropCounter{metric: dropped.WithLabelValues(server, reason), coverage: s.Dropped(reason)}
	}
	r := &recorder{
		store:    s,
		observed: observations.WithLabelValues(server),
		full:     counter(memtableFull),
		refused:  counter(refused),
		panicked: counter(panicked),
	}
	for why := range observation.AllReasons() {
		r.dropped[why] = counter(why.String())
	}
	return r
}

// Observe implements observation.Sink. It never waits: what the store has no
// room for is shed.
func (r *recorder) Observe(rr *rrset.RRset) {
	switch err := r.store.Add(rr); {
	case err == nil:
		r.observed.Inc()
	case errors.Is(err, store.ErrFull):
		r.full.inc()
	case errors.Is(err, store.ErrClosed): // the server is shutting down
	default:
		r.refused.inc()
		log.Debugf("Not recorded: %s: %v", rrset.NameString(rr.Owner), err)
	}
}

// Drop implements observation.Sink.
func (r *recorder) Drop(why observation.Reason) { r.dropped[why].inc() }

var logPanicOnce sync.Once

// recover, deferred, ends a panic and counts it.
func (r *recorder) recover() {
	if v := recover(); v != nil {
		r.panicked.inc()
		logPanicOnce.Do(func() { log.Errorf("Observing an answer: %v; further ones are only counted\n%s", v, debug.Stack()) })
	}
}

// recorders are those of one server block, which may stand for several servers.
// From startup to shutdown they have one store.
type recorders struct {
	mu       sync.Mutex
	byServer atomic.Pointer[map[string]*recorder]
}

// get returns the recorder of a server into s; nil if s is.
func (rs *recorders) get(s *store.Store, server string) *recorder {
	if s == nil {
		return nil
	}
	if m := rs.byServer.Load(); m != nil && (*m)[server] != nil {
		return (*m)[server]
	}
	return rs.add(s, server)
}

func (rs *recorders) add(s *store.Store, server string) *recorder {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	next := make(map[string]*recorder)
	if m := rs.byServer.Load(); m != nil {
		maps.Copy(next, *m)
	}
	if next[server] == nil {
		next[server] = newRecorder(s, server)
		rs.byServer.Store(&next)
	}
	return next[server]
}

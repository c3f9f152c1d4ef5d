package main

import (
	"sync"

	"example.org/pdns/plugin/pkg/intake"
	"example.org/pdns/plugin/pkg/observation"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// A recorder writes into a store what responses say.
type recorder struct {
	observer *observation.Observer
	store    *store.Store
	mu       sync.Mutex
	total    sink
}

// recorder opens the store.
func (p *program) recorder(o observation.Options) (destination, error) {
	s, err := p.openBy(store.Options{})
	if err != nil {
		return nil, err
	}
	return &recorder{observer: observation.New(o), store: s}, nil
}

func (r *recorder) take(b *intake.Batch) {
	k := sink{store: r.store, covers: true}
	for wire, at := range b.All {
		r.observer.Observe(observation.Message{Wire: wire, Time: at, Source: rrset.FromImport}, &k)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.total.add(&k)
}

func (r *recorder) figures() []amount {
	r.mu.Lock()
	defer r.mu.Unlock()
	f := []amount{{"RRsets", r.total.taken}}
	if r.total.refused > 0 {
		f = append(f, amount{"refused by the store", r.total.refused})
	}
	return f
}

func (r *recorder) dropped() [observation.Reasons]uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.total.dropped
}

func (r *recorder) close() error { return r.store.Close() }

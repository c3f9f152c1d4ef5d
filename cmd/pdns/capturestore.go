package main

import (
	"context"
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
	total    captured
}

// captured counts what was observed; it is the Sink of one batch.
type captured struct {
	store         *store.Store
	taken, failed uint64
	drops         [observation.Reasons]uint64
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
	c := captured{store: r.store}
	for wire, at := range b.All {
		r.observer.Observe(observation.Message{Wire: wire, Time: at, Source: rrset.FromImport}, &c)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.total.taken += c.taken
	r.total.failed += c.failed
	for why, n := range c.drops {
		r.total.drops[why] += n
	}
}

// Observe implements observation.Sink. It waits for room: then the kernel drops
// packets, and counts them.
func (c *captured) Observe(r *rrset.RRset) {
	if c.store.AddWait(context.Background(), r) != nil {
		c.failed++
		return
	}
	c.taken++
}

// Drop implements observation.Sink.
func (c *captured) Drop(why observation.Reason) {
	c.drops[why]++
	c.store.Dropped(why.String()).Add(1)
}

func (r *recorder) figures() []amount {
	r.mu.Lock()
	defer r.mu.Unlock()
	f := []amount{{"RRsets", r.total.taken}}
	if r.total.failed > 0 {
		f = append(f, amount{"refused by the store", r.total.failed})
	}
	return f
}

func (r *recorder) dropped() [observation.Reasons]uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.total.drops
}

func (r *recorder) close() error { return r.store.Close() }

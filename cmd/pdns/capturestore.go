package main

import (
	"cmp"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/prometheus/common/model"

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
	defects  uint64
}

// What the coverage of the store tells of a capture, beside what was left out of
// messages.
const (
	kernelDropped = "kernel_dropped"
	storeRefused  = "store_refused"
	panicked      = "panic"
)

// recording returns how to open the store.
func (p *program) recording(f *captureFlags) (func(account) (destination, error), error) {
	p.store = cmp.Or(f.write, p.store)
	if err := p.checkStore(); err != nil {
		return nil, err
	}
	keep, err := f.kept()
	if err != nil {
		return nil, fmt.Errorf("--keep %s: %w", f.keep, err)
	}
	o, err := f.observe(time.Now)
	return func(a account) (destination, error) {
		s, err := p.openBy(store.Options{Keep: keep})
		if err != nil {
			return nil, a.explain(err)
		}
		return &recorder{observer: observation.New(o), store: s}, nil
	}, err
}

// kept is how long the store keeps what is not seen again; 0 for ever.
func (f *captureFlags) kept() (time.Duration, error) {
	if f.keep == "" {
		return 0, nil
	}
	d, err := model.ParseDuration(f.keep)
	if err != nil || d <= 0 {
		return 0, errors.New("want a duration above zero, such as 36h or 400d")
	}
	return time.Duration(d), nil
}

func (r *recorder) take(b *intake.Batch) {
	k, defects := sink{store: r.store, covers: true}, uint64(0)
	for wire, at := range b.All {
		if !survives(func() {
			r.observer.Observe(observation.Message{Wire: wire, Time: at, Source: rrset.FromImport}, &k)
		}) {
			defects++
		}
	}
	r.cover(storeRefused, k.refused)
	r.cover(panicked, defects)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.total.add(&k)
	r.defects += defects
}

// survives reports whether f came to its end: a defect costs a message that somebody
// has sent, not the capture.
func survives(f func()) (ok bool) {
	defer func() { ok = recover() == nil }()
	f()
	return true
}

func (r *recorder) missed(n uint64) { r.cover(kernelDropped, n) }

// cover counts in the store what it does not hold.
func (r *recorder) cover(why string, n uint64) {
	if n > 0 {
		r.store.Dropped(why).Add(n)
	}
}

func (r *recorder) figures() []amount {
	r.mu.Lock()
	defer r.mu.Unlock()
	f := []amount{{"RRsets", r.total.taken}}
	if r.total.refused > 0 {
		f = append(f, amount{"refused by the store", r.total.refused})
	}
	return withDefects(f, r.defects)
}

// withDefects adds the messages that met a defect, if there were any.
func withDefects(f []amount, n uint64) []amount {
	if n == 0 {
		return f
	}
	return append(f, amount{"lost to a defect", n})
}

func (r *recorder) dropped() [observation.Reasons]uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.total.dropped
}

func (r *recorder) close() error { return r.store.Close() }

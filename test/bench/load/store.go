package main

import (
	"context"
	"errors"
	"sync"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
	"example.org/pdns/test/bench/workload"
)

// toStore adds observations to the store in a directory and closes it.
func (l *load) toStore() (*tally, error) {
	s, err := store.Open(l.target, store.Options{})
	if err != nil {
		return nil, err
	}
	t, err := l.addAll(s)
	return t, errors.Join(err, s.Close())
}

// addAll lets each writer add a part. The first that fails stops the others.
func (l *load) addAll(s *store.Store) (*tally, error) {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	tallies := make([]tally, l.writers)
	var wg sync.WaitGroup
	for i, part := range workload.Parts(l.config, l.writers) {
		wg.Go(func() {
			err := tallies[i].each(part, func(r *rrset.RRset) error { return s.AddWait(ctx, r) })
			if err != nil {
				cancel(err)
			}
		})
	}
	wg.Wait()
	for i := range tallies[1:] {
		tallies[0].add(&tallies[i+1])
	}
	return &tallies[0], context.Cause(ctx)
}

package main

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
	"example.org/pdns/test/bench/workload"
)

const (
	heldMost = 100_000 // RRsets that are observed again
	again    = 20      // times that each writer observes them
)

// repeats adds observations of RRsets that the memtable of a store of its own
// holds, by a writer for each core.
func (q *inquiry) repeats() (err error) {
	dir := filepath.Clean(q.dir) + ".repeats"
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	s, err := store.Open(dir, store.Options{Flush: time.Hour})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	var held []*rrset.RRset
	g := workload.NewGenerator(q.workload)
	for range max(1, min(q.size/10, heldMost)) {
		r := g.Next().Clone()
		if err := s.Add(r); err != nil {
			return err
		}
		held = append(held, r)
	}
	writers := runtime.GOMAXPROCS(0)
	errs := make([]error, writers)
	begin := time.Now()
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() { errs[w] = observe(s, held, w*len(held)/writers) })
	}
	wg.Wait()
	q.figures["repeats"] = rate(uint64(writers*again*len(held)), time.Since(begin))
	return errors.Join(errs...)
}

func observe(s *store.Store, held []*rrset.RRset, from int) error {
	for i := range again * len(held) {
		if err := s.Add(held[(from+i)%len(held)]); err != nil {
			return err
		}
	}
	return nil
}

package store_test

import (
	"testing"
	"testing/synctest"
	"time"

	"example.org/pdns/plugin/pkg/store"
)

// Flushes begin an interval apart, however long each takes, and write one run.
func TestFlushInterval(t *testing.T) {
	twoRuns(t) // so that what all stores share is made outside
	synctest.Test(t, func(t *testing.T) {
		const interval, took = 10 * time.Second, 4 * time.Second
		flushed := make(chan time.Time)
		s, err := store.Open(t.TempDir(), store.Options{Flush: interval, Events: store.Events{Flushed: func(store.FlushInfo) {
			flushed <- time.Now()
			time.Sleep(took)
		}}})
		must(t, err)
		last := time.Now()
		for range 3 {
			must(t, s.Add(line(t, "a.test. A 100 100 1 192.0.2.1")))
			at := <-flushed
			if at.Sub(last) != interval {
				t.Errorf("flushed after %v, want %v", at.Sub(last), interval)
			}
			last = at
		}
		if st, err := s.Stats(); err != nil || len(st.Runs) != 3 {
			t.Errorf("%d runs, %v", len(st.Runs), err)
		}
		must(t, s.Close())
	})
}

package store_test

import (
	"fmt"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"example.org/pdns/plugin/pkg/store"
)

// What a crash leaves says no more than what it holds: a retention that went on
// while flushes failed does not say that what stayed in memory was on disk.
func TestCoverageOfCrash(t *testing.T) {
	var clock atomic.Int64
	clock.Store(10_000_000)
	expired := make(chan store.ExpiredInfo, 10)
	o := store.Options{Flush: time.Hour, Now: func() time.Time { return time.Unix(clock.Load(), 0) },
		Events: store.Events{Expired: func(i store.ExpiredInfo) { expired <- i }}}
	dir := t.TempDir()
	s := open(t, dir, o)
	for _, at := range []int64{9_990_000, 9_999_000} {
		must(t, s.Add(line(t, fmt.Sprintf("a.test. A %d %d 1 192.0.2.1", at, at))))
		must(t, s.Flush(t.Context()))
	}

	clock.Add(60)
	o.MaxRunBytes, o.Keep = 64<<10, 2*time.Hour
	for i := range 20_000 {
		must(t, s.Add(line(t, fmt.Sprintf("n%d.test. A 9000000 9999999 1 192.0.2.1", i))))
	}
	s.Reconfigure(o) // expires
	for range 2 {
		if err := s.Flush(t.Context()); err == nil {
			t.Fatal("flushed")
		}
	}
	<-expired
	if c, err := s.Coverage(); err != nil || c.Recorded != 20_002 || c.Since.Unix() != 9_000_000 || c.Until.Unix() != 10_000_060 {
		t.Errorf("the writer knows of %+v, %v", c, err)
	}
	crashed := t.TempDir()
	must(t, os.CopyFS(crashed, os.DirFS(dir)))
	r, err := store.OpenReader(crashed)
	must(t, err)
	if c, err := r.Coverage(); err != nil || c.Recorded != 2 || c.Since.Unix() != 9_999_000 || c.Until.Unix() != 10_000_000 {
		t.Errorf("a crash leaves %+v, %v: want what two flushes had written, from the second on", c, err)
	}
	must(t, r.Close())

	o.MaxRunBytes = 0
	s.Reconfigure(o)
	must(t, s.Flush(t.Context()))
	wantReach(t, dir, 9_000_000, 10_000_060)
}

// A history goes back to its oldest record, on disk or in memory, whatever of it
// a retention removes, and whoever adds meanwhile.
func TestSince(t *testing.T) {
	var clock atomic.Int64
	clock.Store(10_000)
	o := store.Options{Flush: time.Hour, Now: func() time.Time { return time.Unix(clock.Load(), 0) }}
	s := open(t, t.TempDir(), o)
	want := func(since int64) {
		t.Helper()
		if c, err := s.Coverage(); err != nil || !c.Since.Equal(time.Unix(since, 0)) && since != 0 || c.Since.IsZero() != (since == 0) {
			t.Errorf("since %d, %v: want %d", c.Since.Unix(), err, since)
		}
	}
	add := func(rr string) { must(t, s.Add(line(t, rr))) }
	want(0)
	add("a.test. A 300 300 1 192.0.2.1")
	want(300)
	must(t, s.Flush(t.Context()))
	add("b.test. A 500 9000 1 192.0.2.1")
	add("a.test. A 700 9000 1 192.0.2.1")
	want(300)

	expired := make(chan struct{})
	o.Keep = 2 * time.Hour
	o.Events.Expired = func(store.ExpiredInfo) {
		add("b.test. A 400 400 1 192.0.2.1")
		close(expired)
	}
	s.Reconfigure(o)
	<-expired
	want(400)
	add("c.test. A 200 9000 1 192.0.2.1")
	want(200)
	add("c.test. A 0 9000 1 192.0.2.1")
	want(1)
	must(t, s.Flush(t.Context()))
	want(1)
}

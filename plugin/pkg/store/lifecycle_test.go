package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// Nothing is allocated for an RRset that the memtable holds.
func TestAddHeldAllocatesNothing(t *testing.T) {
	s := open(t, t.TempDir(), store.Options{Flush: time.Hour})
	r := line(t, "www.example.com. A 100 110 2 192.0.2.1,192.0.2.2")
	must(t, s.Add(r))
	if n := testing.AllocsPerRun(1000, func() { must(t, s.Add(r)) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestAddRefuses(t *testing.T) {
	s := open(t, t.TempDir(), store.Options{})
	sound := line(t, "www.example.com. A 100 110 2 192.0.2.1")
	for name, spoil := range map[string]func(r *rrset.RRset){
		"rrname":    func(r *rrset.RRset) { r.Owner = []byte("\x03www") },
		"bailiwick": func(r *rrset.RRset) { r.Bailiwick = rrset.MustName("example.net") },
		"times":     func(r *rrset.RRset) { r.Last = 99 },
		"count":     func(r *rrset.RRset) { r.Count = 0 },
		"rdata":     func(r *rrset.RRset) { r.Rdata = [][]byte{{192, 0, 2}} },
		"no rdata":  func(r *rrset.RRset) { r.Rdata = nil },
		"ttl":       func(r *rrset.RRset) { r.TTLMin, r.TTLMax = 2, 1 },
	} {
		r := sound.Clone()
		spoil(r)
		if err := s.Add(r); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	must(t, s.Add(sound))
	must(t, s.Close())
	if err := s.Add(sound); err != store.ErrClosed {
		t.Errorf("after Close: %v", err)
	}
	if _, err := walk(s); err != store.ErrClosed {
		t.Errorf("after Close: %v", err)
	}
}

// Writers, searches, flushes and merges at once: every observation is counted
// once at every moment.
func TestConcurrent(t *testing.T) {
	s := open(t, t.TempDir(), store.Options{Flush: time.Hour})
	ctx := context.Background()
	const writers, each = 4, 3000
	var writing, reading sync.WaitGroup
	var done atomic.Bool
	for w := range writers {
		writing.Go(func() {
			for i := range each {
				if err := s.Add(line(t, fmt.Sprintf("n%d.test. A %d %d 1 192.0.2.1", i%97, 100+w, 200+i))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	reading.Go(func() {
		for !done.Load() {
			must(t, s.Flush(ctx))
			must(t, s.Merge(ctx, false, nil))
		}
	})
	reading.Go(func() {
		var last uint64
		for !done.Load() {
			var sum uint64
			for r, err := range s.Find(ctx, store.Query{}) {
				if err != nil {
					t.Error(err)
					return
				}
				sum += r.Count
			}
			if sum < last {
				t.Errorf("%d observations, after %d had been seen", sum, last)
			}
			last = sum
		}
	})
	writing.Wait()
	done.Store(true)
	reading.Wait()
	var sum uint64
	for r, err := range s.Find(ctx, store.Query{}) {
		must(t, err)
		sum += r.Count
	}
	if sum != writers*each {
		t.Errorf("%d observations, want %d", sum, writers*each)
	}
}

// What Add has taken is there after Close, however close the two come.
func TestCloseLosesNothing(t *testing.T) {
	for range 5 {
		dir := t.TempDir()
		s := open(t, dir, store.Options{Flush: time.Hour})
		var taken atomic.Uint64
		var adding sync.WaitGroup
		started := make(chan struct{}, 2)
		for w := range 2 {
			adding.Go(func() {
				for i := 0; ; i++ {
					if err := s.Add(line(t, fmt.Sprintf("n%d-%d.test. A 100 100 1 192.0.2.1", w, i))); err != nil {
						return
					}
					taken.Add(1)
					if i == 100 {
						started <- struct{}{}
					}
				}
			})
		}
		<-started
		<-started
		must(t, s.Close())
		adding.Wait()
		src, err := store.OpenReader(dir)
		must(t, err)
		if n, err := walk(src); uint64(n) != taken.Load() || err != nil {
			t.Errorf("%d RRsets after Close, %v: %d were taken", n, err, taken.Load())
		}
		must(t, src.Close())
	}
}

// Large RRsets that are all alike at their beginning, as whoever owns a zone can
// make them, take blocks that can be read back.
func TestLargeAlike(t *testing.T) {
	ctx := context.Background()
	s := open(t, t.TempDir(), store.Options{Flush: time.Hour})
	const each = 200
	for part := range 2 {
		for i := range each {
			r := line(t, `evil.test. TXT 100 100 1 "x"`)
			r.Rdata[0] = append(bytes.Repeat([]byte("xyz"), 20_000), byte(part), byte(i))
			must(t, s.Add(r))
		}
		must(t, s.Add(line(t, fmt.Sprintf("n%d.test. A 100 100 1 192.0.2.1", part))))
		must(t, s.Flush(ctx))
	}
	must(t, s.Merge(ctx, true, nil))
	if n, err := walk(s); n != 2*each+2 || err != nil {
		t.Errorf("%d RRsets, %v", n, err)
	}
	for r, err := range s.Find(ctx, store.Query{Subject: store.Owner(rrset.MustName("evil.test"))}) {
		must(t, err)
		if len(r.Rdata) != 1 || len(r.Rdata[0]) != 60_002 {
			t.Fatalf("%d rdata, the first of %d octets", len(r.Rdata), len(r.Rdata[0]))
		}
	}
}

// Runs go from hour to day to month as time passes, and go for good when a
// retention has outlived them.
func TestWindows(t *testing.T) {
	ctx := context.Background()
	var clock atomic.Int64
	start := time.Date(2026, 3, 30, 22, 0, 0, 0, time.UTC)
	clock.Store(start.Unix())
	o := store.Options{Flush: time.Hour, Now: func() time.Time { return time.Unix(clock.Load(), 0) }}
	s := open(t, t.TempDir(), o)
	observe := func(after time.Duration) {
		at := start.Add(after).Unix()
		clock.Store(at)
		must(t, s.Add(line(t, fmt.Sprintf("a.test. A %d %d 1 192.0.2.1", at, at))))
		must(t, s.Flush(ctx))
	}
	windows := func() (ws []string) {
		must(t, s.Merge(ctx, false, nil))
		st, err := s.Stats()
		must(t, err)
		for _, r := range st.Runs {
			ws = append(ws, r.Window)
		}
		slices.Sort(ws)
		return ws
	}
	check := func(what string, want ...string) {
		t.Helper()
		if got := windows(); !slices.Equal(got, want) {
			t.Errorf("%s: windows %q, want %q", what, got, want)
		}
	}
	hour := func(n time.Duration) time.Duration { return n * time.Hour }
	observe(0)
	observe(10 * time.Minute)
	check("an open hour", "2026-03-30T22 hour", "2026-03-30T22 hour")
	observe(hour(1))
	observe(hour(1) + 2*time.Minute)
	check("the next hour", "2026-03-30T22 hour", "2026-03-30T23 hour", "2026-03-30T23 hour")
	observe(hour(2) + 5*time.Minute) // the last of the day is over and quiet
	check("the next day", "2026-03-30 day", "2026-03-31T00 hour")
	observe(hour(27))
	check("the next month", "2026-03-31 day", "2026-04-01T01 hour") // all that is of March
	if got := answer(t, s, store.Query{}); len(got) != 1 || got[0] != fmt.Sprintf("a.test. A %d %d 6 192.0.2.1", start.Unix(), start.Add(hour(27)).Unix()) {
		t.Errorf("history %v", got)
	}

	o.Keep = 20 * 24 * time.Hour
	s.Reconfigure(o)
	clock.Store(start.Add(hour(19*24 + 20)).Unix())
	goOn(t, s, &clock)
	check("a retention", "2026-04-01T01 hour")
	if c, err := s.Coverage(); err != nil || !c.Since.Equal(start.Add(hour(27))) {
		t.Errorf("coverage since %v, %v: want what is left", c.Since, err)
	}
}

// A retention keeps runs short, since they go as a whole.
func TestRetentionKeepsRunsShort(t *testing.T) {
	ctx := context.Background()
	day := int64(24 * 3600)
	var clock atomic.Int64
	clock.Store(10_000 * day)
	s := open(t, t.TempDir(), store.Options{Flush: time.Hour, Keep: 30 * 24 * time.Hour, Now: func() time.Time { return time.Unix(clock.Load(), 0) }})
	for range 60 {
		at := clock.Add(day / 2)
		must(t, s.Add(line(t, fmt.Sprintf("a.test. A %d %d 1 192.0.2.1", at, at))))
		must(t, s.Merge(ctx, false, nil))
		st, err := s.Stats()
		must(t, err)
		for _, r := range st.Runs {
			if r.Last.Sub(r.First) > 24*time.Hour {
				t.Fatalf("run of %s", r.Window)
			}
			if age := time.Unix(at, 0).Sub(r.Last); age > 30*24*time.Hour {
				t.Fatalf("run of %s is %v old", r.Window, age)
			}
		}
	}
}

// A retention takes damaged runs too.
func TestRetentionTakesDamagedRuns(t *testing.T) {
	dir, files := twoRuns(t)
	must(t, os.Truncate(files[0], 100))
	s := open(t, dir, store.Options{Flush: time.Hour, Keep: time.Hour})
	must(t, s.Merge(context.Background(), false, nil))
	if n, err := walk(s); n != 0 || err != nil {
		t.Errorf("%d RRsets, %v", n, err)
	}
	for _, f := range files {
		if _, err := os.Stat(f); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: %v, want gone", f, err)
		}
	}
}

// A flush that begins in one window and ends in the next still lies in one, so
// that a retention is no longer than it says.
func TestFlushAcrossMonths(t *testing.T) {
	ctx := context.Background()
	var clock atomic.Int64
	var expired []store.ExpiredInfo
	s := open(t, t.TempDir(), store.Options{Flush: time.Hour, Keep: 400 * 24 * time.Hour,
		Now:    func() time.Time { return time.Unix(clock.Load(), 0) },
		Events: store.Events{Expired: func(i store.ExpiredInfo) { expired = append(expired, i) }}})
	for month := range 24 {
		end := time.Date(2024, time.Month(2+month), 1, 0, 0, 0, 0, time.UTC).Unix()
		clock.Store(end + 3600)
		goOn(t, s, &clock)
		must(t, s.Add(line(t, fmt.Sprintf("a%d.test. A %d %d 1 192.0.2.1", month, end-5, end-5))))
		must(t, s.Add(line(t, fmt.Sprintf("b%d.test. A %d %d 1 192.0.2.1", month, end+4, end+4))))
		must(t, s.Merge(ctx, false, nil))
		st, err := s.Stats()
		must(t, err)
		for _, r := range st.Runs {
			if r.Last.Sub(r.First) > 32*24*time.Hour || r.Window == "" {
				t.Fatalf("run of %q from %v to %v", r.Window, r.First, r.Last)
			}
		}
	}
	var records uint64
	for _, e := range expired {
		records += e.Records
	}
	if n, err := walk(s); err != nil || uint64(n)+records != 48 || records == 0 {
		t.Errorf("%d RRsets left and %d told as expired of 48, %v", n, records, err)
	}
}

// Who only visits a store merges no further than its collector would, and does
// not count the time that passed as watched.
func TestVisit(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	now := func(date string) func() time.Time {
		at, err := time.Parse(time.DateOnly, date)
		must(t, err)
		return func() time.Time { return at }
	}
	add := func(s *store.Store, date string) {
		at := now(date)().Unix()
		must(t, s.Add(line(t, fmt.Sprintf("a.test. A %d %d 1 192.0.2.1", at, at))))
		must(t, s.Flush(ctx))
	}
	collector := store.Options{Flush: time.Hour, Keep: 400 * 24 * time.Hour, Now: now("2026-03-01")}
	s := open(t, dir, collector)
	add(s, "2026-01-10")
	add(s, "2026-02-10")
	must(t, s.Close())

	s = open(t, dir, store.Options{Flush: time.Hour, Visit: true, Now: now("2030-01-01")})
	add(s, "2026-02-11")
	must(t, s.Merge(ctx, false, nil))
	st, err := s.Stats()
	must(t, err)
	var windows []string
	for _, r := range st.Runs {
		windows = append(windows, r.Window)
	}
	slices.Sort(windows)
	if want := []string{"2026-01-10T00 hour", "2026-02 month"}; !slices.Equal(windows, want) {
		t.Errorf("windows %q, want %q", windows, want)
	}
	must(t, s.Close())
	src, err := store.OpenReader(dir)
	must(t, err)
	defer src.Close()
	if c, err := src.Coverage(); err != nil || c.Until.Format(time.DateOnly) != "2026-03-01" {
		t.Errorf("coverage until %v, %v: want when the collector stopped", c.Until, err)
	}
}

func TestParseWindows(t *testing.T) {
	for _, bad := range [][]string{{"week"}, {"day", "hour"}, {"day", "day"}} {
		if ws, err := store.ParseWindows(bad); err == nil {
			t.Errorf("%q gives %v", bad, ws)
		}
	}
	if ws, err := store.ParseWindows([]string{"hour", "month"}); err != nil || len(ws) != 2 {
		t.Errorf("%v, %v", ws, err)
	}
}

// Counters of what was left out outlive a restart.
func TestCoverage(t *testing.T) {
	dir := t.TempDir()
	o := store.Options{Flush: time.Hour, Now: func() time.Time { return time.Unix(1000, 0) }}
	for round := range 3 {
		s := open(t, dir, o)
		must(t, s.Add(line(t, "a.test. A 500 600 7 192.0.2.1")))
		s.Dropped("off_chain").Add(2)
		s.Dropped("never")
		c, err := s.Coverage()
		must(t, err)
		n := uint64(round + 1)
		if c.Recorded != 7*n || c.Dropped["off_chain"] != 2*n || len(c.Dropped) != 1 || c.Since.Unix() != 500 || c.Until.Unix() != 1000 {
			t.Errorf("round %d: %+v", round, c)
		}
		must(t, s.Close())
	}
}

package store_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// A disk that takes no more keeps nothing that is stored from answering, and
// what could not be written is neither lost nor invisible; it is written as soon
// as there is room.
func TestDiskFull(t *testing.T) {
	dir := t.TempDir()
	ctx := context.Background()
	roomy := store.Options{Flush: time.Hour}
	full := roomy
	full.MaxRunBytes = 64 << 10
	s := open(t, dir, roomy)
	must(t, s.Add(line(t, "stored.test. A 100 100 1 192.0.2.1")))
	must(t, s.Flush(ctx))

	s.Reconfigure(full)
	for i := range 20_000 {
		must(t, s.Add(line(t, fmt.Sprintf("n%d.test. A 200 200 1 192.0.2.1", i))))
	}
	for range 3 {
		if err := s.Flush(ctx); err == nil || !strings.Contains(err.Error(), ".run") {
			t.Fatalf("flush to a full disk: %v", err)
		}
		must(t, s.Add(line(t, "n1.test. A 300 300 1 192.0.2.1")))
		if n, err := walk(s); n != 20_001 || err != nil {
			t.Fatalf("%d RRsets, %v: want 20001", n, err)
		}
	}
	want := []string{"n1.test. A 200 300 4 192.0.2.1"}
	q := store.Query{Subject: store.Owner(rrset.MustName("n1.test"))}
	if got := answer(t, s, q); len(got) != 1 || got[0] != want[0] {
		t.Errorf("got %v, want %v", got, want)
	}
	intact(t, dir)

	s.Reconfigure(roomy)
	must(t, s.Flush(ctx))
	must(t, s.Close())
	s = open(t, dir, roomy)
	if got := answer(t, s, q); len(got) != 1 || got[0] != want[0] {
		t.Errorf("after a new start: got %v, want %v", got, want)
	}
	intact(t, dir)
}

// A merge that finds no room is tried again, but not at once unless it is asked for,
// and other windows are merged meanwhile.
func TestMergeWithoutRoom(t *testing.T) {
	ctx := context.Background()
	failed := make(chan error, 100)
	merged := make(chan store.MergeInfo, 100)
	var clock atomic.Int64
	day := int64(24 * 3600)
	clock.Store(10_000 * day)
	o := store.Options{Flush: time.Hour, MaxRunBytes: 100 << 10,
		Now: func() time.Time { return time.Unix(clock.Load(), 0) }, Events: store.Events{
			Error: func(err error) { failed <- err }, Merged: func(i store.MergeInfo) { merged <- i }}}
	s := open(t, t.TempDir(), o)
	flush := func(n int) {
		at := clock.Load()
		for i := range n {
			must(t, s.Add(line(t, fmt.Sprintf("%.24x.test. A %d %d 1 192.0.2.1", sha256.Sum256([]byte{byte(i), byte(i >> 8), byte(at)}), at, at))))
		}
		must(t, s.Flush(ctx))
		clock.Add(1)
	}
	flush(1500)
	flush(1500) // together they need more than there is
	clock.Add(2 * day)
	for range 3 {
		if err := s.Merge(ctx, false, nil); err == nil {
			t.Fatal("the merge found room")
		}
	}
	flush(1)
	flush(1)
	clock.Add(2 * day)
	s.Reconfigure(o)
	<-merged
	if len(failed) > 1 { // the background may have been first once
		t.Errorf("tried again at once: %v", <-failed)
	}
	st, err := s.Stats()
	must(t, err)
	if len(st.Runs) != 3 {
		t.Errorf("%d runs, want the two that do not fit and one of the others", len(st.Runs))
	}
	if n, err := walk(s); n != 3002 || err != nil {
		t.Errorf("%d RRsets, %v", n, err)
	}
}

// A memtable that cannot be flushed fills up and then sheds; it never blocks.
func TestSheds(t *testing.T) {
	s := open(t, t.TempDir(), store.Options{Flush: time.Hour, Memory: 1 << 20, MaxRunBytes: 8 << 10})
	held := line(t, "held.test. A 200 200 1 192.0.2.1")
	must(t, s.Add(held))
	shed := 0
	for i := range 50_000 {
		err := s.Add(line(t, fmt.Sprintf("n%d.test. A 200 200 1 192.0.2.1", i)))
		if errors.Is(err, store.ErrFull) {
			shed++
		} else {
			must(t, err)
		}
	}
	if shed == 0 {
		t.Error("nothing was shed")
	}
	st, err := s.Stats()
	must(t, err)
	if st.Memtable.Bytes > st.Memtable.Limit*11/10 {
		t.Errorf("memtable takes %d of %d bytes", st.Memtable.Bytes, st.Memtable.Limit)
	}
	// Who would wait for room is told why there will be none.
	ctx := context.Background()
	for i := 0; ; i++ {
		err := s.AddWait(ctx, line(t, fmt.Sprintf("m%d.test. A 200 200 1 192.0.2.1", i)))
		if errors.Is(err, store.ErrFull) && strings.Contains(err.Error(), "maximum size") {
			break
		}
		must(t, err)
	}
	s.Reconfigure(store.Options{Flush: time.Hour})
	must(t, s.Flush(ctx))
	must(t, s.AddWait(ctx, line(t, "late.test. A 200 200 1 192.0.2.1")))
}

// TestSpare: who can wait leaves room to who cannot.
func TestSpare(t *testing.T) {
	s := open(t, t.TempDir(), store.Options{Flush: time.Hour, Memory: 1 << 20, MaxRunBytes: 8 << 10})
	fill := func(add func(*rrset.RRset) error, prefix string) (taken int) {
		for ; ; taken++ {
			err := add(line(t, fmt.Sprintf("%s%d.test. A 200 200 1 192.0.2.1", prefix, taken)))
			if errors.Is(err, store.ErrFull) {
				return taken
			}
			must(t, err)
		}
	}
	if n := fill(s.AddSpare, "patient"); n == 0 {
		t.Error("nothing was taken")
	}
	if n := fill(s.Add, "hasty"); n < 100 {
		t.Errorf("%d taken beside who can wait", n)
	}
}

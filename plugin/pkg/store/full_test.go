package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
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

// A memtable that cannot be flushed fills up and then sheds; it never blocks.
func TestSheds(t *testing.T) {
	s := open(t, t.TempDir(), store.Options{Flush: time.Hour, Memory: 1 << 20, MaxRunBytes: 64 << 10})
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
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for i := 0; ; i++ {
		err := s.AddWait(ctx, line(t, fmt.Sprintf("m%d.test. A 200 200 1 192.0.2.1", i)))
		if errors.Is(err, context.Canceled) {
			break
		}
		must(t, err)
	}
	s.Reconfigure(store.Options{Flush: time.Hour})
	must(t, s.AddWait(context.Background(), line(t, "late.test. A 200 200 1 192.0.2.1")))
}

package intake_test

import (
	"bytes"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"example.org/pdns/plugin/pkg/intake"
)

func TestBatch(t *testing.T) {
	w := intake.Start(1, func(*intake.Batch) {})
	defer w.Close()
	b := w.Get()
	when := time.Unix(1564617600, 5)
	large := bytes.Repeat([]byte("l"), intake.BatchSize+1)
	if b.Full(len(large)) {
		t.Error("an empty batch is full")
	}
	b.Append([]byte("one"), when)
	copy(b.Extend(3, time.Time{}), "two")
	b.Append(nil, when)
	if !b.Full(len(large)) || b.Full(10) || b.Len() != 3 {
		t.Errorf("full %v and %v, length %d", b.Full(len(large)), b.Full(10), b.Len())
	}
	var got string
	for p, at := range b.All {
		got += fmt.Sprintf("%s %v; ", p, at.Equal(when))
	}
	if want := "one true; two false;  true; "; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	w.Abandon(b)
}

// TestWorkers: what many readers give is taken once, all of it.
func TestWorkers(t *testing.T) {
	var sum, batches atomic.Int64
	w := intake.Start(3, func(b *intake.Batch) {
		batches.Add(1)
		for p := range b.All {
			sum.Add(int64(p[0]))
		}
	})
	var readers sync.WaitGroup
	for range 8 {
		readers.Go(func() {
			for range 100 {
				b := w.Get()
				if b.Len() != 0 || b.Origin != nil {
					t.Errorf("batch of %d", b.Len())
				}
				b.Origin = t
				b.Append([]byte{1}, time.Time{})
				b.Append([]byte{2}, time.Time{})
				w.Put(b)
			}
		})
	}
	readers.Wait()
	w.Close()
	if sum.Load() != 8*100*3 || batches.Load() != 800 {
		t.Errorf("sum %d in %d batches", sum.Load(), batches.Load())
	}
}

// TestBackPressure: who reads waits while nothing is taken, so that memory is
// bounded.
func TestBackPressure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		blocked := make(chan struct{})
		w := intake.Start(1, func(*intake.Batch) { <-blocked })
		var given atomic.Int64
		go func() {
			for range 100 {
				w.Put(w.Get())
				given.Add(1)
			}
			w.Close()
		}()
		synctest.Wait()
		if n := given.Load(); n == 0 || n >= 100 {
			t.Errorf("%d batches given, and none taken", n)
		}
		close(blocked)
		synctest.Wait()
		if n := given.Load(); n != 100 {
			t.Errorf("%d batches given, want 100", n)
		}
	})
}

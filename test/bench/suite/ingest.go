package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"example.org/pdns/plugin/pkg/store"
	"example.org/pdns/test/bench/workload"
)

// An intake fills one store, and stops at each size.
type intake struct {
	dir       string
	store     *store.Store
	generator *workload.Generator
	done      uint64        // observations
	took      time.Duration // for them, until all was in order, without the stops
	clock     atomic.Int64  // Unix seconds: the time that the observations are from
	written   atomic.Int64  // bytes of all runs that were ever written
	failed    atomic.Pointer[error]
}

// ingest is a role: at each size it prints the figures, and goes on when there is
// a line to read. Meanwhile the store is closed.
func ingest(c *config, in io.Reader, out io.Writer) error {
	t := &intake{dir: c.dir, generator: workload.NewGenerator(c.workload)}
	t.clock.Store(workload.Start.Unix())
	next := bufio.NewScanner(in)
	enc := json.NewEncoder(out)
	for _, size := range c.sizes {
		f, err := t.reach(size)
		if err != nil {
			return fmt.Errorf("at %d of %d observations: %w", t.done, size, err)
		}
		if err := enc.Encode(f); err != nil {
			return err
		}
		if !next.Scan() {
			return next.Err()
		}
	}
	return nil
}

// reach fills the store up to a size.
func (t *intake) reach(size uint64) (figures, error) {
	var err error
	t.store, err = store.Open(t.dir, store.Options{
		Now:    func() time.Time { return time.Unix(t.clock.Load(), 0) },
		Events: store.Events{Flushed: t.flushed, Merged: t.merged, Error: func(err error) { t.failed.Store(&err) }},
	})
	if err != nil {
		return nil, err
	}
	before := t.done
	start := time.Now()
	if err := t.add(size - size/10); err != nil {
		return nil, err
	}
	tenth, tenthFrom := time.Now(), t.done
	if err := t.add(size); err != nil {
		return nil, err
	}
	last := time.Since(tenth)
	if err := t.store.Merge(context.Background(), false, nil); err != nil {
		return nil, err
	}
	since := time.Since(start)
	t.took += since
	f := figures{
		"observations": float64(size),
		"new":          rate(size, t.took),
		"new.since":    rate(size-before, since),
		"new.tenth":    rate(size-tenthFrom, last),
	}
	return f, t.close(f)
}

func rate(n uint64, took time.Duration) float64 { return float64(n) / took.Seconds() }

// add adds observations until so many are done, and flushes.
func (t *intake) add(size uint64) error {
	ctx := context.Background()
	for ; t.done < size; t.done++ {
		r := t.generator.Next()
		t.clock.Store(r.Last)
		if err := t.store.AddWait(ctx, r); err != nil {
			return err
		}
	}
	return t.store.Flush(ctx)
}

// close closes the store and tells what it has come to.
func (t *intake) close(f figures) error {
	st, err := t.store.Stats()
	if err != nil {
		return err
	}
	windows := map[string]*sum{}
	var stored int64
	for _, r := range st.Runs {
		stored += r.Bytes
		w := windows[windowKey(r.Window)]
		if w == nil {
			w = new(sum)
			windows[windowKey(r.Window)] = w
		}
		w.bytes += r.Bytes
		w.records += r.Records
	}
	for key, w := range windows {
		f[key] = float64(w.bytes) / float64(w.records)
	}
	f["runs"] = float64(len(st.Runs))
	f["written"] = float64(t.written.Load()) / float64(stored)
	if err := t.store.Close(); err != nil {
		return err
	}
	if failed := t.failed.Load(); failed != nil {
		return *failed
	}
	if peak, ok := peakMemory(); ok {
		f["memory.ingest"] = peak
	}
	return nil
}

type sum struct {
	bytes   int64
	records uint64
}

func (t *intake) flushed(i store.FlushInfo) { t.written.Add(i.Bytes) }

func (t *intake) merged(i store.MergeInfo) { t.written.Add(i.Bytes) }

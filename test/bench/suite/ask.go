package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"example.org/pdns/plugin/pkg/store"
)

// An inquiry asks a store that nobody writes to meanwhile.
type inquiry struct {
	*config
	figures
	size     uint64
	subjects subjects
}

// ask is a role: it measures everything but the intake, in the store of the one
// size given, and prints the figures as they come.
func ask(c *config, _ io.Reader, out io.Writer) error {
	q := &inquiry{config: c, size: c.sizes[0]}
	enc := json.NewEncoder(out)
	for _, step := range []struct {
		what string
		do   func() error
	}{
		{"subjects", q.choose},
		{"warm look-ups", q.warmly},
		{"streams", q.streams},
		{"memory", q.memory},
		{"cold look-ups", q.coldly},
		{"start", q.start},
		{"repeats", q.repeats},
		{"verify", q.verify},
		{"snapshot", q.snapshot},
	} {
		q.figures = figures{}
		if err := step.do(); err != nil {
			return fmt.Errorf("%s: %w", step.what, err)
		}
		if err := enc.Encode(q.figures); err != nil {
			return err
		}
	}
	return nil
}

// choose makes the observations again and takes subjects of them.
func (q *inquiry) choose() error {
	start := time.Now()
	q.subjects = choose(q.workload, q.size, q.lookups)
	q.figures["generator"] = rate(q.size, time.Since(start))
	return nil
}

// memory is read when everything but the cold look-ups was looked up.
func (q *inquiry) memory() error {
	if peak, ok := peakMemory(); ok {
		q.figures["memory.ask"] = peak
	}
	return nil
}

// start opens the store for writing, with the clock where the observations end, so
// that nothing is due to be merged.
func (q *inquiry) start() error {
	src, err := store.OpenReader(q.dir)
	if err != nil {
		return err
	}
	cov, err := src.Coverage()
	if err = errors.Join(err, src.Close()); err != nil {
		return err
	}
	keys := []string{"start.cold", "start"}
	if q.cold == 0 {
		keys = keys[1:]
	}
	for _, key := range keys {
		if key == "start.cold" {
			if err := q.dropCache(); err != nil {
				return err
			}
		}
		begin := time.Now()
		s, err := store.Open(q.dir, store.Options{Now: func() time.Time { return cov.Until }})
		if err != nil {
			return err
		}
		q.figures[key] = time.Since(begin).Seconds()
		if err := s.Close(); err != nil {
			return err
		}
	}
	return nil
}

func (q *inquiry) verify() error {
	begin := time.Now()
	var found []error
	err := store.Verify(context.Background(), q.dir, func(f store.Finding) {
		found = append(found, fmt.Errorf("%s %s: %w", f.File, f.Place, f.Err))
	}, nil)
	q.figures["verify"] = time.Since(begin).Seconds()
	return errors.Join(append(found, err)...)
}

// snapshot makes one file of everything, and says what it is made of.
func (q *inquiry) snapshot() error {
	src, err := store.OpenReader(q.dir)
	if err != nil {
		return err
	}
	path := filepath.Clean(q.dir) + ".snapshot"
	defer os.Remove(path)
	begin := time.Now()
	err = store.Snapshot(context.Background(), src, path, store.SnapshotOptions{})
	q.figures["snapshot"] = time.Since(begin).Seconds()
	if err = errors.Join(err, src.Close()); err != nil {
		return err
	}
	return weigh(path, q.figures)
}

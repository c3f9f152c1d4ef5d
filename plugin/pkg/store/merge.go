package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"example.org/pdns/plugin/pkg/store/manifest"
	"example.org/pdns/plugin/pkg/store/run"
)

// mergeEvery is how often the merger looks whether windows have ended or runs
// have expired, though nothing was flushed.
const mergeEvery = time.Minute

// mergeLoop keeps the runs in order.
func (s *Store) mergeLoop(ctx context.Context) {
	for {
		if err := s.tidy(ctx, settle, nil); err != nil && ctx.Err() == nil {
			s.report(err)
		}
		timer := time.NewTimer(mergeEvery)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		case <-s.settled:
			timer.Stop()
		}
	}
}

// Merge brings the runs in order now, or, with all set, merges everything into
// one run. The progress, which may be nil, is told in records.
func (s *Store) Merge(ctx context.Context, all bool, progress func(done, total uint64)) error {
	if err := s.Flush(ctx); err != nil {
		return err
	}
	if !all {
		return s.tidy(ctx, 0, progress)
	}
	s.merging.Lock()
	defer s.merging.Unlock()
	return s.mergeRuns(ctx, s.mergeable(), run.Small, progress)
}

// tidy drops what has expired and merges until nothing is left to do. A merge
// that fails keeps the others from nothing.
func (s *Store) tidy(ctx context.Context, settle time.Duration, progress func(done, total uint64)) error {
	s.merging.Lock()
	defer s.merging.Unlock()
	var errs []error
	if err := s.expire(); err != nil {
		errs = append(errs, fmt.Errorf("retention: %w", err))
	}
	for ctx.Err() == nil {
		units := s.units()
		chosen := choose(s.mergeable(), units, s.opts.Load().Now().Add(-settle))
		if len(chosen) == 0 {
			return errors.Join(errs...)
		}
		if err := s.mergeRuns(ctx, chosen, compressionFor(chosen, units), progress); err != nil {
			errs = append(errs, fmt.Errorf("merge: %w", err))
			s.postpone(chosen)
		}
	}
	return ctx.Err()
}

// units are those that this store's runs are merged into.
func (s *Store) units() []Window {
	o := s.opts.Load()
	if !o.Visit {
		return units(o.Windows, o.Keep)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	remembered, err := ParseWindows(s.manifest.Windows)
	if err != nil || len(remembered) == 0 {
		remembered = o.Windows
	}
	return units(remembered, time.Duration(s.manifest.Keep)*time.Second)
}

// A wait keeps runs out of merges for a while after one has failed on them: a
// disk that is full stays so for longer than a flush takes, and each attempt
// needs what little room the flush has left.
type wait struct {
	until time.Time
	delay time.Duration
}

// The first and the longest delay; each failure doubles it.
const (
	firstDelay   = time.Minute
	longestDelay = time.Hour
)

func (s *Store) postpone(runs []manifest.Run) {
	s.doubting.Lock()
	defer s.doubting.Unlock()
	for _, r := range runs {
		delay := min(max(firstDelay, 2*s.waits[r.File].delay), longestDelay)
		s.waits[r.File] = wait{time.Now().Add(delay), delay}
	}
}

// mergeable lists the runs that are neither known to be damaged nor to wait.
func (s *Store) mergeable() []manifest.Run {
	v, err := s.acquire()
	if err != nil {
		return nil
	}
	defer v.release()
	s.doubting.Lock()
	defer s.doubting.Unlock()
	now := time.Now()
	return slices.DeleteFunc(slices.Clone(v.listed), func(r manifest.Run) bool {
		return v.damage[r.File] != nil || s.unfit[r.File] != nil || now.Before(s.waits[r.File].until)
	})
}

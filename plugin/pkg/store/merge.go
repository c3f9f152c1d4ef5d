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
		for _, err := range s.tidy(ctx, tidying{settle: settle}) {
			if ctx.Err() == nil && !errors.Is(err, errNoRoom) { // of that an event tells
				s.report(err)
			}
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
// one run; damaged runs stay as they are, of which the error tells. The progress,
// which may be nil, is told in records, of each merge.
func (s *Store) Merge(ctx context.Context, all bool, progress func(done, total uint64)) error {
	if err := s.Flush(ctx); err != nil {
		return err
	}
	if !all {
		return errors.Join(s.tidy(ctx, tidying{anew: true, progress: progress})...)
	}
	s.merging.Lock()
	defer s.merging.Unlock()
	return s.mergeAll(ctx, progress)
}

// MergeWindow is Merge no further than into windows of a unit. Runs that are
// longer stay as they are.
func (s *Store) MergeWindow(ctx context.Context, unit Window, progress func(done, total uint64)) error {
	if err := s.Flush(ctx); err != nil {
		return err
	}
	return errors.Join(s.tidy(ctx, tidying{anew: true, upTo: unit, progress: progress})...)
}

// A tidying is how runs are brought in order.
type tidying struct {
	settle   time.Duration // how long a window must be over and its runs written
	anew     bool          // merges that failed are tried again at once
	upTo     Window        // the longest to merge into; empty: as the options have it
	progress func(done, total uint64)
}

// tidy opens what could not be opened, drops what has expired and merges until
// nothing is left to do. A merge that fails keeps the others from nothing.
func (s *Store) tidy(ctx context.Context, t tidying) (errs []error) {
	s.merging.Lock()
	defer s.merging.Unlock()
	s.reopen()
	if err := s.expire(); err != nil {
		errs = append(errs, fmt.Errorf("retention: %w", err))
	}
	if t.anew {
		s.forgetWaits()
	}
	for ctx.Err() == nil {
		chosen, compression := s.next(t)
		if len(chosen) == 0 {
			return errs
		}
		err := s.checkRoom(chosen)
		if err == nil {
			err = s.mergeRuns(ctx, chosen, compression, t.progress)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("merge: %w", err))
			s.postpone(chosen, errors.Is(err, errNoRoom))
		}
	}
	return []error{ctx.Err()}
}

// next picks the runs to merge next.
func (s *Store) next(t tidying) ([]manifest.Run, run.Compression) {
	runs, units := s.mergeable(), s.units()
	if t.upTo != "" {
		units = upTo(units, t.upTo)
		runs = slices.DeleteFunc(runs, func(r manifest.Run) bool {
			_, _, unit := windowOf(&r, units)
			return unit == len(units)
		})
	}
	chosen := choose(runs, units, s.opts.Load().Now(), t.settle)
	if len(chosen) == 0 {
		return nil, run.Fast
	}
	return chosen, compressionFor(chosen, units, s.opts.Load().Now())
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
	until  time.Time
	delay  time.Duration
	noRoom bool // it was not tried, for lack of room
}

// The first and the longest delay; each failure doubles it.
const (
	firstDelay   = time.Minute
	longestDelay = time.Hour
)

func (s *Store) postpone(runs []manifest.Run, noRoom bool) {
	s.doubting.Lock()
	defer s.doubting.Unlock()
	for _, r := range runs {
		delay := min(max(firstDelay, 2*s.waits[r.File].delay), longestDelay)
		s.waits[r.File] = wait{time.Now().Add(delay), delay, noRoom}
	}
}

// forgetWaits has all runs take part in the next merges.
func (s *Store) forgetWaits() {
	s.doubting.Lock()
	defer s.doubting.Unlock()
	clear(s.waits)
}

// forget drops what is known of runs that are gone.
func (s *Store) forget(gone map[string]bool) {
	s.doubting.Lock()
	defer s.doubting.Unlock()
	for file := range gone {
		delete(s.waits, file)
		delete(s.unfit, file)
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

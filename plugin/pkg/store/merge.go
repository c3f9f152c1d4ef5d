package store

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
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

// compressionFor tries harder where a run will stay for a day or more.
func compressionFor(runs []manifest.Run, units []Window) run.Compression {
	span := span(runs)
	if _, _, unit := windowOf(&span, units); unit < len(units) && units[unit] == Hour {
		return run.Fast
	}
	return run.Small
}

func span(runs []manifest.Run) manifest.Run {
	s := runs[0]
	for _, r := range runs {
		s.First, s.Last = min(s.First, r.First), max(s.Last, r.Last)
	}
	return s
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

// expire drops the runs that the retention has outlived, damaged ones too.
func (s *Store) expire() error {
	v, err := s.acquire()
	if err != nil {
		return err
	}
	o := s.opts.Load()
	old := expired(v.listed, o.Keep, o.Now())
	v.release()
	if len(old) == 0 {
		return nil
	}
	gone := map[string]bool{}
	info := ExpiredInfo{Runs: len(old)}
	for _, r := range old {
		gone[r.File] = true
		info.Records += r.Records
		if last := unixTime(r.Last); last.After(info.Until) {
			info.Until = last
		}
	}
	if err := s.commit(change{gone: gone}); err != nil {
		return err
	}
	if f := o.Events.Expired; f != nil {
		f(info)
	}
	return s.renewEarliest()
}

// renewEarliest finds out how far the history still goes back.
func (s *Store) renewEarliest() error {
	v, err := s.acquire()
	if err != nil {
		return err
	}
	defer v.release()
	var earliest int64
	note := func(first int64) {
		first = sinceFirst(first)
		if earliest == 0 || first < earliest {
			earliest = first
		}
	}
	for _, t := range v.tables {
		for ref := range t.Scan {
			note(ref.Figures().First)
		}
	}
	for _, r := range v.listed {
		note(r.First)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.earliest.Store(earliest)
	return s.saveManifest(s.manifest.Runs)
}

// pick returns the open runs of a list.
func (v *view) pick(listed []manifest.Run) []*openRun {
	var picked []*openRun
	for _, r := range v.runs {
		if slices.ContainsFunc(listed, func(l manifest.Run) bool { return l.File == r.file }) {
			picked = append(picked, r)
		}
	}
	return picked
}

func (s *Store) mergeRuns(ctx context.Context, chosen []manifest.Run, c run.Compression, progress func(done, total uint64)) error {
	v, err := s.acquire()
	if err != nil {
		return err
	}
	defer v.release()
	runs := v.pick(chosen)
	if len(runs) < 2 {
		return nil
	}
	start := time.Now()
	file := s.nextFile()
	info, err := writeMerged(ctx, filepath.Join(s.dir, file), runs, c, s.opts.Load(), progress)
	if err != nil {
		s.quarantine(ctx, runs, err)
		return err
	}
	gone := map[string]bool{}
	for _, r := range runs {
		gone[r.file] = true
	}
	if err := s.install(ctx, file, info, change{gone: gone}); err != nil {
		return err
	}
	if f := s.opts.Load().Events.Merged; f != nil {
		f(MergeInfo{Runs: len(runs), Records: info.Records, Bytes: info.Bytes, Took: time.Since(start)})
	}
	return nil
}

func writeMerged(ctx context.Context, path string, runs []*openRun, c run.Compression, o *Options, progress func(done, total uint64)) (run.Info, error) {
	w, err := run.Create(path, run.Options{Compression: c, MaxSize: o.MaxRunBytes})
	if err != nil {
		return run.Info{}, err
	}
	defer w.Abort()
	if err := run.Merge(ctx, w, bare(runs), run.MergeOptions{Progress: progress}); err != nil {
		return run.Info{}, err
	}
	return w.Finish(newest(runs), nil)
}

// newest is when the newest of these runs was created. A merged run counts as
// no newer than what went into it: nothing has arrived since.
func newest(runs []*openRun) time.Time {
	var created int64
	for _, r := range runs {
		created = max(created, r.Info().Created)
	}
	return time.Unix(created, 0)
}

func bare(runs []*openRun) []*run.Run {
	rs := make([]*run.Run, len(runs))
	for i, r := range runs {
		rs[i] = r.Run
	}
	return rs
}

// quarantine keeps damaged runs out of further merges: they stay where they
// are, and answer as far as they can be read.
func (s *Store) quarantine(ctx context.Context, runs []*openRun, err error) {
	if !errors.Is(err, run.ErrDamaged) {
		return
	}
	for _, r := range runs {
		if ctx.Err() != nil {
			return
		}
		if e := r.Check(); e != nil {
			s.doubting.Lock()
			s.unfit[r.file] = e
			s.doubting.Unlock()
		}
	}
}

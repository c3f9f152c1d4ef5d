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
		if err := s.tidy(ctx, nil); err != nil && ctx.Err() == nil {
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
		return s.tidy(ctx, progress)
	}
	s.merging.Lock()
	defer s.merging.Unlock()
	return s.mergeRuns(ctx, s.mergeable(), run.Small, progress)
}

// tidy drops what has expired and merges until nothing is left to do.
func (s *Store) tidy(ctx context.Context, progress func(done, total uint64)) error {
	s.merging.Lock()
	defer s.merging.Unlock()
	if err := s.expire(); err != nil {
		return fmt.Errorf("retention: %w", err)
	}
	for {
		o := s.opts.Load()
		units := o.units()
		chosen := choose(s.mergeable(), units, o.Now())
		if len(chosen) == 0 {
			return nil
		}
		if err := s.mergeRuns(ctx, chosen, compressionFor(chosen, units), progress); err != nil {
			return fmt.Errorf("merge: %w", err)
		}
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

// mergeable lists the runs that are not known to be damaged.
func (s *Store) mergeable() []manifest.Run {
	v, err := s.acquire()
	if err != nil {
		return nil
	}
	defer v.release()
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(s.manifest.Runs), func(r manifest.Run) bool {
		return v.damage[r.File] != nil || s.unfit[r.File] != nil
	})
}

func (s *Store) expire() error {
	o := s.opts.Load()
	old := expired(s.mergeable(), o.Keep, o.Now())
	if len(old) == 0 {
		return nil
	}
	v, err := s.acquire()
	if err != nil {
		return err
	}
	defer v.release()
	return s.commit(manifest.Run{}, nil, v.pick(old), false)
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
		s.quarantine(runs, err)
		return err
	}
	if err := s.install(file, info, runs, false); err != nil {
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
func (s *Store) quarantine(runs []*openRun, err error) {
	if !errors.Is(err, run.ErrDamaged) {
		return
	}
	for _, r := range runs {
		if e := r.Check(); e != nil {
			s.mu.Lock()
			s.unfit[r.file] = e
			s.mu.Unlock()
		}
	}
}

package store

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"time"

	"example.org/pdns/plugin/pkg/store/manifest"
	"example.org/pdns/plugin/pkg/store/run"
)

// compressionFor tries harder where a run will stay for a day or more: not while
// its window goes on, nor for an hour.
func compressionFor(runs []manifest.Run, units []Window, now time.Time) run.Compression {
	span := span(runs)
	_, end, unit := windowOf(&span, units)
	if unit < len(units) && (units[unit] == Hour || end.After(now)) {
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
	if len(runs) == 0 || len(runs) == 1 && (c == run.Fast || runs[0].Info().Small) {
		return nil
	}
	start := time.Now()
	file, written := s.nextFile()
	defer written()
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
		e := r.Check(ctx)
		if ctx.Err() != nil {
			return
		}
		if e != nil {
			s.doubting.Lock()
			s.unfit[r.file] = e
			s.doubting.Unlock()
		}
	}
}

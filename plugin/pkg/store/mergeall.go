package store

import (
	"cmp"
	"context"
	"fmt"

	"example.org/pdns/plugin/pkg/store/run"
)

// mergeAll merges all runs into one, in rounds if there are many. The error names
// one that had to be left out; s.merging is held.
func (s *Store) mergeAll(ctx context.Context, progress func(done, total uint64)) error {
	s.forgetWaits()
	for last := false; !last; {
		runs := s.mergeable()
		if len(runs) == 0 {
			break
		}
		chosen, compression := round(runs), run.Fast
		if last = len(chosen) == len(runs); last {
			compression = run.Small
		}
		if err := s.checkRoom(chosen); err != nil {
			return err
		}
		if err := s.mergeRuns(ctx, chosen, compression, progress); err != nil {
			return err
		}
	}
	return s.leftOut()
}

// leftOut is an error that says why runs take no part in merges; nil if all do.
func (s *Store) leftOut() error {
	v, err := s.acquire()
	if err != nil {
		return err
	}
	defer v.release()
	s.doubting.Lock()
	defer s.doubting.Unlock()
	var n int
	var why error
	for _, r := range v.listed {
		if e := cmp.Or(v.damage[r.File], s.unfit[r.File]); e != nil {
			n++
			why = e
		}
	}
	if n == 0 {
		return nil
	}
	return fmt.Errorf("merge: %d of %d runs had to be left as they are: %w", n, len(v.listed), why)
}

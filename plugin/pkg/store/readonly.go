package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"example.org/pdns/plugin/pkg/store/manifest"
)

// A manifest that names a run which is not there says that the directory is not
// what it was: half of a copy, a disk that is not mounted. Whoever recorded into
// it, merged or removed could make that final. So the store is opened read-only,
// and records as soon as the run is back or the store was repaired. Until then it
// does not hold the lock.

// ReadOnly says why nothing is recorded; nil if it is.
func (s *Store) ReadOnly() error {
	if why := s.readOnly.Load(); why != nil {
		return *why
	}
	return nil
}

// missingRuns is an error that names the runs that are not there; nil if all are.
func missingRuns(dir string, damage map[string]error) error {
	files := slices.Sorted(maps.Keys(damage))
	files = slices.DeleteFunc(files, func(f string) bool { return !errors.Is(damage[f], fs.ErrNotExist) })
	if len(files) == 0 {
		return nil
	}
	more := ""
	if n := len(files) - 1; n > 0 {
		more = fmt.Sprintf(" and %d more", n)
	}
	return fmt.Errorf("%w: %s names the run %s%s in %s, which is missing: put it back, or run pdns repair", ErrReadOnly, manifest.File, files[0], more, dir)
}

// retryEvery is how often a store that is read-only looks whether it is whole
// again.
const retryEvery = 2 * time.Second

// awaitRepair begins the work of a writer when all runs are there.
func (s *Store) awaitRepair(ctx context.Context) {
	ticker := time.NewTicker(retryEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if !s.complete() {
			continue
		}
		switch err := s.resume(); {
		case err == nil:
			s.tellReadOnly(nil)
			s.work(ctx)
			return
		case !errors.Is(err, ErrLocked) && !errors.Is(err, ErrReadOnly):
			s.report(err)
		}
	}
}

// complete reports whether all runs that the manifest names are there.
func (s *Store) complete() bool {
	m, err := manifest.Load(s.dir)
	return err == nil && !slices.ContainsFunc(m.Runs, func(r manifest.Run) bool {
		_, err := os.Stat(filepath.Join(s.dir, r.File))
		return err != nil
	})
}

// resume locks the directory and takes its state as the one to go on with.
func (s *Store) resume() error {
	lock, err := lockDir(s.dir)
	if err != nil {
		return err
	}
	m, err := manifest.Load(s.dir)
	if err == nil {
		s.take(m)
		err = s.ReadOnly()
	}
	if err != nil {
		return errors.Join(err, lock.Unlock())
	}
	s.lock = lock
	return nil
}

func (s *Store) tellReadOnly(why error) {
	if f := s.opts.Load().Events.ReadOnly; f != nil {
		f(why)
	}
}

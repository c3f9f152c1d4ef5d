package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"example.org/pdns/plugin/pkg/store/disposable"
	"example.org/pdns/plugin/pkg/store/durable"
	"example.org/pdns/plugin/pkg/store/manifest"
)

// trackerFile remembers which names are too many over a restart. Nothing that was
// recorded depends on it.
const trackerFile = "DISPOSABLE"

// trackerEvery is how often it is written at most.
const trackerEvery = time.Minute

// loadTracker reads what is remembered, the policy of who records day by day too.
// What cannot be read is counted anew.
func (s *Store) loadTracker(m *manifest.Manifest) {
	s.sets.Store(m.Reduced.Sets)
	s.names.Store(m.Reduced.Names)
	for why, c := range s.reductions() {
		c.Store(m.Reduced.Observations[why])
	}
	if o := *s.opts.Load(); o.Visit && m.Disposable != "" {
		p, err := disposable.ParsePolicy(m.Disposable)
		if err != nil {
			s.report(fmt.Errorf("store: %w", err))
		}
		o.Disposable = p.WithDefaults()
		s.opts.Store(&o)
	}
	var err error
	if s.tracker, err = readTracker(filepath.Join(s.dir, trackerFile)); err != nil {
		s.report(fmt.Errorf("store: disposable names are counted anew: %w", err))
	}
}

// readTracker returns an empty tracker beside an error, and where there is no file.
func readTracker(path string) (*disposable.Tracker, error) {
	b, err := durable.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return disposable.New(), nil
	}
	if err != nil {
		return disposable.New(), err
	}
	t, err := disposable.Restore(b)
	if err != nil {
		return disposable.New(), fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

// saveTracker writes down what has changed, if that was not done a moment ago or
// the store closes; s.flushing is held.
func (s *Store) saveTracker() {
	if s.active.Load() != nil && time.Since(s.trackerSaved) < trackerEvery || !s.tracker.Changed() {
		return
	}
	if err := writeTracker(s.dir, s.tracker.State()); err != nil {
		s.tracker.Stale()
		s.report(fmt.Errorf("store: %w", err))
	}
	s.trackerSaved = time.Now()
}

func writeTracker(dir string, state []byte) error {
	temp := filepath.Join(dir, trackerFile+".tmp")
	f, err := durable.Create(temp)
	if err != nil {
		return err
	}
	_, err = f.Write(state)
	if err = errors.Join(err, f.Close()); err == nil {
		err = durable.Rename(temp, filepath.Join(dir, trackerFile))
	}
	if err != nil && !errors.Is(err, durable.ErrUnsynced) {
		os.Remove(temp)
	}
	return err
}

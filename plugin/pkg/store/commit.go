package store

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	"example.org/pdns/plugin/pkg/store/durable"
	"example.org/pdns/plugin/pkg/store/manifest"
	"example.org/pdns/plugin/pkg/store/memtable"
	"example.org/pdns/plugin/pkg/store/run"
)

// A change is what a flush, a merge or a retention does to a store.
type change struct {
	listed manifest.Run
	fresh  *openRun        // the run listed; nil if none comes in
	wrote  *memtable.Table // the table that fresh holds; nil if it holds runs
	gone   map[string]bool // files of runs that go out
	seal   *seal           // what is true with wrote; nil: no more than before
}

// install opens a run just written and commits it; if that fails, its file
// goes.
func (s *Store) install(ctx context.Context, file string, info run.Info, c change) error {
	c.listed = manifest.Run{File: file, Records: info.Records, First: info.First, Last: info.Last, Bytes: info.Bytes, Created: info.Created}
	err := s.adopt(ctx, &c)
	if err == nil {
		err = s.commit(c)
	}
	if err != nil {
		if c.fresh != nil {
			c.fresh.Close()
		}
		os.Remove(filepath.Join(s.dir, file))
	}
	return err
}

// adopt opens the run of a change and takes its digest.
func (s *Store) adopt(ctx context.Context, c *change) error {
	opened, err := openListed(s.dir, c.listed)
	if err != nil {
		return err
	}
	c.fresh = &openRun{Run: opened, file: c.listed.File}
	c.listed.Sum, err = digest(ctx, opened.Path())
	return err
}

// commit makes a change count, on disk first, then for searches. After an error
// nothing has changed.
func (s *Store) commit(c change) error {
	old, err := s.replace(c)
	if old == nil {
		return err
	}
	// In doubt about what is on disk, the files of both states stay; the next
	// start removes those that do not count.
	if err == nil {
		for _, r := range old.runs {
			if c.gone[r.file] {
				r.obsolete.Store(true)
			}
		}
		for file := range old.damage {
			if c.gone[file] {
				os.Remove(filepath.Join(s.dir, file))
			}
		}
	}
	s.forget(c.gone)
	old.release()
	s.report(err)
	return nil
}

// replace saves the manifest that a change makes and swaps the view. It returns
// the view before, or nil if nothing has changed.
func (s *Store) replace(c change) (*view, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.active.Load() == nil && c.wrote == nil {
		return nil, ErrClosed
	}
	listed := slices.DeleteFunc(slices.Clone(s.manifest.Runs), func(r manifest.Run) bool { return c.gone[r.File] })
	if c.fresh != nil {
		listed = append(listed, c.listed)
	}
	err := s.saveManifest(c.seal, listed)
	if err != nil && !errors.Is(err, durable.ErrUnsynced) {
		return nil, err
	}
	return s.swapView(func(v *view) *view {
		st := v.state
		st.listed = listed
		st.runs = slices.DeleteFunc(slices.Clone(v.runs), func(r *openRun) bool { return c.gone[r.file] })
		if c.fresh != nil {
			st.runs = append(st.runs, c.fresh)
		}
		st.tables = slices.DeleteFunc(slices.Clone(v.tables), func(t *memtable.Table) bool { return t == c.wrote })
		st.damage = maps.Clone(v.damage)
		maps.DeleteFunc(st.damage, func(file string, _ error) bool { return c.gone[file] })
		return newView(st)
	}), err
}

// saveManifest saves the manifest with these runs and what a seal, if there is one,
// makes true; s.mu is held. An error that matches durable.ErrUnsynced leaves the
// new one in force.
func (s *Store) saveManifest(sealed *seal, runs []manifest.Run) error {
	if why := s.ReadOnly(); why != nil {
		return why
	}
	m := s.manifest
	m.Runs, m.Loose = runs, s.looseBeside(runs)
	m.Since = oldest(runs)
	if sealed != nil {
		m.Imports, m.Recorded, m.Until = sealed.imports, sealed.recorded, sealed.until
	}
	m.Dropped = s.dropCounts()
	m.Reduced = s.reduced()
	if o := s.opts.Load(); !o.Visit {
		m.Disposable = o.Disposable.String()
		m.Keep = int64(o.Keep / time.Second)
		m.Windows = m.Windows[:0:0]
		for _, w := range o.Windows {
			m.Windows = append(m.Windows, string(w))
		}
	}
	err := m.Save(s.dir)
	if err == nil || errors.Is(err, durable.ErrUnsynced) {
		s.manifest = m
		s.saved = time.Now()
	}
	if err != nil {
		s.saved = time.Time{}
	}
	return err
}

// ensure has the manifest on disk for good: a save whose directory could not be
// synced, or that of a program that was killed, may be lost yet.
func (s *Store) ensure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.saved.IsZero() {
		return nil
	}
	return s.saveManifest(nil, s.manifest.Runs)
}

// until is up to when the history reaches: now, for who records day by day; for
// who visits, as far as it was recorded, or as the newest that was brought in. In
// Unix seconds; 0: nothing was recorded.
func (s *Store) until() int64 {
	if s.ReadOnly() != nil {
		return s.reached.Load()
	}
	o := s.opts.Load()
	now := o.Now().Unix()
	if !o.Visit {
		return now
	}
	return min(max(s.reached.Load(), s.latest.Load()), now)
}

func (s *Store) dropCounts() map[string]uint64 {
	counts := map[string]uint64{}
	s.dropped.Range(func(reason, c any) bool {
		if n := c.(*atomic.Uint64).Load(); n > 0 {
			counts[reason.(string)] = n
		}
		return true
	})
	return counts
}

// beat saves the manifest if only its counters have changed, or nothing has for
// a while; s.flushing is held, and nothing waits to be written.
func (s *Store) beat() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	sealed := s.seal(s.manifest.Imports)
	if s.active.Load().Len() > 0 { // of that the next flush tells
		sealed = nil
	}
	same := (sealed == nil || s.manifest.Recorded == sealed.recorded) && maps.Equal(s.manifest.Dropped, s.dropCounts())
	if same && time.Since(s.saved) < heartbeat {
		return nil
	}
	return s.saveManifest(sealed, s.manifest.Runs)
}

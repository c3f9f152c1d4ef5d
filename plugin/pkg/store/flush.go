package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	"example.org/pdns/plugin/pkg/store/manifest"
	"example.org/pdns/plugin/pkg/store/memtable"
	"example.org/pdns/plugin/pkg/store/run"
)

// heartbeat is how often the manifest is saved while nothing is recorded, so
// that readers know how far the silence reaches.
const heartbeat = time.Minute

// flushLoop writes the memtable to disk when its time has come or it fills up.
func (s *Store) flushLoop(ctx context.Context) {
	for {
		timer := time.NewTimer(s.opts.Load().Flush)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		case <-s.kick:
			timer.Stop()
		}
		if err := s.Flush(ctx); err != nil {
			s.report(err)
			// A full disk does not empty at once.
			select {
			case <-ctx.Done():
			case <-time.After(time.Second):
			}
		}
	}
}

// Flush writes the memtable to disk now and returns when it is safe there.
func (s *Store) Flush(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.flushing.Lock()
	defer s.flushing.Unlock()
	if s.active.Load() == nil {
		return ErrClosed
	}
	return s.flushLocked()
}

func (s *Store) flushLocked() error {
	// What an earlier attempt could not write goes first.
	for range 2 {
		if s.frozen == nil && !s.freeze() {
			break
		}
		if err := s.writeFrozen(); err != nil {
			return err
		}
	}
	return s.beat()
}

// freeze puts a new memtable in place of the active one; false if that is empty.
func (s *Store) freeze() bool {
	old := s.active.Load()
	if old.Len() == 0 {
		return false
	}
	fresh := memtable.New()
	s.setView(func(v *view) *view { return newView([]*memtable.Table{fresh, old}, v.runs, v.damage) })
	s.active.Store(fresh)
	old.Seal()
	s.frozen = old
	signal(s.room)
	return true
}

// writeFrozen writes the frozen memtable to a run and puts that in its place.
func (s *Store) writeFrozen() error {
	start := time.Now()
	file := s.nextFile()
	info, err := writeTable(filepath.Join(s.dir, file), s.frozen, s.opts.Load())
	if err != nil {
		return fmt.Errorf("flush: %w", err)
	}
	if err := s.install(file, info, nil, true); err != nil {
		return fmt.Errorf("flush: %w", err)
	}
	s.frozen = nil
	signal(s.room)
	signal(s.settled)
	if f := s.opts.Load().Events.Flushed; f != nil {
		f(FlushInfo{Records: info.Records, Bytes: info.Bytes, Took: time.Since(start)})
	}
	return nil
}

func (s *Store) nextFile() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.manifest.Next
	s.manifest.Next++
	return fmt.Sprintf("%08d.run", n)
}

// writeTable writes a sealed table to a run.
func writeTable(path string, t *memtable.Table, o *Options) (run.Info, error) {
	w, err := run.Create(path, run.Options{Compression: run.Fast, MaxSize: o.MaxRunBytes})
	if err != nil {
		return run.Info{}, err
	}
	defer w.Abort()
	b := run.NewBuilder(w)
	for key, f := range t.Sorted {
		if err := b.Add(key, f); err != nil {
			return run.Info{}, err
		}
	}
	if err := b.Finish(); err != nil {
		return run.Info{}, err
	}
	return w.Finish(o.Now(), nil)
}

// adopt opens a run just written, as the manifest will list it.
func (s *Store) adopt(file string, info run.Info) (manifest.Run, *openRun, error) {
	l := manifest.Run{File: file, Records: info.Records, First: info.First, Last: info.Last, Bytes: info.Bytes, Created: info.Created}
	opened, err := openListed(s.dir, l)
	if err != nil {
		return l, nil, err
	}
	if l.Sum, err = digest(opened.Path()); err != nil {
		return l, nil, errors.Join(err, opened.Close())
	}
	return l, &openRun{Run: opened, file: file}, nil
}

// commit makes a change of runs count, on disk first, then for searches: fresh,
// which may be nil, comes in and gone goes out. flushed says that fresh holds
// the frozen memtable.
func (s *Store) commit(l manifest.Run, fresh *openRun, gone []*openRun, flushed bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed() {
		return ErrClosed
	}
	out := map[string]bool{}
	for _, r := range gone {
		out[r.file] = true
	}
	listed := slices.DeleteFunc(slices.Clone(s.manifest.Runs), func(r manifest.Run) bool { return out[r.File] })
	if fresh != nil {
		listed = append(listed, l)
	}
	if err := s.saveManifest(listed); err != nil {
		return err
	}
	for _, r := range gone {
		r.obsolete.Store(true)
	}
	s.setView(func(v *view) *view {
		runs := slices.DeleteFunc(slices.Clone(v.runs), func(r *openRun) bool { return out[r.file] })
		if fresh != nil {
			runs = append(runs, fresh)
		}
		tables := v.tables
		if flushed {
			tables = tables[:1]
		}
		return newView(tables, runs, v.damage)
	})
	return nil
}

// closed reports whether Close has let go of the directory; s.mu is held.
func (s *Store) closed() bool {
	s.viewing.Lock()
	defer s.viewing.Unlock()
	return s.view == nil
}

// install adopts a run just written and commits it; if that fails, the file
// goes.
func (s *Store) install(file string, info run.Info, gone []*openRun, flushed bool) error {
	l, fresh, err := s.adopt(file, info)
	if err == nil {
		if err = s.commit(l, fresh, gone, flushed); err == nil {
			return nil
		}
		fresh.Close()
	}
	os.Remove(filepath.Join(s.dir, file))
	return err
}

// saveManifest saves the manifest with these runs; s.mu is held.
func (s *Store) saveManifest(runs []manifest.Run) error {
	m := s.manifest
	m.Runs = runs
	m.Recorded = s.recorded.Load()
	m.Since = s.earliest.Load()
	m.Until = s.opts.Load().Now().Unix()
	m.Dropped = s.dropCounts()
	if err := m.Save(s.dir); err != nil {
		return err
	}
	s.manifest = m
	s.saved = time.Now()
	return nil
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
// a while.
func (s *Store) beat() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	same := s.manifest.Recorded == s.recorded.Load() && maps.Equal(s.manifest.Dropped, s.dropCounts())
	if same && time.Since(s.saved) < heartbeat {
		return nil
	}
	return s.saveManifest(s.manifest.Runs)
}

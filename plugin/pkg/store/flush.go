package store

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store/memtable"
	"example.org/pdns/plugin/pkg/store/run"
)

// heartbeat is how often the manifest is saved while nothing is recorded, so
// that readers know how far the silence reaches.
const heartbeat = time.Minute

// flushLoop writes the memtable to disk when its time has come or it fills up. The
// time counts from where the flush before began: what that takes delays nothing.
func (s *Store) flushLoop(ctx context.Context) {
	for begun := time.Now(); ; {
		timer := time.NewTimer(time.Until(begun.Add(s.opts.Load().Flush)))
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		case <-s.kick:
			timer.Stop()
		}
		begun = time.Now()
		if err := s.Flush(ctx); err != nil && ctx.Err() == nil {
			s.report(err)
			// A full disk does not empty at once.
			select {
			case <-ctx.Done():
			case <-time.After(time.Second):
			}
		}
	}
}

// Flush writes the memtable to disk now and returns when it is safe there. Of a
// store that is written by cuts alone it is Sync.
func (s *Store) Flush(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if s.opts.Load().ByCut {
		return s.Sync(ctx)
	}
	s.flushing.Lock()
	defer s.flushing.Unlock()
	if s.active.Load() == nil {
		return ErrClosed
	}
	return s.flushLocked(ctx)
}

func (s *Store) flushLocked(ctx context.Context) error {
	if err := s.retry(ctx); err != nil {
		return err
	}
	if s.freeze(s.seal(s.Imports())) {
		if err := s.writeFrozen(ctx); err != nil {
			return err
		}
	}
	return s.beat()
}

// freeze puts a new memtable in place of the active one, with the seal that was
// taken for it; false if that is empty.
func (s *Store) freeze(sealed *seal) bool {
	old := s.active.Load()
	if old.Len() == 0 {
		return false
	}
	fresh := memtable.New()
	s.swapView(func(v *view) *view {
		st := v.state
		st.tables = []*memtable.Table{fresh, old}
		return newView(st)
	}).release()
	s.active.Store(fresh)
	old.Seal()
	s.frozen, s.sealed = old, sealed
	signal(s.room)
	return true
}

// writeFrozen writes the frozen memtable to a run and puts that in its place.
func (s *Store) writeFrozen(ctx context.Context) (err error) {
	defer func() {
		if s.stuck.Store(nil); err != nil {
			s.stuck.Store(&err)
		}
	}()
	start := time.Now()
	file, written := s.nextFile()
	defer written()
	l := s.look()
	info, err := writeTable(filepath.Join(s.dir, file), s.frozen, s.opts.Load(), l.add)
	if err != nil {
		l.cancel()
		return fmt.Errorf("flush: %w", err)
	}
	// Before the run counts: what is new in it is not new any more then.
	l.finish()
	if err := s.install(ctx, file, info, change{wrote: s.frozen, seal: s.sealed}); err != nil {
		return fmt.Errorf("flush: %w", err)
	}
	s.frozen.Release()
	s.frozen, s.sealed, s.news.told = nil, nil, nil
	s.saveTracker()
	signal(s.room)
	signal(s.settled)
	if f := s.opts.Load().Events.Flushed; f != nil {
		f(FlushInfo{Records: info.Records, Bytes: info.Bytes, Took: time.Since(start)})
	}
	return nil
}

// writeTable writes a sealed table to a run, and calls visit with each record in order.
func writeTable(path string, t *memtable.Table, o *Options, visit func([]byte, *rrset.Figures)) (run.Info, error) {
	w, err := run.Create(path, run.Options{Compression: run.Fast, MaxSize: o.MaxRunBytes})
	if err != nil {
		return run.Info{}, err
	}
	defer w.Abort()
	b := run.NewBuilder(w, t.Len())
	for key, f := range t.Sorted {
		if err := b.Add(key, f); err != nil {
			return run.Info{}, err
		}
		visit(key, f)
	}
	if err := b.Finish(); err != nil {
		return run.Info{}, err
	}
	return w.Finish(o.Now(), nil)
}

package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofrs/flock"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store/manifest"
	"example.org/pdns/plugin/pkg/store/memtable"
)

// Errors that callers branch on.
var (
	// ErrFull: the memtable is at its limit and the flush has not caught up.
	ErrFull = errors.New("store: memtable full")
	// ErrClosed: the store was closed.
	ErrClosed = errors.New("store: closed")
	// ErrLocked: another process writes to the directory.
	ErrLocked = errors.New("store: directory is locked by another writer")
	// ErrReadOnly: a run is missing, and nothing is recorded before it is back or
	// the store was repaired.
	ErrReadOnly = errors.New("store: read-only")
	// ErrIncomplete: a run could not be read; what it holds is missing from the
	// answer.
	ErrIncomplete = errors.New("store: incomplete answer")
)

// A Store is a directory opened for writing, and a Source. All methods are safe
// for concurrent use.
type Store struct {
	dir  string
	lock *flock.Flock
	opts atomic.Pointer[Options]

	active   atomic.Pointer[memtable.Table] // nil once closed
	recorded tally
	dropped  sync.Map     // reason -> *atomic.Uint64
	latest   atomic.Int64 // last of any record added, Unix seconds
	reached  atomic.Int64 // up to when the manifest said at first
	restraint

	viewing sync.Mutex // guards view; held for moments, since searches wait for it
	view    *view      // nil once closed

	mu       sync.Mutex // guards what follows, and saving the manifest; taken before viewing
	manifest manifest.Manifest
	loose    map[string]bool // files of runs that do not count -> is being written
	saved    time.Time       // when the manifest was; zero if it may not be safe on disk
	watched  bool            // whether this process has looked at the clock

	doubting sync.Mutex       // guards what follows
	unfit    map[string]error // runs that a merge found damaged
	waits    map[string]wait  // runs that a merge failed on, until it is tried again

	flushing sync.Mutex // held by whoever flushes
	frozen   *memtable.Table
	news     news
	sealed   *seal                 // what is true once it is written; nil: no more than before
	stuck    atomic.Pointer[error] // why the last flush failed; nil if it did not
	readOnly atomic.Pointer[error] // why nothing is recorded; nil if it is
	merging  sync.Mutex            // held by whoever merges
	room     chan struct{}
	kick     chan struct{} // tells the flusher that the memtable fills up
	settled  chan struct{} // tells the merger that runs have changed
	stop     context.CancelFunc
	wg       sync.WaitGroup
}

// Open opens or creates the store in dir and locks it. The error matches
// ErrLocked if another process, or this one, has it open for writing. A store of
// which a run is missing opens as well, and is read-only: see ReadOnly.
func Open(dir string, o Options) (*Store, error) {
	if err := makeDir(dir); err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	lock, err := lockDir(dir)
	if err != nil {
		return nil, err
	}
	s := &Store{
		dir: dir, lock: lock, unfit: map[string]error{}, waits: map[string]wait{}, loose: map[string]bool{},
		room: make(chan struct{}, 1), kick: make(chan struct{}, 1), settled: make(chan struct{}, 1),
	}
	o = o.withDefaults()
	s.opts.Store(&o)
	if err := s.load(); err != nil {
		lock.Unlock()
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	s.stop = cancel
	if why := s.ReadOnly(); why != nil {
		lock.Unlock()
		s.tellReadOnly(why)
		s.wg.Go(func() { s.awaitRepair(ctx) })
		return s, nil
	}
	s.work(ctx)
	return s, nil
}

// work begins what a writer does in the background.
func (s *Store) work(ctx context.Context) {
	if !s.opts.Load().ByCut {
		s.wg.Go(func() { s.flushLoop(ctx) })
	}
	s.wg.Go(func() { s.mergeLoop(ctx) })
	signal(s.settled)
}

// Reconfigure changes the options of an open store.
func (s *Store) Reconfigure(o Options) {
	o = o.withDefaults()
	s.opts.Store(&o)
	signal(s.kick)
	signal(s.settled)
}

// Find streams what q matches; see Source.
func (s *Store) Find(ctx context.Context, q Query) iter.Seq2[*rrset.RRset, error] {
	return find(ctx, s.acquire, q)
}

func (s *Store) acquire() (*view, error) {
	s.viewing.Lock()
	defer s.viewing.Unlock()
	if s.view == nil {
		return nil, ErrClosed
	}
	s.view.refs.Add(1)
	return s.view, nil
}

// swapView replaces the view and returns the one before, still held: releasing
// it may close and remove files, which no search should wait for. Searches under
// way keep the old one.
func (s *Store) swapView(change func(*view) *view) *view {
	s.viewing.Lock()
	defer s.viewing.Unlock()
	old := s.view
	s.view = change(old)
	return old
}

// Close writes everything that Add has taken to disk and unlocks the directory.
// Additions and searches that come later find it closed; searches under way go
// on to their end.
func (s *Store) Close() error {
	s.stop()
	s.wg.Wait()
	s.flushing.Lock()
	defer s.flushing.Unlock()
	last := s.active.Swap(nil)
	if last == nil {
		return nil
	}
	// What is added from here on finds the table sealed, and no other.
	last.Seal()
	var sealed *seal
	if !s.opts.Load().ByCut { // else the last cut has said so
		sealed = s.seal(s.Imports())
	}
	err := s.writeLast(last, sealed)
	if err != nil {
		sealed = nil
	}
	s.saveTracker()
	err = errors.Join(err, s.news.close())
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ReadOnly() == nil {
		err = errors.Join(err, s.saveManifest(sealed, s.manifest.Runs))
	}
	s.swapView(func(*view) *view { return nil }).release()
	return errors.Join(err, s.lock.Unlock())
}

// writeLast writes what is in memory and lets go of it: what an earlier flush could
// not write, and the last table, unless cuts alone write.
func (s *Store) writeLast(last *memtable.Table, sealed *seal) error {
	err := s.writeAway(s.frozen, s.sealed)
	if s.opts.Load().ByCut {
		last.Release()
		return err
	}
	if err != nil { // what came before is lost
		sealed = nil
	}
	return errors.Join(err, s.writeAway(last, sealed))
}

// writeAway writes a table, which is let go whatever happens.
func (s *Store) writeAway(t *memtable.Table, sealed *seal) (err error) {
	if t == nil {
		return nil
	}
	if t.Len() > 0 {
		s.frozen, s.sealed = t, sealed
		if err = s.writeFrozen(context.Background()); err == nil {
			return nil
		}
	}
	t.Release()
	return err
}

func (s *Store) report(err error) {
	if f := s.opts.Load().Events.Error; f != nil && err != nil {
		f(err)
	}
}

var _ Source = (*Store)(nil)

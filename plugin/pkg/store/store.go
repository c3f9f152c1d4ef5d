package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofrs/flock"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store/durable"
	"example.org/pdns/plugin/pkg/store/manifest"
	"example.org/pdns/plugin/pkg/store/memtable"
	"example.org/pdns/plugin/pkg/store/record"
)

// Errors that callers branch on.
var (
	// ErrFull: the memtable is at its limit and the flush has not caught up.
	ErrFull = errors.New("store: memtable full")
	// ErrClosed: the store was closed.
	ErrClosed = errors.New("store: closed")
	// ErrLocked: another process writes to the directory.
	ErrLocked = errors.New("store: directory is locked by another writer")
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
	rdata    atomic.Int64 // how many the memtable holds, roughly
	dropped  sync.Map     // reason -> *atomic.Uint64
	earliest atomic.Int64 // first of any record, Unix seconds
	latest   atomic.Int64 // last of any record added
	reached  atomic.Int64 // up to when the manifest said at first

	viewing sync.Mutex // guards view; held for moments, since searches wait for it
	view    *view      // nil once closed

	mu       sync.Mutex // guards what follows, and saving the manifest; taken before viewing
	manifest manifest.Manifest
	saved    time.Time // when the manifest was

	doubting sync.Mutex       // guards what follows
	unfit    map[string]error // runs that a merge found damaged
	waits    map[string]wait  // runs that a merge failed on, until it is tried again

	flushing sync.Mutex // held by whoever flushes
	frozen   *memtable.Table
	sealed   *seal                 // of the cut that froze it; nil if a flush did
	stuck    atomic.Pointer[error] // why the last flush failed; nil if it did not
	merging  sync.Mutex            // held by whoever merges
	room     chan struct{}
	kick     chan struct{} // tells the flusher that the memtable fills up
	settled  chan struct{} // tells the merger that runs have changed
	stop     context.CancelFunc
	wg       sync.WaitGroup
}

// Open opens or creates the store in dir and locks it. The error matches
// ErrLocked if another process, or this one, has it open for writing.
func Open(dir string, o Options) (*Store, error) {
	if err := makeDir(dir); err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	lock, err := lockDir(dir)
	if err != nil {
		return nil, err
	}
	s := &Store{
		dir: dir, lock: lock, unfit: map[string]error{}, waits: map[string]wait{},
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
	if !o.ByCut {
		s.wg.Go(func() { s.flushLoop(ctx) })
	}
	s.wg.Go(func() { s.mergeLoop(ctx) })
	signal(s.settled)
	return s, nil
}

// makeDir makes the directory, for good if it was not there. It belongs to whoever
// makes it: root gives away files, not places.
func makeDir(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return durable.SyncDir(filepath.Dir(filepath.Clean(dir)))
}

// load reads the manifest and opens its runs. A run that does not open is left
// where it is and told: the others answer.
func (s *Store) load() error {
	m, err := loadManifest(s.dir)
	if err != nil {
		return err
	}
	s.manifest = *m
	s.recorded.Store(m.Recorded)
	s.earliest.Store(m.Since)
	s.reached.Store(m.Until)
	for reason, n := range m.Dropped {
		s.Dropped(reason).Store(n)
	}
	s.removeStrays()
	runs, damage := openRuns(s.dir, m.Runs, nil)
	for _, err := range damage {
		s.report(err)
	}
	table := memtable.New()
	s.active.Store(table)
	s.view = newView(state{[]*memtable.Table{table}, m.Runs, runs, damage})
	releaseAll(runs)
	return nil
}

// loadManifest reads the manifest, or makes the first one of an empty directory.
func loadManifest(dir string) (*manifest.Manifest, error) {
	m, err := manifest.Load(dir)
	if !errors.Is(err, os.ErrNotExist) {
		return m, err
	}
	if stray, _ := filepath.Glob(filepath.Join(dir, "*.run")); len(stray) > 0 {
		return nil, fmt.Errorf("store: %s holds runs such as %s but no %s: it was lost, and only it says which runs count",
			dir, filepath.Base(stray[0]), manifest.File)
	}
	m = &manifest.Manifest{Next: 1}
	return m, m.Save(dir)
}

// removeStrays removes what a crash left: files half written, and runs that
// never made it into the manifest or had already left it.
func (s *Store) removeStrays() {
	listed := map[string]bool{}
	for _, r := range s.manifest.Runs {
		listed[r.File] = true
	}
	files, _ := filepath.Glob(filepath.Join(s.dir, "*.run"))
	temps, _ := filepath.Glob(filepath.Join(s.dir, "*.run.tmp"))
	os.Remove(filepath.Join(s.dir, manifest.File+".tmp"))
	for _, f := range append(files, temps...) {
		number, _, _ := strings.Cut(filepath.Base(f), ".")
		if _, err := strconv.ParseUint(number, 10, 64); err == nil && !listed[filepath.Base(f)] {
			os.Remove(f)
		}
	}
}

// Add takes in observations of an RRset, which is not kept: one observation of
// a resolver (First = Last, Count = 1) or the figures of many from an import.
// It never blocks on disk: the error is ErrFull or ErrClosed, or says what is
// wrong with r. Nothing is allocated for an RRset that the memtable holds.
func (s *Store) Add(r *rrset.RRset) error { return s.add(r, 0) }

// AddSpare is Add for those who can wait: it leaves a part of the memory to those
// who cannot, who would else never find room beside them.
func (s *Store) AddSpare(r *rrset.RRset) error { return s.add(r, s.opts.Load().Memory/32) }

// add takes an observation in if so much memory is left behind it.
func (s *Store) add(r *rrset.RRset, spare int) error {
	var buf [keyRoom]byte
	key := record.AppendKey(buf[:0], r)
	for {
		t := s.active.Load()
		if t == nil {
			return ErrClosed
		}
		outcome := t.Update(key, &r.Figures)
		if outcome == memtable.Missing {
			if err := check(r); err != nil {
				return err
			}
			if s.crowded(t, spare) && !s.opts.Load().ByCut {
				return ErrFull
			}
			if outcome = t.Insert(key, &r.Figures); outcome != memtable.Sealed {
				s.rdata.Add(int64(len(r.Rdata)))
			}
		}
		if outcome != memtable.Sealed { // else a flush has begun, with a new table
			s.recorded.add(key, r.Count)
			s.noteTimes(r)
			return nil
		}
	}
}

// keyRoom is how long a key may be to need no room of its own: longer RRsets
// are rare.
const keyRoom = 1024

// crowded reports whether a table takes no new RRset that leaves so much to spare.
// Half of the memory is for the table being filled, half for the one being written.
func (s *Store) crowded(t *memtable.Table, spare int) bool {
	limit := s.opts.Load().Memory / 2
	bytes := t.Bytes()
	if bytes > limit-limit/8 {
		signal(s.kick)
	}
	return bytes > limit-spare
}

func (s *Store) noteTimes(r *rrset.RRset) {
	first := sinceFirst(r.First)
	for {
		at := s.earliest.Load()
		if at != 0 && at <= first || s.earliest.CompareAndSwap(at, first) {
			break
		}
	}
	for {
		at := s.latest.Load()
		if at >= r.Last || s.latest.CompareAndSwap(at, r.Last) {
			return
		}
	}
}

// check reports what is wrong with an RRset that is to be stored.
func check(r *rrset.RRset) error {
	if err := rrset.CheckName(r.Owner); err != nil {
		return fmt.Errorf("rrname: %w", err)
	}
	switch {
	case r.Bailiwick != nil && !rrset.Encloses(r.Bailiwick, r.Owner):
		return fmt.Errorf("bailiwick %s: not at or above rrname %s", rrset.NameString(r.Bailiwick), rrset.NameString(r.Owner))
	case r.First < 0 || r.Last < r.First:
		return fmt.Errorf("times: first %d, last %d: want 0 <= first <= last", r.First, r.Last)
	case r.Count == 0:
		return errors.New("count: want 1 or more")
	case r.TTLMax < r.TTLMin:
		return fmt.Errorf("ttl: from %d to %d", r.TTLMin, r.TTLMax)
	case len(r.Rdata) == 0 && r.Type != rrset.TypeNXDOMAIN:
		return errors.New("rdata: none")
	}
	for _, rd := range r.Rdata {
		if err := rrset.CheckRdata(r.Type, rd); err != nil {
			return fmt.Errorf("rdata: %w", err)
		}
	}
	return nil
}

// AddWait is AddSpare that waits for room in the memtable: back-pressure.
// If there is none because flushes fail, the error says why.
func (s *Store) AddWait(ctx context.Context, r *rrset.RRset) error {
	for {
		err := s.AddSpare(r)
		if !errors.Is(err, ErrFull) {
			return err
		}
		if stuck := s.stuck.Load(); stuck != nil {
			return fmt.Errorf("%w: %w", err, *stuck)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.room: // wakes one; the others look for themselves
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// signal wakes whoever waits on c, without blocking.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Dropped returns the counter of observations left out for a reason; it is kept
// with the store and told in Coverage.
func (s *Store) Dropped(reason string) *atomic.Uint64 {
	if c, ok := s.dropped.Load(reason); ok {
		return c.(*atomic.Uint64)
	}
	c, _ := s.dropped.LoadOrStore(reason, new(atomic.Uint64))
	return c.(*atomic.Uint64)
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
	err := s.writeLast(last)
	s.mu.Lock()
	defer s.mu.Unlock()
	err = errors.Join(err, s.saveManifest(s.manifest.Runs))
	s.swapView(func(*view) *view { return nil }).release()
	return errors.Join(err, s.lock.Unlock())
}

// writeLast writes what is in memory: what an earlier flush could not write,
// and the last table.
func (s *Store) writeLast(last *memtable.Table) error {
	var errs []error
	tables := []*memtable.Table{s.frozen, last}
	if s.opts.Load().ByCut {
		tables = tables[:1]
	}
	for _, t := range tables {
		if t != nil && t.Len() > 0 {
			s.frozen = t
			errs = append(errs, s.writeFrozen(context.Background()))
		}
	}
	return errors.Join(errs...)
}

func (s *Store) report(err error) {
	if f := s.opts.Load().Events.Error; f != nil && err != nil {
		f(err)
	}
}

var _ Source = (*Store)(nil)

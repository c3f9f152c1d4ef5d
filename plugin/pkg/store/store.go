package store

import (
	"context"
	"errors"
	"iter"
	"sync/atomic"
	"time"

	"example.org/pdns/plugin/pkg/rrset"
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

// Options of a store that is opened for writing. Zero values are defaults.
type Options struct {
	Flush  time.Duration // longest time from observation to disk; default 10s
	Memory int           // bytes that the memtable may hold; default 256 MiB
	Keep   time.Duration // runs whose newest record is older are unlinked; 0: for ever
	// Windows are the calendar units of the merge, smallest first; default
	// hour, day, month, year.
	Windows []Window
	Now     func() time.Time // clock of flushes, windows and retention; default time.Now

	// Events are told what the background does. Calls come from background
	// goroutines and must not block.
	Events Events
}

// Events of the background work; nil functions are not called.
type Events struct {
	Flushed func(FlushInfo)
	Merged  func(MergeInfo)
	Error   func(error) // a flush, merge or retention that went wrong and will be tried again
}

// A FlushInfo describes a memtable written to a run.
type FlushInfo struct {
	Records uint64
	Bytes   int64 // size of the run
	Took    time.Duration
}

// A MergeInfo describes runs merged into one.
type MergeInfo struct {
	Runs    int // runs read
	Records uint64
	Bytes   int64 // size of the run written
	Took    time.Duration
}

// A Window is a calendar unit, in UTC.
type Window string

// The windows.
const (
	Hour  Window = "hour"
	Day   Window = "day"
	Month Window = "month"
	Year  Window = "year"
)

// Coverage says what a history can know.
type Coverage struct {
	Since    time.Time         // when recording began; zero: nothing was recorded
	Until    time.Time         // up to when what was recorded can be found
	Recorded uint64            // observations taken in
	Dropped  map[string]uint64 // observations left out, by reason
}

// Stats describes a source.
type Stats struct {
	Runs     []RunInfo
	Memtable MemtableInfo // zero for readers and snapshots
}

// A MemtableInfo describes what has not been flushed yet.
type MemtableInfo struct {
	Records int
	Bytes   int
	Limit   int // bytes
}

// A RunInfo describes one run.
type RunInfo struct {
	File                  string
	Window                string    // "2019-08-01T10 hour" and the like; empty for one that spans none
	First                 time.Time // oldest and newest time of any record
	Last                  time.Time
	Records               uint64
	Bytes                 int64
	Rrset, Rdata, Leading int64  // bytes of each index, as stored
	Damage                string // empty, or why the run does not answer
}

// A Store is a directory opened for writing, and a Source. All methods are safe
// for concurrent use.
type Store struct{}

// Open opens or creates the store in dir and locks it. The error matches
// ErrLocked if another process, or this one, has it open for writing.
func Open(dir string, o Options) (*Store, error) { return nil, errors.New("under construction") }

// OpenReader opens a store's directory beside its writer, or a snapshot file,
// for reading. The directory is followed: each query sees what has been flushed
// by then.
func OpenReader(path string) (Source, error) { return nil, errors.New("under construction") }

// Add takes in observations of an RRset, which is not kept: one observation of
// a resolver (First = Last, Count = 1) or the figures of many from an import.
// It never blocks on disk: the error is ErrFull or ErrClosed, or says what is
// wrong with r. Nothing is allocated for an RRset that the memtable holds.
func (s *Store) Add(r *rrset.RRset) error { return ErrClosed }

// AddWait is Add that waits for room in the memtable: back-pressure for imports.
func (s *Store) AddWait(ctx context.Context, r *rrset.RRset) error { return ErrClosed }

// Dropped returns the counter of observations left out for a reason; it is kept
// with the store and told in Coverage.
func (s *Store) Dropped(reason string) *atomic.Uint64 { return new(atomic.Uint64) }

// Flush writes the memtable to disk now and returns when it is safe there.
func (s *Store) Flush(ctx context.Context) error { return ErrClosed }

// Reconfigure changes options of an open store: flush, memory, keep, windows.
func (s *Store) Reconfigure(o Options) {}

func (s *Store) Find(ctx context.Context, q Query) iter.Seq2[*rrset.RRset, error] { return nil }
func (s *Store) Coverage() (Coverage, error)                                      { return Coverage{}, nil }
func (s *Store) Stats() (Stats, error)                                            { return Stats{}, nil }
func (s *Store) Close() error                                                     { return nil }

// Merge merges every run into the largest window that it fits, or, with all
// set, everything into one run. For the command line; the background does the
// former by itself.
func (s *Store) Merge(ctx context.Context, all bool, progress func(done, total uint64)) error {
	return nil
}

// SnapshotOptions choose what goes into a snapshot.
type SnapshotOptions struct {
	Fences
	Zone     []byte                   // only this name and below; nil: everything
	Progress func(done, total uint64) // records read so far, and of how many; may be nil
}

// Snapshot writes one consistent, compact file of everything that src holds, or
// of a part, to path, which must not exist. It needs no lock: src may be live.
func Snapshot(ctx context.Context, src Source, path string, o SnapshotOptions) error { return nil }

// A Finding is something that Verify found wrong.
type Finding struct {
	File  string
	Place string // the page, block or record
	Err   error
}

// Verify walks every page and record of every run of a directory or snapshot
// and reports what is wrong, in order. It returns an error if it could not walk
// at all.
func Verify(ctx context.Context, path string, report func(Finding), progress func(done, total uint64)) error {
	return nil
}

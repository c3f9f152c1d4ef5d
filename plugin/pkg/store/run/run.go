// Package run keeps the sealed files of a store: bbolt databases that are
// written once, in key order, and never change again.
//
// A run holds records and two indexes over them. Records are RRsets, sorted by
// reversed owner, type, bailiwick and rdata; each has an ordinal, its position
// in that order. The indexes, by rdata and by leading labels, hold ordinals:
// figures are written once. Since a run never changes, ordinals are safe, and
// since they ascend, a large pivot is one forward pass over the records.
//
// Everything lies in blocks of some 16 KiB that carry a checksum. bbolt maps
// files into memory and trusts their pages; a damaged page can make it panic,
// and a file cut short makes the processor fault. Every access to a page is
// therefore guarded, and ends in an error that matches ErrDamaged.
package run

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// Format is the version of the files that this package writes. It reads format 1
// too, which had another index by leading labels: searches by these walk all of
// such a run, until a merge has written it anew.
const Format = 2

// Buckets of a run's file.
var (
	bucketRrset       = []byte("rrset")        // first key of a block -> block of records
	bucketOrdinal     = []byte("ordinal")      // first ordinal of a block -> its key in rrset
	bucketRdata       = []byte("rdata")        // first key of a block -> block of postings by rdata
	bucketLeading     = []byte("leading")      // segment and first hash of a block -> block of groups by leading labels
	bucketRrsetFilter = []byte("rrset-filter") // first owner -> filter over owners
	bucketRdataFilter = []byte("rdata-filter") // first key -> filter over rdata keys
	bucketMeta        = []byte("meta")         // format, info, coverage

	dataBuckets = [][]byte{bucketRrset, bucketOrdinal, bucketRdata, bucketLeading, bucketRrsetFilter, bucketRdataFilter}

	keyFormat   = []byte("format")
	keyInfo     = []byte("info")
	keyCoverage = []byte("coverage")
)

// Info says what a run holds.
type Info struct {
	Records  uint64 `json:"records"`
	Postings uint64 `json:"postings"` // entries of the index by rdata: record and key pairs
	Starts   uint64 `json:"starts"`   // entries of the index by leading labels
	First    int64  `json:"first"`    // earliest first of any record, Unix seconds
	Last     int64  `json:"last"`     // latest last
	Created  int64  `json:"created"`  // Unix seconds
	Bytes    int64  `json:"-"`        // size of the file

	// Small: it was written with the compression of that name.
	Small bool `json:"small,omitempty"`

	// Entries by bucket: what the tree of the file must lead to.
	Entries map[string]uint64 `json:"entries"`

	// Bytes of the blocks of each index.
	RrsetBytes   int64 `json:"rrset_bytes"`
	RdataBytes   int64 `json:"rdata_bytes"`
	LeadingBytes int64 `json:"leading_bytes"`
}

// A Run is an open run. It is safe for concurrent use.
type Run struct {
	path   string
	db     *bolt.DB
	format uint32
	info   Info
	// pin keeps the mapping, which the filters point into.
	pin             *bolt.Tx
	owners, targets *filters // nil: damaged, so that everything may be there
	impaired        error
	closing         sync.Once
	// dead: a fault inside bbolt has left its locks held, for good.
	dead atomic.Bool
}

// Open opens a run. Any number of processes may have it open.
func Open(path string) (*Run, error) {
	r := &Run{path: path}
	st, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	r.info.Bytes = st.Size()
	entries, err := r.walk()
	if err != nil {
		return nil, err
	}
	err = r.guard(func() (err error) {
		// The time-out matters if the file is open for writing: it is no run yet.
		r.db, err = bolt.Open(path, 0o600, &bolt.Options{ReadOnly: true, Timeout: time.Second})
		switch {
		case errors.Is(err, bolterrors.ErrInvalid), errors.Is(err, bolterrors.ErrVersionMismatch), errors.Is(err, bolterrors.ErrChecksum):
			return fmt.Errorf("%w: %s: %w", ErrDamaged, path, err)
		case err != nil:
			return fmt.Errorf("%s: %w", path, err)
		}
		return r.load(entries)
	})
	if err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

func (r *Run) load(entries map[string]uint64) (err error) {
	if r.pin, err = r.begin(); err != nil {
		return err
	}
	if pages := r.pin.Size(); r.info.Bytes < pages {
		return fmt.Errorf("%w: %s: %d bytes where %d were written", ErrDamaged, r.path, r.info.Bytes, pages)
	}
	meta := r.pin.Bucket(bucketMeta)
	if meta == nil {
		return fmt.Errorf("%w: %s: no run: bucket meta is missing", ErrDamaged, r.path)
	}
	f := meta.Get(keyFormat)
	if len(f) == 4 {
		r.format = binary.BigEndian.Uint32(f)
	}
	if r.format < 1 || r.format > Format {
		return formatError(r.path, f)
	}
	if err := r.loadJSON(meta, keyInfo, &r.info); err != nil {
		return err
	}
	for _, b := range dataBuckets {
		if n, want := entries[string(b)], r.info.Entries[string(b)]; r.pin.Bucket(b) == nil || n != want {
			return fmt.Errorf("%w: %s: bucket %s has %d entries where %d were written", ErrDamaged, r.path, b, n, want)
		}
	}
	if err := r.checkCount(); err != nil {
		return err
	}
	var owners, targets error
	r.owners, owners = loadFilters(r.pin, bucketRrsetFilter)
	r.targets, targets = loadFilters(r.pin, bucketRdataFilter)
	if err := errors.Join(owners, targets); err != nil {
		r.impaired = fmt.Errorf("%s: %w", r.path, err)
	}
	return nil
}

// checkCount compares the number of records with the ordinal that the last block
// begins with: what is made for so many would else be as large as a file wants it.
func (r *Run) checkCount() error {
	last, _ := r.pin.Bucket(bucketOrdinal).Cursor().Last()
	first := uint64(0)
	if len(last) == 4 {
		first = uint64(binary.BigEndian.Uint32(last))
	}
	if r.info.Records > first+maxPayload || r.info.Records < first || (last == nil) != (r.info.Records == 0) {
		return fmt.Errorf("%w: %s: %d records, the last block of which begins with number %d", ErrDamaged, r.path, r.info.Records, first)
	}
	return nil
}

// walk walks the tree of the file before bbolt does.
func (r *Run) walk() (map[string]uint64, error) {
	f, err := os.Open(r.path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	counts, err := entries(f, r.info.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.path, err)
	}
	return counts, nil
}

// begin begins a transaction. bbolt takes its locks before it reads a page; if
// that faults they stay held, so that nothing may enter it again, not even to
// close the file.
func (r *Run) begin() (*bolt.Tx, error) {
	if r.dead.Load() {
		return nil, fmt.Errorf("%w: %s: given up", ErrDamaged, r.path)
	}
	returned := false
	defer func() {
		if !returned {
			r.dead.Store(true)
		}
	}()
	tx, err := r.db.Begin(false)
	returned = true
	return tx, err
}

func (r *Run) loadJSON(meta *bolt.Bucket, key []byte, v any) error {
	frame := meta.Get(key)
	if frame == nil {
		return nil
	}
	b, err := place{bucketMeta, key}.unpackFrame(nil, frame)
	if err == nil {
		err = json.Unmarshal(b, v)
	}
	if err != nil {
		return fmt.Errorf("%w: %s: meta %s: %w", ErrDamaged, r.path, key, err)
	}
	return nil
}

// Path is the file.
func (r *Run) Path() string { return r.path }

// Info says what the run holds.
func (r *Run) Info() Info { return r.info }

// Coverage decodes into v what the writer gave to Finish; v is left alone if
// that was nothing.
func (r *Run) Coverage(v any) error {
	return r.guard(func() error { return r.loadJSON(r.pin.Bucket(bucketMeta), keyCoverage, v) })
}

// Close closes the run. No cursor may be open. The descriptor of a run whose
// file has faulted inside bbolt is kept: closing it would wait for ever.
func (r *Run) Close() error {
	var err error
	r.closing.Do(func() {
		if r.dead.Load() {
			return
		}
		if r.pin != nil {
			r.pin.Rollback()
		}
		if r.db != nil {
			err = r.db.Close()
		}
	})
	return err
}

// guard runs f, which touches mapped pages, and turns what a damaged file can
// do, a panic of bbolt or a fault of the processor, into an error.
func (r *Run) guard(f func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %s: %v", ErrDamaged, r.path, p)
		}
	}()
	return f()
}

// Impaired says what of the run is damaged though its answers are whole: filters,
// which only make look-ups fast. A merge mends it.
func (r *Run) Impaired() error { return r.impaired }

// MayHoldOwner reports whether a reversed owner can be in the run; nearly all
// owners that are not are told.
func (r *Run) MayHoldOwner(reversed []byte) bool { return r.mayHold(r.owners, reversed) }

// MayHoldRdata is MayHoldOwner for an rdata posting key without its type.
func (r *Run) MayHoldRdata(key []byte) bool { return r.mayHold(r.targets, key) }

func (r *Run) mayHold(f *filters, key []byte) bool {
	if f == nil {
		return true
	}
	yes := true
	err := r.guard(func() error { yes = f.mayHold(key); return nil })
	return yes || err != nil
}

// ErrFormat is wrapped by the error about a run of another version: it is whole,
// perhaps, but not for this program.
var ErrFormat = errors.New("of another version")

func formatError(path string, format []byte) error {
	if len(format) != 4 {
		return fmt.Errorf("%w: %s: format %x: want 4 bytes", ErrDamaged, path, format)
	}
	return fmt.Errorf("%s: %w: format %d: this version reads formats 1 to %d", path, ErrFormat, binary.BigEndian.Uint32(format), Format)
}

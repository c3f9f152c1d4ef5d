// Package pebble is Pebble with a merger that adds figures, so that nothing is
// read before it is written.
package pebble

import (
	"context"
	"io"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/test/bench/peers/peer"
)

type tree struct {
	db  *pebble.DB
	dir string
}

// Open opens a new database in dir. There is no log: what a crash may lose is
// what the memtables hold, as in the store that it is compared with.
func Open(dir string) (peer.Peer, error) {
	o := &pebble.Options{
		DisableWAL:   true,
		MemTableSize: 64 << 20,
		CacheSize:    128 << 20,
		Merger:       &pebble.Merger{Name: "figures", Merge: merge},
		Logger:       quiet{},
	}
	o.ApplyCompressionSettings(func() pebble.DBCompressionSettings { return pebble.DBCompressionGood })
	db, err := pebble.Open(dir, o)
	if err != nil {
		return nil, err
	}
	return peer.OfTree(&tree{db, dir}), nil
}

// quiet says nothing of what goes well.
type quiet struct{}

func (quiet) Infof(string, ...any)  {}
func (quiet) Errorf(string, ...any) {}
func (quiet) Fatalf(format string, args ...any) {
	pebble.DefaultLogger.Fatalf(format, args...)
}

// A sum merges values; it does not matter which of them is older.
type sum struct{ figures rrset.Figures }

func merge(_, value []byte) (pebble.ValueMerger, error) {
	f, err := peer.ParseFigures(value)
	return &sum{f}, err
}

func (s *sum) MergeNewer(value []byte) error {
	f, err := peer.ParseFigures(value)
	if err == nil {
		s.figures.Add(&f)
	}
	return err
}

func (s *sum) MergeOlder(value []byte) error { return s.MergeNewer(value) }

func (s *sum) Finish(bool) ([]byte, io.Closer, error) {
	return peer.AppendFigures(nil, s.figures), nil, nil
}

// Put writes a batch.
func (t *tree) Put(batch []peer.Entry) error {
	b := t.db.NewBatch()
	defer b.Close()
	for i := range batch {
		if err := put(b, &batch[i]); err != nil {
			return err
		}
	}
	return b.Commit(pebble.NoSync)
}

func put(b *pebble.Batch, e *peer.Entry) error {
	var room [512]byte
	return e.Each(func(tree byte, key, value []byte) error {
		key = append(append(room[:0], tree), key...)
		if tree == peer.Forward {
			return b.Merge(key, value, nil)
		}
		return b.Set(key, value, nil)
	})
}

// Flush writes the memtables to files.
func (t *tree) Flush() error { return t.db.Flush() }

// Settle flushes, and waits until no compaction is under way or due.
func (t *tree) Settle() error {
	if err := t.Flush(); err != nil {
		return err
	}
	for still := 0; still < 3; time.Sleep(10 * time.Millisecond) {
		if still++; t.db.Metrics().Compact.NumInProgress > 0 {
			still = 0
		}
	}
	return nil
}

// Scan reads keys with a prefix.
func (t *tree) Scan(name byte, prefix []byte, yield func(key, value []byte) bool) error {
	lower := append([]byte{name}, prefix...)
	it, err := t.db.NewIter(&pebble.IterOptions{LowerBound: lower, UpperBound: peer.After(lower)})
	if err != nil {
		return err
	}
	for ok := it.First(); ok && yield(it.Key()[1:], it.Value()); ok = it.Next() {
	}
	return it.Close()
}

// Size is that of the directory, when everything is compacted.
func (t *tree) Size() (int64, error) {
	if err := t.db.Compact(context.Background(), []byte{peer.Forward}, []byte{peer.Tails + 1}, true); err != nil {
		return 0, err
	}
	if err := t.Settle(); err != nil {
		return 0, err
	}
	return peer.DirSize(t.dir)
}

// Close closes the database.
func (t *tree) Close() error { return t.db.Close() }

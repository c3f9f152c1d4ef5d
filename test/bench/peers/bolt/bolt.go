// Package bolt is one bbolt file that is upserted by random key, as a plugin
// that keeps its data in bbolt would do it first.
package bolt

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"

	bolt "go.etcd.io/bbolt"

	"example.org/pdns/test/bench/peers/peer"
)

type tree struct {
	db   *bolt.DB
	path string
}

// Open opens a new file in dir.
func Open(dir string) (peer.Peer, error) {
	path := filepath.Join(dir, "bolt.db")
	db, err := bolt.Open(path, 0o600, &bolt.Options{FreelistType: bolt.FreelistMapType, NoFreelistSync: true})
	if err != nil {
		return nil, err
	}
	return peer.OfTree(&tree{db, path}), nil
}

// Put upserts a batch in one transaction, each bucket in order of its keys: bbolt
// splits pages at the end, and takes keys in any other order very slowly until then.
func (t *tree) Put(batch []peer.Entry) error {
	return t.db.Update(func(tx *bolt.Tx) error {
		forward, err := tx.CreateBucketIfNotExists([]byte{peer.Forward})
		if err != nil {
			return err
		}
		others := map[byte][]pair{peer.Inverse: nil, peer.Tails: nil}
		for i := range batch {
			if err := upsert(forward, others, &batch[i]); err != nil {
				return err
			}
		}
		for name, pairs := range others {
			if err := put(tx, name, pairs); err != nil {
				return err
			}
		}
		return nil
	})
}

// A pair is what a bucket is to hold.
type pair struct{ key, value []byte }

// upsert adds up what is held; what else there is of an RRset is there then.
func upsert(forward *bolt.Bucket, others map[byte][]pair, e *peer.Entry) error {
	if held := forward.Get(e.ID); held != nil {
		sum, err := peer.MergeFigures(nil, held, peer.AppendFigures(nil, e.Figures))
		if err != nil {
			return err
		}
		return forward.Put(e.ID, sum)
	}
	return e.Each(func(tree byte, key, value []byte) error {
		if tree == peer.Forward {
			return forward.Put(key, bytes.Clone(value))
		}
		others[tree] = append(others[tree], pair{bytes.Clone(key), bytes.Clone(value)})
		return nil
	})
}

func put(tx *bolt.Tx, name byte, pairs []pair) error {
	b, err := tx.CreateBucketIfNotExists([]byte{name})
	if err != nil {
		return err
	}
	slices.SortFunc(pairs, func(a, b pair) int { return bytes.Compare(a.key, b.key) })
	for _, p := range pairs {
		if err := b.Put(p.key, p.value); err != nil {
			return err
		}
	}
	return nil
}

// Flush has nothing to do: each transaction is on disk when it ends.
func (t *tree) Flush() error { return nil }

// Settle has nothing to do either.
func (t *tree) Settle() error { return nil }

// Scan reads from a bucket.
func (t *tree) Scan(name byte, prefix []byte, yield func(key, value []byte) bool) error {
	return t.db.View(func(tx *bolt.Tx) error {
		b := tx.Bucket([]byte{name})
		if b == nil {
			return nil
		}
		c := b.Cursor()
		for k, v := c.Seek(prefix); k != nil && bytes.HasPrefix(k, prefix); k, v = c.Next() {
			if !yield(k, v) {
				return nil
			}
		}
		return nil
	})
}

// Size is that of a file into which everything is copied in order.
func (t *tree) Size() (size int64, err error) {
	path := t.path + ".compact"
	dst, err := bolt.Open(path, 0o600, &bolt.Options{NoSync: true})
	if err != nil {
		return 0, err
	}
	defer os.Remove(path)
	if err := errors.Join(bolt.Compact(dst, t.db, 1<<20), dst.Close()); err != nil {
		return 0, err
	}
	return peer.FileSize(path)
}

// Close closes the file.
func (t *tree) Close() error { return t.db.Close() }

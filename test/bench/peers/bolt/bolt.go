// Package bolt is one bbolt file that is upserted by random key, as a plugin
// that keeps its data in bbolt would do it first.
package bolt

import (
	"bytes"
	"os"
	"path/filepath"

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

// Put upserts a batch in one transaction.
func (t *tree) Put(batch []peer.Entry) error {
	return t.db.Update(func(tx *bolt.Tx) error {
		buckets := map[byte]*bolt.Bucket{}
		for _, name := range []byte{peer.Forward, peer.Inverse, peer.Tails} {
			b, err := tx.CreateBucketIfNotExists([]byte{name})
			if err != nil {
				return err
			}
			buckets[name] = b
		}
		for i := range batch {
			if err := upsert(buckets, &batch[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// upsert adds up what is held; what else there is of an RRset is there then.
func upsert(buckets map[byte]*bolt.Bucket, e *peer.Entry) error {
	if held := buckets[peer.Forward].Get(e.ID); held != nil {
		sum, err := peer.MergeFigures(nil, held, peer.AppendFigures(nil, e.Figures))
		if err != nil {
			return err
		}
		return buckets[peer.Forward].Put(e.ID, sum)
	}
	return e.Each(func(tree byte, key, value []byte) error {
		return buckets[tree].Put(bytes.Clone(key), bytes.Clone(value))
	})
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

// Size is that of the file as it has grown.
func (t *tree) Size() (int64, error) {
	info, err := os.Stat(t.path)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// Close closes the file.
func (t *tree) Close() error { return t.db.Close() }

package run

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"sync"

	bolt "go.etcd.io/bbolt"
)

// A blocks walks the blocks of one bucket. What it returns is a copy: nothing
// outside a guard touches the mapped file.
type blocks struct {
	run     *Run
	bucket  []byte
	tx      *bolt.Tx
	cursor  *bolt.Cursor
	ordinal *bolt.Cursor // of bucketOrdinal, made when needed
	payload *[]byte      // from payloads
}

// payloads are the buffers of cursors that have closed.
var payloads = sync.Pool{New: func() any { return new([]byte) }}

// open begins a transaction of its own: bbolt's are not safe for concurrent use.
func (b *blocks) open() (err error) {
	if b.cursor != nil {
		return nil
	}
	if b.tx, err = b.run.begin(); err != nil {
		return err
	}
	b.payload = payloads.Get().(*[]byte)
	bucket := b.tx.Bucket(b.bucket)
	if bucket == nil {
		return fmt.Errorf("%w: %s: bucket %s is missing", ErrDamaged, b.run.path, b.bucket)
	}
	b.cursor = bucket.Cursor()
	return nil
}

func (b *blocks) close() {
	if b.tx != nil {
		b.tx.Rollback()
	}
	if b.payload != nil {
		payloads.Put(b.payload)
	}
	b.tx, b.cursor, b.ordinal, b.payload = nil, nil, nil, nil
}

// seek returns the first block that can hold key or what sorts behind it; nil
// if there is none.
func (b *blocks) seek(key []byte) (payload []byte, err error) {
	err = b.run.guard(func() error {
		if err := b.open(); err != nil {
			return err
		}
		k, v := b.cursor.Seek(key)
		switch {
		case k == nil:
			k, v = b.cursor.Last()
		case !bytes.Equal(k, key):
			if k, v = b.cursor.Prev(); k == nil {
				k, v = b.cursor.First()
			}
		}
		if payload, err = b.load(k, v); err != nil || k == nil {
			return err
		}
		return b.checkPlace(k, key)
	})
	return payload, err
}

// checkPlace reports whether the block with key k, to which the cursor points,
// is where a search for key had to end: a damaged branch page leads elsewhere.
func (b *blocks) checkPlace(k, key []byte) error {
	before, _ := b.cursor.Prev()
	if before == nil {
		b.cursor.First()
	} else {
		b.cursor.Next()
	}
	after, _ := b.cursor.Next()
	if after == nil {
		b.cursor.Last()
	} else {
		b.cursor.Prev()
	}
	if before != nil && (bytes.Compare(before, k) >= 0 || bytes.Compare(k, key) > 0) || after != nil && bytes.Compare(after, key) <= 0 {
		return fmt.Errorf("%w: %s: %s: block %x is not where %x belongs", ErrDamaged, b.run.path, b.bucket, k, key)
	}
	return nil
}

// seekOrdinal returns the block of records that holds an ordinal.
func (b *blocks) seekOrdinal(o uint32) (payload []byte, err error) {
	err = b.run.guard(func() error {
		if err := b.open(); err != nil {
			return err
		}
		if b.ordinal == nil {
			b.ordinal = b.tx.Bucket(bucketOrdinal).Cursor()
		}
		want := binary.BigEndian.AppendUint32(nil, o)
		at, key := b.ordinal.Seek(want)
		if at == nil {
			_, key = b.ordinal.Last()
		} else if !bytes.Equal(at, want) {
			_, key = b.ordinal.Prev()
		}
		k, v := b.cursor.Seek(key)
		if !bytes.Equal(k, key) {
			return fmt.Errorf("%w: %s: ordinal %d has no block", ErrDamaged, b.run.path, o)
		}
		payload, err = b.load(k, v)
		return err
	})
	return payload, err
}

// next returns the block behind the last one; nil at the end.
func (b *blocks) next() (payload []byte, err error) {
	err = b.run.guard(func() error {
		payload, err = b.load(b.cursor.Next())
		return err
	})
	return payload, err
}

// first and following walk the blocks with their keys, behind damaged ones too:
// an error with a key is about that block alone.
func (b *blocks) first() (key, payload []byte, err error) {
	return b.walk(func() (k, v []byte) { return b.cursor.First() })
}

func (b *blocks) following() (key, payload []byte, err error) {
	return b.walk(func() (k, v []byte) { return b.cursor.Next() })
}

func (b *blocks) walk(move func() (k, v []byte)) (key, payload []byte, err error) {
	err = b.run.guard(func() error {
		if err := b.open(); err != nil {
			return err
		}
		k, v := move()
		key = bytes.Clone(k)
		payload, err = b.load(k, v)
		return err
	})
	return key, payload, err
}

func (b *blocks) load(key, frame []byte) ([]byte, error) {
	if key == nil {
		return nil, nil
	}
	payload, err := place{b.bucket, key}.unpackFrame((*b.payload)[:0], frame)
	*b.payload = payload
	if err != nil {
		return nil, fmt.Errorf("%s: %s, block with key %x: %w", b.run.path, b.bucket, key, err)
	}
	return payload, nil
}

package run

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	bolt "go.etcd.io/bbolt"

	"example.org/pdns/plugin/pkg/store/durable"
)

// Finish seals the run: what remains is written, the file is cut to its size,
// synced and renamed into place. Coverage, if not nil, is kept as JSON.
func (w *Writer) Finish(created time.Time, coverage any) (Info, error) {
	if err := w.flushAll(); err != nil {
		return Info{}, err
	}
	w.info.Created = created.Unix()
	if err := w.writeMeta(coverage); err != nil {
		return Info{}, err
	}
	if err := w.commit(); err != nil {
		return Info{}, err
	}
	if err := w.trim(); err != nil {
		return Info{}, fmt.Errorf("%s: %w", w.temp, err)
	}
	if err := durable.Rename(w.temp, w.path); err != nil {
		os.Remove(w.path) // no manifest lists it
		return Info{}, err
	}
	return w.info, nil
}

// trim closes the database and cuts off what bbolt had it grow by in advance.
func (w *Writer) trim() error {
	db := w.db
	w.db = nil
	err := db.View(func(tx *bolt.Tx) error {
		w.info.Bytes = tx.Size()
		return nil
	})
	if err := errors.Join(err, db.Close()); err != nil {
		return err
	}
	f, err := durable.Reopen(w.temp, w.made)
	if err != nil {
		return err
	}
	return errors.Join(f.Truncate(w.info.Bytes), f.Close())
}

func (w *Writer) flushAll() error {
	for _, flush := range []func() error{
		w.flushRecords, w.flushPostings, w.filters[0].flush, w.filters[1].flush,
		func() error { return w.leading.end(w.writeLeading) },
	} {
		if err := flush(); err != nil {
			return err
		}
	}
	return nil
}

func (w *Writer) writeMeta(coverage any) error {
	if err := w.put(bucketMeta, keyFormat, binary.BigEndian.AppendUint32(nil, Format)); err != nil {
		return err
	}
	if coverage != nil {
		if err := w.putJSON(keyCoverage, coverage); err != nil {
			return err
		}
	}
	return w.putJSON(keyInfo, w.info)
}

func (w *Writer) putJSON(key []byte, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return w.put(bucketMeta, key, place{bucketMeta, key}.appendFrame(nil, b, Fast))
}

// Abort drops the run. After Finish it does nothing.
func (w *Writer) Abort() {
	if w.tx != nil {
		w.tx.Rollback()
		w.tx = nil
	}
	if w.db != nil {
		w.db.Close()
		w.db = nil
	}
	os.Remove(w.temp)
}

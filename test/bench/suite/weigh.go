package main

import (
	"errors"
	"strings"

	bolt "go.etcd.io/bbolt"

	"example.org/pdns/plugin/pkg/store"
)

// weigh tells what a snapshot consists of, in bytes an RRset: keys and values of
// each bucket, and the rest, which is that of bbolt. FORMAT.md of the store names
// the buckets.
func weigh(path string, f figures) error {
	src, err := store.OpenReader(path)
	if err != nil {
		return err
	}
	st, err := src.Stats()
	if err = errors.Join(err, src.Close()); err != nil {
		return err
	}
	records := float64(st.Runs[0].Records)
	f["rrsets"] = records
	f["bytes"] = float64(st.Runs[0].Bytes) / records
	f["bytes.bbolt"] = f["bytes"]
	db, err := bolt.Open(path, 0, &bolt.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	err = db.View(func(tx *bolt.Tx) error {
		return tx.ForEach(func(name []byte, b *bolt.Bucket) error {
			size := 0
			err := b.ForEach(func(k, v []byte) error {
				size += len(k) + len(v)
				return nil
			})
			f[bucketKey(string(name))] += float64(size) / records
			f["bytes.bbolt"] -= float64(size) / records
			return err
		})
	})
	return errors.Join(err, db.Close())
}

// bucketKey is the key of the row that a bucket belongs to.
func bucketKey(bucket string) string {
	switch {
	case bucket == "rrset", bucket == "rdata", bucket == "leading":
		return "bytes." + bucket
	case bucket == "ordinal": // of the records
		return "bytes.rrset"
	case strings.HasSuffix(bucket, "-filter"):
		return "bytes.filters"
	}
	return "bytes.other"
}

package run

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"sort"

	"github.com/FastFilter/xorfilter"
	bolt "go.etcd.io/bbolt"

	"example.org/pdns/plugin/pkg/store/record"
)

// filterKeys is how many keys one filter covers. Filters are cut by key range,
// so that building one needs little memory however large the run is.
const filterKeys = 1 << 16

// A filterWriter makes filters of the distinct keys of an index, which come in
// order.
type filterWriter struct {
	builder xorfilter.BinaryFuseBuilder
	first   []byte // first key of the filter being collected
	last    []byte
	hashes  []uint64
	put     func(key, value []byte) error
}

func (w *filterWriter) add(key []byte) error {
	if len(w.hashes) > 0 && bytes.Equal(w.last, key) {
		return nil
	}
	if len(w.hashes) == filterKeys {
		if err := w.flush(); err != nil {
			return err
		}
	}
	if len(w.hashes) == 0 {
		w.first = append(w.first[:0], key...)
	}
	w.last = append(w.last[:0], key...)
	w.hashes = append(w.hashes, record.FilterHash(key))
	return nil
}

func (w *filterWriter) flush() error {
	if len(w.hashes) == 0 {
		return nil
	}
	f, err := xorfilter.BuildBinaryFuse[uint8](&w.builder, w.hashes)
	if err != nil {
		return fmt.Errorf("filter over %d keys: %w", len(w.hashes), err)
	}
	w.hashes = w.hashes[:0]
	return w.put(w.first, appendFilter(nil, &f))
}

// appendFilter writes a binary fuse filter: its parameters, then fingerprints.
func appendFilter(dst []byte, f *xorfilter.BinaryFuse[uint8]) []byte {
	dst = binary.LittleEndian.AppendUint64(dst, f.Seed)
	for _, v := range []uint32{f.SegmentLength, f.SegmentLengthMask, f.SegmentCount, f.SegmentCountLength} {
		dst = binary.LittleEndian.AppendUint32(dst, v)
	}
	return append(dst, f.Fingerprints...)
}

const filterHeader = 8 + 4*4

func parseFilter(b []byte) (f xorfilter.BinaryFuse8, err error) {
	if len(b) < filterHeader {
		return f, fmt.Errorf("%w: filter of %d bytes", ErrDamaged, len(b))
	}
	f.Seed = binary.LittleEndian.Uint64(b)
	f.SegmentLength = binary.LittleEndian.Uint32(b[8:])
	f.SegmentLengthMask = binary.LittleEndian.Uint32(b[12:])
	f.SegmentCount = binary.LittleEndian.Uint32(b[16:])
	f.SegmentCountLength = binary.LittleEndian.Uint32(b[20:])
	f.Fingerprints = b[filterHeader:]
	if uint64(len(f.Fingerprints)) != uint64(f.SegmentCountLength)+2*uint64(f.SegmentLength) || f.SegmentLengthMask != f.SegmentLength-1 {
		return f, fmt.Errorf("%w: filter of %d fingerprints in segments of %d", ErrDamaged, len(f.Fingerprints), f.SegmentLength)
	}
	return f, nil
}

// filters are the filters of one index, in key order.
type filters []filter

type filter struct {
	first []byte
	xorfilter.BinaryFuse8
}

// loadFilters reads the filters of a bucket, which stay in the mapped file.
// Their checksums are taken now: a look-up believes a filter that denies.
func loadFilters(tx *bolt.Tx, bucket []byte) (*filters, error) {
	var fs filters
	err := tx.Bucket(bucket).ForEach(func(k, v []byte) error {
		body, err := place{bucket, k}.body(v)
		if err != nil {
			return fmt.Errorf("%s: %w", bucket, err)
		}
		if len(fs) > 0 && bytes.Compare(fs[len(fs)-1].first, k) >= 0 {
			return fmt.Errorf("%w: %s: keys do not ascend", ErrDamaged, bucket)
		}
		f, err := parseFilter(body)
		fs = append(fs, filter{k, f})
		return err
	})
	if err != nil {
		return nil, err
	}
	return &fs, nil
}

func (fs filters) mayHold(key []byte) bool {
	i := sort.Search(len(fs), func(i int) bool { return bytes.Compare(fs[i].first, key) > 0 })
	return i > 0 && fs[i-1].Contains(record.FilterHash(key))
}

package workload

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store/record"
)

// maxKey is longer than the record key of any RRset that fits into a message.
const maxKey = 1 << 20

// AppendRecord appends an observation in the simplest form that a program in any
// language reads: all numbers are unsigned varints (LEB128, as in protobuf).
//
//	length of the key
//	key: as package record makes it (FORMAT.md of the store draws it)
//	first, last: Unix seconds
//	count
//	lowest and highest TTL, seconds
//	marks: bits of rrset.Marks
//
// A file holds records without anything before, between or behind them. Where two
// records have the same key a store keeps one: the smaller first, the larger last,
// the counts added, the lowest and the highest TTL, the marks of both.
func AppendRecord(dst []byte, r *rrset.RRset) []byte {
	var room [1024]byte
	key := record.AppendKey(room[:0], r)
	dst = binary.AppendUvarint(dst, uint64(len(key)))
	dst = append(dst, key...)
	for _, n := range [...]uint64{uint64(r.First), uint64(r.Last), r.Count, uint64(r.TTLMin), uint64(r.TTLMax), uint64(r.Marks)} {
		dst = binary.AppendUvarint(dst, n)
	}
	return dst
}

// A RecordReader reads what AppendRecord has written.
type RecordReader struct {
	in  *bufio.Reader
	key []byte
	n   int // records read
}

// NewRecordReader reads records from r.
func NewRecordReader(r io.Reader) *RecordReader {
	return &RecordReader{in: bufio.NewReaderSize(r, 1<<20)}
}

// Next returns the next record; the key is valid until the next call. The error is
// io.EOF behind the last record, and says which record is wrong else.
func (r *RecordReader) Next() (key []byte, f rrset.Figures, err error) {
	size, err := binary.ReadUvarint(r.in)
	if errors.Is(err, io.EOF) {
		return nil, f, io.EOF
	}
	if r.n++; err == nil && size > maxKey {
		err = fmt.Errorf("key of %d octets, want at most %d", size, maxKey)
	}
	if err == nil {
		f, err = r.read(int(size))
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, f, fmt.Errorf("record %d: %w", r.n, err)
	}
	return r.key, f, nil
}

// read reads what follows the length of a key.
func (r *RecordReader) read(size int) (f rrset.Figures, err error) {
	if cap(r.key) < size {
		r.key = make([]byte, size)
	}
	r.key = r.key[:size]
	if _, err := io.ReadFull(r.in, r.key); err != nil {
		return f, err
	}
	var n [6]uint64
	for i := range n {
		if n[i], err = binary.ReadUvarint(r.in); err != nil {
			return f, err
		}
	}
	return rrset.Figures{
		First: int64(n[0]), Last: int64(n[1]), Count: n[2],
		TTLMin: uint32(n[3]), TTLMax: uint32(n[4]), Marks: rrset.Marks(n[5]),
	}, nil
}

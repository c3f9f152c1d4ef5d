package cof

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"example.org/pdns/plugin/pkg/rrset"
)

// maxLine is the longest line that a Reader takes, in bytes.
const maxLine = 1 << 20

// A LineError is about one line. The Reader can go on behind it.
type LineError struct {
	Line int // from 1
	Err  error
}

func (e *LineError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }
func (e *LineError) Unwrap() error { return e.Err }

// A Reader reads the records of a stream of lines, which may be compressed by
// gzip or zstd; that is recognised by content. It is not safe for concurrent use.
type Reader struct {
	in    *bufio.Reader
	close func()
	dec   *decoder
	long  []byte // a line longer than in's buffer
	lines int
}

// NewReader returns a Reader of r, whose beginning it reads. It is an error if
// that is no text.
func NewReader(r io.Reader) (*Reader, error) {
	in, done, err := decompress(bufio.NewReaderSize(r, 64<<10))
	if err == nil {
		err = checkText(in)
	}
	if err != nil {
		return nil, err
	}
	return &Reader{in: in, close: done, dec: newDecoder()}, nil
}

var (
	gzipMagic = []byte{0x1f, 0x8b}
	zstdMagic = []byte{0x28, 0xb5, 0x2f, 0xfd}
	utf8Mark  = []byte{0xef, 0xbb, 0xbf} // which some editors put first
)

func decompress(in *bufio.Reader) (*bufio.Reader, func(), error) {
	start, err := in.Peek(len(zstdMagic))
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, nil, err
	}
	switch {
	case bytes.HasPrefix(start, gzipMagic):
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, nil, fmt.Errorf("gzip: %w", err)
		}
		return bufio.NewReaderSize(z, 64<<10), func() { z.Close() }, nil
	case bytes.HasPrefix(start, zstdMagic):
		z, err := zstd.NewReader(in, zstd.WithDecoderLowmem(true))
		if err != nil {
			return nil, nil, fmt.Errorf("zstd: %w", err)
		}
		return bufio.NewReaderSize(z, 64<<10), z.Close, nil
	case bytes.HasPrefix(start, utf8Mark):
		_, err := in.Discard(len(utf8Mark))
		return in, func() {}, err
	}
	return in, func() {}, nil
}

var bboltMagic = []byte{0xed, 0xda, 0x0c, 0xed}

// checkText tells in one error what would else be a wrong line each: no text
// begins with NUL octets, and a bbolt database, as a snapshot is, does.
func checkText(in *bufio.Reader) error {
	start, err := in.Peek(32)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil // it comes again where it is read
	}
	switch {
	case bytes.IndexByte(start, 0) < 0:
		return nil
	case bytes.Contains(start, bboltMagic):
		return errors.New("is a snapshot or a run of a store, not NDJSON")
	}
	return errors.New("is a binary file, not NDJSON")
}

// Close frees what decompression holds. It does not close the underlying reader.
func (r *Reader) Close() { r.close() }

// Lines is how many lines have been read.
func (r *Reader) Lines() int { return r.lines }

// Next returns the next record, valid until the next call; keep a Clone. Lines
// without a record are skipped. The error is io.EOF at the end, a *LineError
// for a line that is wrong, or what ended the stream too early.
func (r *Reader) Next() (*rrset.RRset, error) {
	for {
		line, err := r.line()
		if err != nil {
			return nil, err
		}
		record, err := r.dec.decode(line)
		if err != nil {
			return nil, &LineError{Line: r.lines, Err: err}
		}
		if record != nil {
			return record, nil
		}
	}
}

// line returns the next line, valid until the next call.
func (r *Reader) line() ([]byte, error) {
	part, err := r.in.ReadSlice('\n')
	if err == nil || errors.Is(err, io.EOF) && len(part) > 0 {
		r.lines++
		return part, nil
	}
	r.long = r.long[:0]
	size := 0
	for errors.Is(err, bufio.ErrBufferFull) {
		size += len(part)
		if size <= maxLine {
			r.long = append(r.long, part...)
		}
		part, err = r.in.ReadSlice('\n')
	}
	if errors.Is(err, io.EOF) && size == 0 {
		return nil, io.EOF
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("behind line %d: %w", r.lines, err)
	}
	r.lines++
	if size += len(part); size > maxLine {
		return nil, &LineError{Line: r.lines, Err: fmt.Errorf("%d bytes, want at most %d", size, maxLine)}
	}
	r.long = append(r.long, part...)
	return r.long, nil
}

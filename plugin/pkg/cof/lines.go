package cof

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// maxLine is the longest line that Lines takes, in bytes.
const maxLine = 1 << 20

// A LineError is about one line.
type LineError struct {
	Line uint64 // from 1
	Err  error
}

func (e *LineError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }
func (e *LineError) Unwrap() error { return e.Err }

// Lines reads a stream line by line: what each holds, a Decoder says. It is not
// safe for concurrent use.
type Lines struct {
	in    *bufio.Reader
	long  []byte // a line longer than in's buffer
	count uint64
	open  bool // the last line has no end
}

// NewLines returns the lines of r.
func NewLines(r io.Reader) *Lines { return &Lines{in: bufio.NewReaderSize(r, 64<<10)} }

// Count is how many lines have been read.
func (l *Lines) Count() uint64 { return l.count }

// Open reports whether the last line that was read has no end, as the last one of
// a stream that is still being written.
func (l *Lines) Open() bool { return l.open }

// Next returns the next line, valid until the next call. The error is io.EOF at
// the end, a *LineError for a line that is too long, behind which it goes on, or
// what ended the stream too early.
func (l *Lines) Next() ([]byte, error) {
	part, err := l.in.ReadSlice('\n')
	line, size := part, len(part)
	if errors.Is(err, bufio.ErrBufferFull) {
		line, size, err = l.rest(part)
	}
	switch ended := errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF); {
	case ended && size == 0:
		return nil, io.EOF
	case err != nil && !ended:
		return nil, fmt.Errorf("behind line %d: %w", l.count, err)
	}
	l.open = err != nil
	if l.count++; size > maxLine {
		return nil, &LineError{Line: l.count, Err: fmt.Errorf("%d bytes, want at most %d", size, maxLine)}
	}
	if l.count == 1 {
		line = bytes.TrimPrefix(line, byteOrderMark)
	}
	return line, nil
}

// byteOrderMark is what some editors put first.
var byteOrderMark = []byte{0xef, 0xbb, 0xbf}

// rest reads on in a line that begins with part. Of one that is too long only the
// size is right.
func (l *Lines) rest(part []byte) (line []byte, size int, err error) {
	l.long, err = l.long[:0], bufio.ErrBufferFull
	for {
		if size += len(part); size <= maxLine {
			l.long = append(l.long, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return l.long, size, err
		}
		part, err = l.in.ReadSlice('\n')
	}
}

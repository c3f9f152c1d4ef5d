package novelty

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"

	"example.org/pdns/plugin/pkg/store/durable"
)

// maxLine is how long a line of the log may be: an event with rdata of 64 KiB is shorter.
const maxLine = 1 << 20

// An end is the last line of a batch.
type end struct {
	Logged int64 `json:"end_of_batch"` // Unix seconds
	Events int   `json:"events"`
	Shed   int   `json:"shed"` // events that were found and had no room
}

var endBegins = []byte(`{"end_of_batch":`)

func (e *end) appendJSON(dst []byte) []byte {
	b, err := json.Marshal(e)
	if err != nil {
		panic(err) // of three numbers
	}
	return append(dst, b...)
}

// A Reader reads the batches of a log, oldest first, while it is written, by this
// process or another. It is not safe for concurrent use.
type Reader struct {
	dir  string
	stem stem
	from int64
	file string // that is being read
	at   int64  // behind its last batch
	last int64  // when the last batch was logged

	opened int // how often a file was opened
}

// NewReader returns a Reader of the batches that were logged behind from, in Unix
// seconds: those of domains and hosts, or those of RRsets.
func NewReader(dir string, ofRRsets bool, from int64) *Reader {
	r := &Reader{dir: dir, stem: names, from: from, last: from}
	if ofRRsets {
		r.stem = rrsets
	}
	return r
}

// Last is when the last batch that was read was logged, or where the reader began.
func (r *Reader) Last() int64 { return r.last }

// Next calls visit with the events of each batch that has come since the last call, and
// then, unless it is nil, batch with how many of them had no room. An event is valid
// until visit returns. It returns at the end of what is there; a directory without a log
// holds nothing. After an error of visit, the batch comes again.
//
// A line that cannot be read is left out: the error is that of the first one, and comes
// when the rest was read.
func (r *Reader) Next(visit func(*Event) error, batch func(logged int64, shed int)) error {
	found, err := segments(r.dir, r.stem)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var bad error
	for i, s := range found {
		if s.file < r.file || i+1 < len(found) && found[i+1].begin <= r.last && s.file != r.file {
			continue
		}
		if s.file != r.file {
			r.file, r.at = s.file, 0
		}
		err := r.readFile(visit, batch)
		var e *LineError
		switch {
		case errors.As(err, &e):
			bad = cmp.Or(bad, err)
		case errors.Is(err, fs.ErrNotExist): // it went for its age
		case err != nil:
			return err
		}
	}
	return bad
}

// A LineError is about a line of the log that cannot be read.
type LineError struct {
	File   string
	Offset int64 // where the line begins
	Err    error
}

func (e *LineError) Error() string { return fmt.Sprintf("%s, at byte %d: %v", e.File, e.Offset, e.Err) }

// Unwrap returns what is wrong with the line.
func (e *LineError) Unwrap() error { return e.Err }

func (r *Reader) readFile(visit func(*Event) error, batch func(int64, int)) error {
	path := filepath.Join(r.dir, r.file)
	f, err := os.OpenFile(path, os.O_RDONLY|durable.NoFollow, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	r.opened++
	st, err := f.Stat()
	if err != nil || st.Size() <= r.at {
		return err
	}
	if _, err := f.Seek(r.at, io.SeekStart); err != nil {
		return err
	}
	return r.readBatches(path, bufio.NewReaderSize(io.LimitReader(f, st.Size()-r.at), 64<<10), visit, batch)
}

// readBatches holds the lines of a batch back until its end has come.
func (r *Reader) readBatches(path string, in *bufio.Reader, visit func(*Event) error, batch func(int64, int)) error {
	var bad error
	var held []byte
	for at := r.at; ; {
		line, err := readLine(in, held)
		begin := len(held)
		if err == io.EOF {
			return bad // the batch has no end yet
		}
		if err != nil {
			r.at = math.MaxInt64 // no line of the file can be told from another any more
			return &LineError{path, at, err}
		}
		at += int64(len(line) - begin)
		held = line
		if !bytes.HasPrefix(line[begin:], endBegins) {
			continue
		}
		var e end
		if err := json.Unmarshal(line[begin:], &e); err != nil {
			bad = cmp.Or[error](bad, &LineError{path, at - int64(len(line)-begin), err})
		} else if e.Logged > r.from {
			if err := tell(path, at-int64(len(held)), held[:begin], visit); err != nil {
				var l *LineError
				if !errors.As(err, &l) {
					return err
				}
				bad = cmp.Or(bad, err)
			}
			if batch != nil {
				batch(e.Logged, e.Shed)
			}
		}
		r.at, r.last = at, max(r.last, e.Logged)
		held = held[:0]
	}
}

var errTooLong = errors.New("too long, want a line of an event")

// readLine appends a line to dst. One without its end is io.EOF.
func readLine(in *bufio.Reader, dst []byte) ([]byte, error) {
	begin := len(dst)
	for {
		part, err := in.ReadSlice('\n')
		dst = append(dst, part...)
		if len(dst)-begin > maxLine || len(dst) > 2*batchBytes {
			return dst, errTooLong
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return dst, err
		}
	}
}

// tell gives the events in lines to visit. at is where the lines begin in their file.
func tell(path string, at int64, lines []byte, visit func(*Event) error) error {
	var bad error
	for len(lines) > 0 {
		n := bytes.IndexByte(lines, '\n') + 1
		e, err := ParseEvent(lines[:n-1])
		if err != nil {
			bad = cmp.Or[error](bad, &LineError{path, at, err})
		} else if err := visit(e); err != nil {
			return err
		}
		lines, at = lines[n:], at+int64(n)
	}
	return bad
}

// lastLogged is when the last batch in a directory was logged; 0 if there is none.
func lastLogged(dir string) (last int64, err error) {
	for _, s := range []stem{names, rrsets} {
		found, err := segments(dir, s)
		if err != nil {
			return 0, err
		}
		if len(found) == 0 {
			continue
		}
		newest := found[len(found)-1]
		r := &Reader{dir: dir, stem: s, file: newest.file, from: math.MaxInt64}
		err = r.readFile(func(*Event) error { return nil }, nil)
		var l *LineError
		if err != nil && !errors.As(err, &l) {
			// It cannot be read, but when it was written can.
			st, err := os.Lstat(filepath.Join(dir, newest.file))
			if err != nil {
				return 0, err
			}
			r.last = st.ModTime().Unix()
		}
		last = max(last, newest.begin, r.last)
	}
	return last, nil
}

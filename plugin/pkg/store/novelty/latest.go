package novelty

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"

	"example.org/pdns/plugin/pkg/store/durable"
)

// Latest yields the selected events of the log in a directory, the newest first. It reads
// files from their ends, so that who wants a few events reads no more of a large log.
//
// The context's error ends it. One about a line that cannot be read, a LineError, comes
// last, when the rest was told; lines that cannot be meant are not looked at.
func Latest(ctx context.Context, dir string, s Selection) iter.Seq2[*Event, error] {
	return func(yield func(*Event, error) bool) {
		var parts []*backward
		defer func() {
			for _, b := range parts {
				b.stop()
			}
		}()
		for _, st := range s.stems() {
			parts = append(parts, newBackward(ctx, dir, st, &s))
		}
		var bad error
		for {
			newest, err := latestOf(parts)
			if err != nil {
				var l *LineError
				if !errors.As(err, &l) {
					yield(nil, err)
					return
				}
				bad = cmp.Or(bad, err)
				continue
			}
			if newest == nil {
				break
			}
			e := newest.event
			newest.event = nil
			if !yield(e, nil) {
				return
			}
		}
		if bad != nil {
			yield(nil, bad)
		}
	}
}

// latestOf is the one whose next event is the newest; nil if there is none.
func latestOf(parts []*backward) (newest *backward, err error) {
	for _, b := range parts {
		for b.event == nil && !b.over {
			e, err, ok := b.next()
			if err != nil {
				return nil, err
			}
			b.event, b.over = e, !ok
		}
		if b.event != nil && (newest == nil || b.event.Logged >= newest.event.Logged) {
			newest = b
		}
	}
	return newest, nil
}

// A backward is what files of one stem tell, from the end.
type backward struct {
	ctx   context.Context
	dir   string
	want  *Selection
	sieve sieve

	next  func() (*Event, error, bool)
	stop  func()
	event *Event
	over  bool
}

func newBackward(ctx context.Context, dir string, st stem, s *Selection) *backward {
	b := &backward{ctx: ctx, dir: dir, want: s, sieve: s.sieve()}
	b.next, b.stop = iter.Pull2(func(yield func(*Event, error) bool) {
		found, err := segments(dir, st)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			yield(nil, err)
			return
		}
		slices.Reverse(found)
		for i, g := range found {
			if s.Until != 0 && g.begin > s.Until {
				continue
			}
			// What a file holds was logged before the next begins.
			if i > 0 && found[i-1].begin <= s.Since || !b.file(g.file, yield) {
				return
			}
		}
	})
	return b
}

// file yields what one holds, and reports whether to go on to those before it.
func (b *backward) file(name string, yield func(*Event, error) bool) bool {
	path := filepath.Join(b.dir, name)
	f, err := os.OpenFile(path, os.O_RDONLY|durable.NoFollow, 0)
	if errors.Is(err, fs.ErrNotExist) { // it went for its age
		return true
	}
	if err != nil {
		return yield(nil, err)
	}
	defer f.Close()
	in, err := newLinesBack(f)
	if err != nil {
		return yield(nil, err)
	}
	counts := false // the batch that a line is of has its end, and is in the window
	for n := 0; ; n++ {
		if n%256 == 0 && b.ctx.Err() != nil {
			yield(nil, b.ctx.Err())
			return false
		}
		line, at, err := in.previous()
		switch {
		case err == io.EOF:
			return true
		case err != nil:
			return yield(nil, &LineError{path, at, err})
		case bytes.HasPrefix(line, endBegins):
			var e end
			if err := json.Unmarshal(line, &e); err != nil {
				counts = false
				if !yield(nil, &LineError{path, at, err}) {
					return false
				}
				continue
			}
			if e.Logged <= b.want.Since {
				return false
			}
			counts = b.want.Until == 0 || e.Logged <= b.want.Until
		case counts && b.sieve.passes(line):
			e, err := ParseEvent(line)
			if err != nil {
				err = &LineError{path, at, err}
			} else if !b.want.Has(e) {
				continue
			}
			if !yield(e, err) {
				return false
			}
		}
	}
}

// linesBack are the lines of a file, the last first.
type linesBack struct {
	f    *os.File
	at   int64  // where held begins
	held []byte // what was read and not given, up to the end of a line
}

// newLinesBack begins at the last line end: what is behind it is being written, or
// taken back.
func newLinesBack(f *os.File) (*linesBack, error) {
	for {
		st, err := f.Stat()
		if err != nil {
			return nil, err
		}
		l := &linesBack{f: f, at: st.Size()}
		if err := l.trim(); !errors.Is(err, io.ErrUnexpectedEOF) {
			return l, err
		}
	}
}

// trim reads the end of the file, up to its last line end.
func (l *linesBack) trim() error {
	for l.at > 0 {
		if err := l.more(); err != nil {
			return err
		}
		if i := bytes.LastIndexByte(l.held, '\n'); i >= 0 {
			l.held = l.held[:i+1]
			return nil
		}
		l.held = l.held[:0]
	}
	return nil
}

// previous is the line before those that were given, without its end, and where it
// begins; io.EOF if there is none. It is valid until the next call.
func (l *linesBack) previous() ([]byte, int64, error) {
	for {
		if n := len(l.held) - 1; n >= 0 {
			if i := bytes.LastIndexByte(l.held[:n], '\n') + 1; i > 0 || l.at == 0 {
				line := l.held[i:n]
				l.held = l.held[:i]
				return line, l.at + int64(i), nil
			}
		}
		if l.at == 0 {
			return nil, 0, io.EOF
		}
		if len(l.held) > maxLine {
			at := l.at
			l.at, l.held = 0, nil
			return nil, at, errTooLong
		}
		if err := l.more(); err != nil {
			return nil, l.at, err
		}
	}
}

// more reads what is before held: as much again, and no little.
func (l *linesBack) more() error {
	n := min(l.at, int64(max(len(l.held), 64<<10)))
	grown := make([]byte, int(n)+len(l.held))
	copy(grown[n:], l.held)
	if _, err := l.f.ReadAt(grown[:n], l.at-n); err == io.EOF {
		return io.ErrUnexpectedEOF // the file was cut meanwhile
	} else if err != nil {
		return err
	}
	l.at, l.held = l.at-n, grown
	return nil
}

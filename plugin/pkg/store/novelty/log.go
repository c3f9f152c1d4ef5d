package novelty

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.org/pdns/plugin/pkg/registered"
	"example.org/pdns/plugin/pkg/store/durable"
)

// Bounds of the log.
const (
	segmentBytes = 8 << 20        // when another file is begun
	stemBytes    = 128 << 20      // of all files of a kind
	batchBytes   = 16 << 20       // of one batch in a file: what is more is shed
	hostBytes    = batchBytes / 2 // of hosts in it, so that domains have room
	domainBytes  = 512 << 10      // of hosts, or RRsets, of one registered domain in it
	maxWaiting   = 20_000         // events of batches that could not be written
	segmentSpan  = 2 * time.Hour  // when another file is begun
	suffix       = ".log"         //
)

// Kept is how long the log holds a batch at least, if it has the room: a day of feed, a
// day to catch up, and the file that is being written.
const Kept = 49 * time.Hour

// A stem is what the names of files of one kind begin with.
type stem string

// The kinds of files.
const (
	names  stem = "new-names-"
	rrsets stem = "new-rrsets-"
)

// A segment is a file of the log, which holds batches that were logged at or behind
// its beginning.
type segment struct {
	file  string
	begin int64 // Unix seconds
}

func (s stem) file(begin int64) string { return fmt.Sprintf("%s%012d%s", s, begin, suffix) }

func parseSegment(s stem, file string) (segment, bool) {
	digits, ok := strings.CutPrefix(file, string(s))
	if ok {
		digits, ok = strings.CutSuffix(digits, suffix)
	}
	begin, err := strconv.ParseInt(digits, 10, 64)
	if !ok || err != nil || begin <= 0 || s.file(begin) != file {
		return segment{}, false
	}
	return segment{file, begin}, true
}

// segments lists the files of a stem, the oldest first.
func segments(dir string, s stem) ([]segment, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var found []segment
	for _, e := range entries {
		if g, ok := parseSegment(s, e.Name()); ok && e.Type().IsRegular() {
			found = append(found, g)
		}
	}
	slices.SortFunc(found, func(a, b segment) int { return int(a.begin - b.begin) })
	return found, nil
}

// A Log writes batches of events into a store's directory. It is not safe for
// concurrent use; readers may read at any time.
type Log struct {
	dir  string
	last int64 // when the last batch was logged
	read bool  // last is known
	open map[stem]*writer
	// waiting are events that could not be written: they go with the next batch.
	waiting []*Event
}

// NewLog returns the log of a directory, of which nothing is read or written yet.
func NewLog(dir string) *Log { return &Log{dir: dir, open: map[stem]*writer{}} }

// A writer appends to one file.
type writer struct {
	segment
	f    *os.File
	size int64 // up to the end of its last batch
}

// A Batch is what one flush found, while it is written.
type Batch struct {
	log    *Log
	logged int64
	parts  map[stem]*part
	err    error
	line   []byte
	events []*Event // the first of them, those that waited before all
	lost   int      // behind these
}

// A part is that of a batch which goes into one kind of file.
type part struct {
	*writer
	out  *bufio.Writer
	size int64
	n    int
	shed int // events that the batch had no room for

	hosts  int64  // bytes of events that are not of a domain
	domain []byte // that the last of them is in
	own    int64  // bytes of those of that domain
}

// Begin begins a batch, with what the one before could not write. Nothing is written
// before the first event.
func (l *Log) Begin(now time.Time) *Batch {
	b := &Batch{log: l, parts: map[stem]*part{}}
	if !l.read {
		if l.last, b.err = lastLogged(l.dir); b.err == nil {
			l.read = true
		}
	}
	b.logged = max(now.Unix(), l.last+1)
	for _, e := range l.waiting {
		b.Add(e)
	}
	return b
}

// Add adds an event, which the batch keeps. Its time becomes that of the batch.
func (b *Batch) Add(e *Event) {
	if len(b.events) < maxWaiting {
		b.events = append(b.events, e)
	} else {
		b.lost++
	}
	if b.err != nil {
		return
	}
	p, err := b.part(e.Kind)
	if err != nil {
		b.err = err
		return
	}
	e.Logged = b.logged
	b.line = append(e.AppendJSON(b.line[:0]), '\n')
	if !p.hasRoom(e, int64(len(b.line))) {
		p.shed++
		return
	}
	n, err := p.out.Write(b.line)
	p.size += int64(n)
	p.n++
	b.err = err
}

// part is where events of a kind go.
func (b *Batch) part(k Kind) (*part, error) {
	s := names
	if k == RRset {
		s = rrsets
	}
	if p := b.parts[s]; p != nil {
		return p, nil
	}
	w, err := b.log.writer(s, b.logged)
	if err != nil {
		return nil, err
	}
	p := &part{writer: w, out: bufio.NewWriterSize(w.f, 64<<10)}
	b.parts[s] = p
	return p, nil
}

// hasRoom reports whether an event of a size has room, and takes it. Who owns a zone
// decides how many names and how much rdata it has: that leaves nobody else without.
func (p *part) hasRoom(e *Event, size int64) bool {
	if p.size+size > batchBytes {
		return false
	}
	if e.Kind == Domain || e.Kind == Again {
		return true
	}
	if d := registered.Domain(e.Name); !bytes.Equal(d, p.domain) {
		p.domain, p.own = append(p.domain[:0], d...), 0
	}
	if p.own+size > domainBytes || e.Kind == Host && p.hosts+size > hostBytes {
		return false
	}
	p.own += size
	p.hosts += size
	return true
}

// Commit makes the batch count and durable, and returns how many events it shed, since
// it was too large. After an error there is no batch, and the next one has its events, as
// far as they are not too many.
func (b *Batch) Commit() (shed int, err error) {
	if b.err == nil {
		b.err = b.finish()
	}
	if b.err != nil {
		b.takeBack()
		b.log.waiting = b.events
		return b.lost, fmt.Errorf("log of what is new: %w", b.err)
	}
	b.log.waiting = nil
	for _, p := range b.parts {
		p.writer.size += p.size
		shed += p.shed
	}
	if len(b.parts) > 0 {
		b.log.last = b.logged
	}
	return shed, nil
}

func (b *Batch) finish() error {
	for _, p := range b.parts {
		b.line = append((&end{Logged: b.logged, Events: p.n, Shed: p.shed}).appendJSON(b.line[:0]), '\n')
		n, err := p.out.Write(b.line)
		p.size += int64(n)
		if err := errors.Join(err, p.out.Flush()); err != nil {
			return err
		}
	}
	for _, p := range b.parts {
		if err := p.f.Sync(); err != nil {
			return err
		}
	}
	return nil
}

// Abort gives up the batch: what it was to have beside what waited comes again.
func (b *Batch) Abort() { b.takeBack() }

func (b *Batch) takeBack() {
	for s, p := range b.parts {
		// What cannot be cut off has no end, and the next batch goes elsewhere.
		if p.f.Truncate(p.writer.size) != nil {
			b.log.leave(s)
		} else if _, err := p.f.Seek(p.writer.size, 0); err != nil {
			b.log.leave(s)
		}
	}
}

// Close closes the files.
func (l *Log) Close() error {
	var err error
	for s := range l.open {
		err = errors.Join(err, l.leave(s))
	}
	return err
}

func (l *Log) leave(s stem) error {
	w := l.open[s]
	delete(l.open, s)
	return w.f.Close()
}

// writer is the file that a batch of a time goes to.
func (l *Log) writer(s stem, logged int64) (*writer, error) {
	if w := l.open[s]; w != nil {
		if w.size < segmentBytes && logged-w.begin < int64(segmentSpan/time.Second) && w.inPlace(l.dir) {
			return w, nil
		}
		if err := l.leave(s); err != nil {
			return nil, err
		}
	}
	f, err := durable.CreateNew(filepath.Join(l.dir, s.file(logged)))
	if err != nil {
		return nil, err
	}
	w := &writer{segment: segment{s.file(logged), logged}, f: f}
	l.open[s] = w
	return w, errors.Join(durable.SyncDir(l.dir), l.prune(s, logged))
}

// inPlace reports whether the file is still where it was made: somebody may have
// removed it.
func (w *writer) inPlace(dir string) bool {
	there, err := os.Lstat(filepath.Join(dir, w.file))
	if err != nil {
		return false
	}
	own, err := w.f.Stat()
	return err == nil && os.SameFile(there, own)
}

// prune removes files that are too old or too many; the last one stays.
func (l *Log) prune(s stem, now int64) error {
	found, err := segments(l.dir, s)
	if err != nil {
		return err
	}
	var size int64
	for i := len(found) - 2; i >= 0; i-- {
		path := filepath.Join(l.dir, found[i].file)
		if st, err := os.Lstat(path); err == nil {
			size += st.Size()
		}
		// A file ends where the next begins.
		if size > stemBytes || found[i+1].begin < now-int64(Kept/time.Second) {
			if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}

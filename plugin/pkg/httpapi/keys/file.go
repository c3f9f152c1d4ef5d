package keys

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"

	"example.org/pdns/plugin/pkg/clock"
)

// Errors of Check, beside those of Grant.Valid.
var (
	ErrUnknown = errors.New("no key that is known here")
	ErrBusy    = errors.New("too many keys are being checked, ask again later")
)

const (
	maxFile   = 16 << 20 // bytes
	maxSecret = 256      // octets
	interval  = 2 * time.Second
)

// A File is the keys that a file lists. It is safe for concurrent use.
type File struct {
	path     string
	whole    string // path, wherever the process goes
	terms    Terms
	complain func(error)
	secret   [32]byte // of what is remembered of secrets: of no use to another process

	table   atomic.Pointer[table]
	flights singleflight.Group
	gate    gate
	nobody  *lane // of all names that there are not

	// Of the following alone.
	seen    string // the last text that was read
	content string // the last that was taken
	told    string // the last complaint about the content
	exposed bool   // others can read it, which was told

	close  sync.Once
	ending chan struct{}
	ended  chan struct{}
}

// Open reads a file of keys and follows its changes until Close. terms hold for
// keys that do not say otherwise. complain is told of a change that is not taken
// since it is malformed, and if others than the owner can read the file; it is not
// called by two goroutines at once.
func Open(path string, terms Terms, complain func(error)) (*File, error) {
	return open(path, terms, complain, time.Tick(interval))
}

// open follows changes at each tick.
func open(path string, terms Terms, complain func(error), tick <-chan time.Time) (*File, error) {
	f := &File{
		path: path, terms: terms, complain: complain,
		gate: newGate(), nobody: newLane(),
		ending: make(chan struct{}), ended: make(chan struct{}),
	}
	rand.Read(f.secret[:]) // it does not fail
	var err error
	if f.whole, err = filepath.Abs(path); err != nil {
		return nil, err
	}
	f.table.Store(&table{})
	var text string
	if text, err = f.read(); err == nil {
		err = f.take(text)
	}
	if err != nil {
		return nil, err
	}
	go f.follow(tick)
	return f, nil
}

// Close ends the following, and the use of the keys.
func (f *File) Close() error {
	f.close.Do(func() {
		close(f.ending)
		<-f.ended
		f.replace(&table{})
	})
	return nil
}

func (f *File) follow(tick <-chan time.Time) {
	defer close(f.ended)
	for {
		select {
		case <-f.ending:
			return
		case <-tick:
			f.reread()
		}
	}
}

// reread takes the file if it has changed, once it is the same at two looks: else
// somebody may be half-way through writing it. A change is found in the text, since
// the time of a file does not tell two within a moment apart.
func (f *File) reread() {
	text, err := f.read()
	settled := text == f.seen
	f.seen = text
	if err == nil && text != f.content {
		if !settled {
			return
		}
		err = f.take(text)
	}
	if err == nil {
		f.told = ""
		return
	}
	if f.told != err.Error() {
		f.told = err.Error()
		f.complain(fmt.Errorf("%w; the keys stay as they were", err))
	}
}

func (f *File) read() (string, error) {
	text, info, err := readFile(f.path)
	if err != nil {
		return "", err
	}
	err = exposed(f.path, info)
	if err != nil && !f.exposed {
		f.complain(err)
	}
	f.exposed = err != nil
	return text, nil
}

// readFile reads a file of keys. What is no file, a pipe say, is an error, and not
// waited for.
func readFile(path string) (string, fs.FileInfo, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return "", nil, err
	case !info.Mode().IsRegular():
		return "", nil, fmt.Errorf("%s: want a file", path)
	case info.Size() > maxFile:
		return "", nil, fmt.Errorf("%s: %d bytes, want at most %d", path, info.Size(), maxFile)
	}
	b, err := os.ReadFile(path)
	return string(b), info, err
}

// exposed is an error if others than the owner of a file can read it, as far as the
// system tells.
func exposed(path string, info fs.FileInfo) error {
	if runtime.GOOS == "windows" || info.Mode().Perm()&0o044 == 0 {
		return nil
	}
	return fmt.Errorf("%s: others than its owner can read it: want mode 0600", path)
}

// take puts the keys of a text into use.
func (f *File) take(text string) error {
	keys, errs := parse(f.path, text, f.terms)
	if len(errs) > 0 {
		return errs[0]
	}
	f.content = text
	f.replace(newTable(f.whole, keys, f.table.Load()))
	return nil
}

// replace puts a table into use and revokes what is not in it any more.
func (f *File) replace(next *table) {
	before := f.table.Swap(next)
	for name, e := range before.entries {
		if now := next.entries[name]; now == nil || now.hash != e.hash {
			e.grant.Revoke()
		}
	}
}

// Check returns what the key with a secret, NAME.SECRET or NAME:SECRET, may:
// ErrUnknown if there is none, ErrExpired, ErrRevoked, ErrBusy, or why the context
// ended. A secret that does not fit takes about as long for a name that there is as
// for one that there is not, unless many are tried at once.
func (f *File) Check(ctx context.Context, secret string) (*Grant, error) {
	i := strings.IndexAny(secret, ".:")
	if i < 0 || len(secret) > maxSecret || !name.MatchString(secret[:i]) {
		return nil, ErrUnknown
	}
	c := check{name: secret[:i], secret: secret[i+1:]}
	c.mark = f.mark(c.name + "\x00" + c.secret)
	e := f.table.Load().entries[c.name]
	if !e.remembers(c.mark) {
		var err error
		if e, err = f.verify(ctx, c); err != nil {
			return nil, err
		}
	}
	if err := e.grant.Valid(clock.Now()); err != nil {
		return nil, err
	}
	return e.grant, nil
}

// A check is whether a secret is that of a name.
type check struct {
	name, secret string
	mark         mark // of both
}

// verify waits for a check; those who ask the same share one.
func (f *File) verify(ctx context.Context, c check) (*entry, error) {
	result := f.flights.DoChan(string(c.mark[:]), func() (any, error) { return f.compute(c) })
	select {
	case r := <-result:
		e, _ := r.Val.(*entry)
		return e, r.Err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// compute makes a check in the lane of its name. Those of names that there are not
// share a lane, so that they take no more turns than one name.
func (f *File) compute(c check) (*entry, error) {
	l := f.nobody
	if e := f.table.Load().entries[c.name]; e != nil {
		l = e.lane
	}
	var e *entry
	err := l.through(f.gate, func() bool {
		e = f.try(c)
		return e != nil
	})
	if err == nil && e == nil {
		err = ErrUnknown
	}
	return e, err
}

// try is the entry whose secret that of a check is, nil if there is none.
func (f *File) try(c check) *entry {
	t := f.table.Load()
	e := t.entries[c.name]
	if e == nil {
		own := f.mark(c.name)
		t.decoy(binary.BigEndian.Uint64(own[:])).fits(c.secret)
		return nil
	}
	if !e.fits(c.secret) {
		return nil
	}
	e.known.Store(&c.mark)
	return e
}

// A mark stands for a text in this process.
type mark [sha256.Size]byte

func (f *File) mark(text string) (m mark) {
	h := hmac.New(sha256.New, f.secret[:])
	h.Write([]byte(text))
	h.Sum(m[:0])
	return m
}

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"
)

// patience is how long a follower waits before it looks again. A look costs three
// calls of the system, on any file system.
const patience = 200 * time.Millisecond

// rest is how long a file that was replaced stays followed behind what was last
// written to it: its writer goes on with it until it is told.
const rest = 5 * time.Second

// tailOctets is how much of what was read is compared with what is in its place
// now.
const tailOctets = 64

// A follower reads a file that grows. At its end it waits for more, until another
// file has its name and it is at rest, it was cut, or ctx ends.
type follower struct {
	ctx   context.Context
	path  string
	file  *os.File
	at    int64
	tail  []byte // the last octets before at
	looks int    // how often it was at rest since another file has its name
	gone  bool   // it will not grow any more
	// waits is called where there is nothing to read for the time being.
	waits func()
	// idle is called again and again while there is nothing to read, with how long
	// that has been.
	idle func(since time.Duration) error
}

func (im *importer) newFollower(ctx context.Context, path string, in *input) (*follower, error) {
	if in.file == nil {
		return nil, fmt.Errorf("--follow: %s is no file that can grow", path)
	}
	return &follower{ctx: ctx, path: path, file: in.file, waits: im.tellWaiting, idle: func(time.Duration) error { return nil }}, nil
}

// tellWaiting says once that all has been read.
func (im *importer) tellWaiting() {
	if !im.waits {
		im.waits = true
		im.say("read all; waits for more; ^C ends it")
	}
}

func (f *follower) Read(b []byte) (int, error) {
	for waits := time.Duration(0); ; waits++ {
		if f.rewritten() {
			f.gone = true
			return 0, io.EOF
		}
		n, err := f.file.Read(b)
		f.passed(b[:n])
		if n > 0 || !errors.Is(err, io.EOF) || f.gone {
			return n, err
		}
		if f.gone = f.left(); f.gone {
			continue // with what was written in the meantime
		}
		f.waits()
		if err := f.idle(waits * patience); err != nil {
			return 0, err
		}
		select {
		case <-f.ctx.Done():
			return 0, f.ctx.Err()
		case <-time.After(patience):
		}
	}
}

// passed remembers what was read last.
func (f *follower) passed(b []byte) {
	if len(b) > 0 {
		f.looks = 0
	}
	f.at += int64(len(b))
	f.tail = append(f.tail, b[max(0, len(b)-tailOctets):]...)
	f.tail = f.tail[max(0, len(f.tail)-tailOctets):]
}

// rewritten reports whether the file was cut, and perhaps filled again: what was
// read last is not in its place any more.
func (f *follower) rewritten() bool {
	var now [tailOctets]byte
	n, _ := f.file.ReadAt(now[:len(f.tail)], f.at-int64(len(f.tail)))
	return !bytes.Equal(now[:n], f.tail)
}

// left reports whether another file has its name and it is at rest. One whose name
// is gone may grow: its successor is not there yet.
func (f *follower) left() bool {
	own, err := f.file.Stat()
	if err != nil {
		return true
	}
	named, err := os.Stat(f.path)
	if err != nil || !named.Mode().IsRegular() || os.SameFile(own, named) {
		f.looks = 0
		return false
	}
	f.looks++
	return f.looks > int(rest/patience)
}

// successor opens the file that has come in place of one that was followed. Its
// name may be gone again, or that of no file: then the next one will have it.
func (im *importer) successor(ctx context.Context, path string) (*input, error) {
	for told := false; ; {
		info, err := os.Stat(path)
		if err == nil && info.Mode().IsRegular() {
			var in *input
			if in, err = im.p.input(ctx, path); err == nil {
				return in, nil
			}
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) && !told {
			told = true
			im.say("warning: %v: waits until that has changed", err)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(patience):
		}
	}
}

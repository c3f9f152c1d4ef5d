package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// patience is how long a follower waits before it looks again. A look costs two
// calls of the system, on any file system.
const patience = 200 * time.Millisecond

// A follower reads a file that grows. At its end it waits for more, until another
// file has its name, it was cut, or ctx ends.
type follower struct {
	ctx  context.Context
	path string
	file *os.File
	at   int64
	gone bool // it will not grow any more
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
		n, err := f.file.Read(b)
		f.at += int64(n)
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

// left reports whether the file will not grow any more. One whose name is gone may:
// its successor is not there yet.
func (f *follower) left() bool {
	own, err := f.file.Stat()
	if err != nil || own.Size() < f.at {
		return true
	}
	named, err := os.Stat(f.path)
	return err == nil && !os.SameFile(own, named)
}

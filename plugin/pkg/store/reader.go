package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"sync"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store/manifest"
)

// OpenReader opens a store's directory beside its writer, or a snapshot file,
// for reading. A directory is followed: each search sees what had been flushed
// when it began.
func OpenReader(path string) (Source, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	if !st.IsDir() {
		return openSnapshot(path)
	}
	r := &reader{dir: path}
	v, err := r.acquire()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, cmp.Or(lostManifest(path), fmt.Errorf("store: %s is no store: it has no %s", path, manifest.File))
	}
	if err != nil {
		return nil, err
	}
	v.release()
	return r, nil
}

// A reader follows a directory that another process, or none, writes to.
type reader struct {
	dir string

	mu       sync.Mutex
	seen     os.FileInfo // of the manifest that view was made from
	manifest manifest.Manifest
	view     *view
	retry    bool // something passing kept a run of it from opening
	closed   bool
}

// tries bounds how often a manifest is read again because runs that it listed
// were merged away before they could be opened.
const tries = 8

func (r *reader) acquire() (*view, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, ErrClosed
	}
	for try := 0; ; try++ {
		st, err := os.Stat(filepath.Join(r.dir, manifest.File))
		if err != nil {
			return nil, fmt.Errorf("store: %w", err)
		}
		if r.seen != nil && !(r.retry && try == 0) && os.SameFile(st, r.seen) && st.ModTime().Equal(r.seen.ModTime()) {
			break
		}
		if again, err := r.reload(); err != nil {
			return nil, err
		} else if !again || try == tries {
			r.seen = st
			break
		}
	}
	r.view.refs.Add(1)
	return r.view, nil
}

// reload makes a view of the manifest as it is now, and reports whether runs
// were missing, so that a newer manifest must be there.
func (r *reader) reload() (again bool, err error) {
	m, err := manifest.Load(r.dir)
	if err != nil {
		return false, manifestError(err)
	}
	var held []*openRun
	if r.view != nil {
		held = r.view.runs
	}
	runs, damage := openRuns(r.dir, m.Runs, held)
	v := newView(state{nil, m.Runs, runs, damage})
	releaseAll(runs)
	if r.view != nil {
		r.view.release()
	}
	r.view, r.manifest, r.retry = v, *m, false
	for _, err := range damage {
		again = again || errors.Is(err, fs.ErrNotExist)
		r.retry = r.retry || passing(err)
	}
	return again, nil
}

func (r *reader) Find(ctx context.Context, q Query) iter.Seq2[*rrset.RRset, error] {
	return find(ctx, r.acquire, q)
}

func (r *reader) Coverage() (Coverage, error) {
	v, err := r.acquire()
	if err != nil {
		return Coverage{}, err
	}
	defer v.release()
	r.mu.Lock()
	defer r.mu.Unlock()
	return coverageOf(&r.manifest), nil
}

func (r *reader) Stats() (Stats, error) {
	v, err := r.acquire()
	if err != nil {
		return Stats{}, err
	}
	defer v.release()
	r.mu.Lock()
	defer r.mu.Unlock()
	return Stats{Runs: describe(v, nil), Conditions: knownConditions(&r.manifest, missingRuns(r.dir, v.damage))}, nil
}

func (r *reader) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.closed {
		r.closed = true
		r.view.release()
	}
	return nil
}

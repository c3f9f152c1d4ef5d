package store

import (
	"context"
	"fmt"
	"iter"
	"path/filepath"
	"sync"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store/manifest"
	"example.org/pdns/plugin/pkg/store/run"
)

// A snapshot is a single file that answers as a store does.
type snapshot struct {
	coverage Coverage

	mu     sync.Mutex
	view   *view
	closed bool
}

func openSnapshot(path string) (Source, error) {
	r, err := run.Open(path)
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	s := &snapshot{}
	if err := r.Coverage(&s.coverage); err != nil {
		r.Close()
		return nil, fmt.Errorf("store: %w", err)
	}
	i := r.Info()
	file := manifest.Run{File: filepath.Base(path), Records: i.Records, First: i.First, Last: i.Last, Bytes: i.Bytes, Created: i.Created}
	s.view = newView(state{listed: []manifest.Run{file}, runs: []*openRun{{Run: r, file: file.File}}})
	return s, nil
}

func (s *snapshot) acquire() (*view, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, ErrClosed
	}
	s.view.refs.Add(1)
	return s.view, nil
}

func (s *snapshot) Find(ctx context.Context, q Query) iter.Seq2[*rrset.RRset, error] {
	return find(ctx, s.acquire, q)
}

func (s *snapshot) Coverage() (Coverage, error) { return s.coverage, nil }

func (s *snapshot) Stats() (Stats, error) {
	return Stats{Runs: describe(s.view, nil)}, nil
}

func (s *snapshot) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.closed = true
		s.view.release()
	}
	return nil
}

package store

import (
	"context"

	"example.org/pdns/plugin/pkg/store/manifest"
)

// A seal is what becomes true of a store on disk together with what was added up to
// a moment: that of a cut or a flush.
type seal struct {
	imports  []manifest.Import
	recorded uint64
	until    int64
}

// seal is what is true once all that was added up to now is on disk. It must be
// taken before the table that is to hold that.
func (s *Store) seal(imports []manifest.Import) *seal {
	return &seal{imports, s.recorded.Load(), s.until()}
}

// Imports lists what was imported into the store, oldest first, as of the last
// cut on disk. It must not be changed.
func (s *Store) Imports() []manifest.Import {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.manifest.Imports
}

// Crowded reports whether the memtable is nearly full.
func (s *Store) Crowded() bool {
	t := s.active.Load()
	limit := s.opts.Load().tableBytes()
	limit -= limit / 8
	return t != nil && t.Bytes() > limit
}

// Cut makes one whole of everything that was added up to now and the list of
// imports: after a crash either both are there or neither. Additions of others
// while it is called may fall on either side.
//
// It returns when what is added next is behind the cut, and writes in the
// background: the error is that of the cut before, which is tried again. Sync
// waits for this one.
func (s *Store) Cut(ctx context.Context, imports []manifest.Import) error {
	s.flushing.Lock()
	behind, err := s.cut(ctx, imports)
	if err != nil || behind == nil {
		s.flushing.Unlock()
		return err
	}
	go func() {
		defer s.flushing.Unlock()
		behind() // an error comes again where it is tried again
	}()
	return nil
}

// cut returns the writing that is left to do; s.flushing is held.
func (s *Store) cut(ctx context.Context, imports []manifest.Import) (behind func() error, err error) {
	if s.active.Load() == nil {
		return nil, ErrClosed
	}
	if err := s.retry(ctx); err != nil {
		return nil, err
	}
	sealed := s.seal(imports)
	if !s.freeze(sealed) {
		s.mu.Lock()
		defer s.mu.Unlock()
		return nil, s.saveManifest(sealed, s.manifest.Runs)
	}
	return func() error { return s.writeFrozen(context.WithoutCancel(ctx)) }, nil
}

// Sync returns when the last cut is on disk.
func (s *Store) Sync(ctx context.Context) error {
	s.flushing.Lock()
	defer s.flushing.Unlock()
	if err := s.retry(ctx); err != nil {
		return err
	}
	return s.ensure()
}

// retry writes what could not be written before; s.flushing is held.
func (s *Store) retry(ctx context.Context) error {
	if s.frozen == nil {
		return nil
	}
	return s.writeFrozen(ctx)
}

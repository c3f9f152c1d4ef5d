package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store/manifest"
	"example.org/pdns/plugin/pkg/store/run"
)

// SnapshotOptions choose what goes into a snapshot.
type SnapshotOptions struct {
	Fences
	Zone     []byte                   // only this name and below; nil: everything
	Progress func(done, total uint64) // records read so far, and of how many; may be nil
}

// A viewer is a source that is made of runs.
type viewer interface {
	Source
	acquire() (*view, error)
}

// Snapshot writes one consistent, compact file of everything that src holds, or
// of a part, to path, which must not exist. It needs no lock: src may be live.
// A store is flushed first. Damaged runs are an error: a snapshot is whole.
func Snapshot(ctx context.Context, src Source, path string, o SnapshotOptions) error {
	vr, ok := src.(viewer)
	if !ok {
		return fmt.Errorf("store: no snapshot of a %T", src)
	}
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("snapshot %s: %w", path, fs.ErrExist)
	}
	if _, err := os.Lstat(filepath.Join(filepath.Dir(path), manifest.File)); err == nil {
		return fmt.Errorf("snapshot %s: the directory is a store, where only runs may be", path)
	}
	if s, ok := src.(*Store); ok {
		if err := s.Flush(ctx); err != nil {
			return err
		}
	}
	coverage, err := src.Coverage()
	if err != nil {
		return err
	}
	v, err := vr.acquire()
	if err != nil {
		return err
	}
	defer v.release()
	for _, err := range v.damage {
		return fmt.Errorf("snapshot: a run is damaged: %w", err)
	}
	if o.keep() == nil { // else it takes nobody knows how much less
		if _, err := checkFree(filepath.Dir(path), mergedBytes(v.listed)); err != nil {
			return fmt.Errorf("snapshot: %w", err)
		}
	}
	return writeSnapshot(ctx, v, path, o, o.cover(coverage))
}

// cover narrows what a history can know to the part that is taken.
func (o *SnapshotOptions) cover(c Coverage) Coverage {
	if o.Zone != nil {
		c.Zone = rrset.NameString(o.Zone)
	}
	if since := unixTime(o.LastAfter); since.After(c.Since) {
		c.Since = since
	}
	if until := unixTime(o.FirstBefore); !until.IsZero() && until.Before(c.Until) {
		c.Until = until
	}
	return c
}

func writeSnapshot(ctx context.Context, v *view, path string, o SnapshotOptions, c Coverage) error {
	w, err := run.Create(path, run.Options{Compression: run.Small})
	if err != nil {
		return fmt.Errorf("snapshot: %w", err)
	}
	defer w.Abort()
	if err := run.Merge(ctx, w, bare(v.runs), run.MergeOptions{Keep: o.keep(), Progress: o.Progress}); err != nil {
		return fmt.Errorf("snapshot: %w", err)
	}
	if _, err := w.Finish(time.Now(), c); err != nil {
		return fmt.Errorf("snapshot: %w", err)
	}
	return nil
}

// keep returns the filter that the options ask for; nil for none.
func (o *SnapshotOptions) keep() func(key []byte, f *rrset.Figures) bool {
	if o.Fences == (Fences{}) && o.Zone == nil {
		return nil
	}
	var prefix []byte
	if o.Zone != nil {
		prefix = rrset.AppendReversed(nil, o.Zone)
		prefix = prefix[:len(prefix)-1]
	}
	return func(key []byte, f *rrset.Figures) bool {
		return bytes.HasPrefix(key, prefix) && o.Match(f)
	}
}

package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"example.org/pdns/plugin/pkg/store/durable"
	"example.org/pdns/plugin/pkg/store/manifest"
	"example.org/pdns/plugin/pkg/store/run"
)

// Aside is the folder of a store into which Repair puts the files that it has
// replaced or given up. Nothing else reads or removes what is there.
const Aside = "damaged"

// RepairOptions say what Repair does with what is damaged and whom it tells.
type RepairOptions struct {
	Delete   bool                     // remove damaged files, instead of putting them aside
	Report   func(Repaired)           // told of each file that something was done about; may be nil
	Progress func(done, total uint64) // records read, and of how many; may be nil
}

// An Outcome is what Repair did about a file.
type Outcome string

// The outcomes.
const (
	Rewritten Outcome = "rewritten" // what can be read of a run is in others now
	Lost      Outcome = "lost"      // nothing of a run can be read, or it is missing
	Leftover  Outcome = "leftover"  // a run that a merge had taken in: what it holds is in another
	Rebuilt   Outcome = "rebuilt"   // the manifest
	Untouched Outcome = "untouched" // a run of another version, which this program cannot judge
)

// A Repaired is what Repair did about one file.
type Repaired struct {
	File    string
	Fault   error // what was wrong; nil of a leftover
	Outcome Outcome
	Before  uint64   // records that were written; 0 if that is not known
	After   uint64   // records that are left
	Into    []string // the runs that hold them
	Aside   string   // where the file is now, below the directory; empty if it is gone or was missing
}

// Repair makes a directory a sound store again. Runs that are damaged are
// written anew with every record that can be read; those that are missing or of
// which nothing can be read leave the manifest; a manifest that is lost or
// damaged is made from the runs. It reads every run, and changes nothing that is
// sound.
//
// It locks the directory: the error matches ErrLocked while somebody records.
// Readers go on meanwhile. It may be ended at any moment, which leaves a store
// that is no worse than before, and may be called again to finish.
func Repair(ctx context.Context, dir string, o RepairOptions) error {
	if _, err := os.Stat(dir); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	defer root.Close()
	lock, err := lockDir(dir)
	if err != nil {
		return err
	}
	defer lock.Unlock()
	if o.Report == nil {
		o.Report = func(Repaired) {}
	}
	r := repair{ctx: ctx, dir: dir, root: root, o: o}
	// A repair before may have renamed what is not certain yet.
	if err := r.syncAside(); err != nil {
		return fmt.Errorf("repair: %w", err)
	}
	if err := r.all(); err != nil {
		return fmt.Errorf("repair: %w", err)
	}
	return nil
}

type repair struct {
	ctx         context.Context
	dir         string
	root        *os.Root // of dir: no link that is planted there leads out
	o           RepairOptions
	m           *manifest.Manifest
	done, total uint64
}

func (r *repair) all() error {
	if err := r.loadManifest(); err != nil {
		return err
	}
	for _, l := range r.m.Runs {
		r.total += l.Records
	}
	for _, l := range slices.Clone(r.m.Runs) {
		if err := r.run(l); err != nil {
			return err
		}
		r.done += l.Records
	}
	return r.tighten()
}

// tighten has the manifest name no more files as loose than are there: what comes
// later under such a name is nobody's. That they are gone is made certain first:
// else one may be back after a loss of power, and nobody would know it.
func (r *repair) tighten() error {
	m := *r.m
	m.Loose = slices.DeleteFunc(slices.Clone(m.Loose), func(file string) bool {
		_, err := r.root.Lstat(file)
		return errors.Is(err, fs.ErrNotExist)
	})
	if len(m.Loose) == len(r.m.Loose) {
		return nil
	}
	if err := durable.SyncDir(r.dir); err != nil {
		return err
	}
	return m.Save(r.dir)
}

// loadManifest loads the manifest, or makes it anew.
func (r *repair) loadManifest() (err error) {
	r.m, err = manifest.Load(r.dir)
	if errors.Is(err, manifest.ErrDamaged) || errors.Is(err, fs.ErrNotExist) {
		return r.rebuild(err)
	}
	return err
}

// run mends one run if something is wrong with it.
func (r *repair) run(l manifest.Run) error {
	fault, err := r.fault(l)
	switch {
	case errors.Is(err, run.ErrFormat):
		r.o.Report(Repaired{File: l.File, Fault: err, Outcome: Untouched, Before: l.Records, After: l.Records})
		return nil
	case fault == nil:
		return err
	case errors.Is(fault, fs.ErrNotExist):
		return r.replace(l, Repaired{Fault: fault}, nil)
	}
	fresh, err := r.rewrite(l)
	if err != nil {
		return err
	}
	return r.replace(l, Repaired{Fault: fault}, fresh)
}

// fault is the first thing that is wrong with a run. The error says why that
// cannot be told: of a file that holds what was written it is no fault.
func (r *repair) fault(l manifest.Run) (fault, err error) {
	sum, err := digest(r.ctx, filepath.Join(r.dir, l.File))
	if faulty(err) {
		return err, nil
	}
	if err != nil {
		return nil, err
	}
	if sum != l.Sum {
		fault = fmt.Errorf("%w: digest %s where %s was written", run.ErrDamaged, sum, l.Sum)
	}
	opened, err := openListed(r.dir, l)
	switch {
	case faulty(err):
		return err, nil
	case fault != nil && errors.Is(err, run.ErrFormat): // a version that is told by a damaged file is none
		return fault, nil
	case fault != nil && err != nil: // what can be read of it is read in another way
		return fmt.Errorf("%w; looking for more: %w", fault, err), nil
	case err != nil:
		return nil, err
	}
	defer opened.Close()
	placed := false
	err = opened.Verify(r.ctx, func(place string, e error) {
		if !placed { // it says more than that something is wrong
			placed, fault = true, fmt.Errorf("%s: %w", place, e)
		}
	}, r.progress)
	return fault, err
}

func (r *repair) progress(n uint64) {
	if r.o.Progress != nil {
		r.o.Progress(r.done+n, r.total)
	}
}

// oldest is since when the history of runs goes back.
func oldest(runs []manifest.Run) (since int64) {
	for _, l := range runs {
		if first := sinceFirst(l.First); since == 0 || first < since {
			since = first
		}
	}
	return since
}

// replace puts fresh runs in the place of a faulty one, in the manifest first.
// What becomes of its file is prepared before: a crash in between leaves it under
// one name or the other.
func (r *repair) replace(l manifest.Run, did Repaired, fresh []manifest.Run) error {
	did.File, did.Before, did.Outcome = l.File, l.Records, Lost
	for _, f := range fresh {
		did.Outcome = Rewritten
		did.After += f.Records
		did.Into = append(did.Into, f.File)
	}
	aside, err := r.keep(l.File)
	if err != nil {
		return err
	}
	m := *r.m
	i := slices.IndexFunc(m.Runs, func(have manifest.Run) bool { return have.File == l.File })
	m.Runs = slices.Replace(slices.Clone(m.Runs), i, i+1, fresh...)
	m.Since = oldest(m.Runs)
	if _, err := r.root.Lstat(l.File); !errors.Is(err, fs.ErrNotExist) {
		m.Loose = append(slices.Clone(m.Loose), l.File)
	}
	if err := m.Save(r.dir); err != nil { // if it is not safe on disk, the old one may be back
		return err
	}
	r.m = &m
	if did.Aside, err = aside.settle(); err != nil {
		return err
	}
	r.o.Report(did)
	return nil
}

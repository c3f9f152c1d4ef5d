package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/cespare/xxhash/v2"

	"example.org/pdns/plugin/pkg/store/manifest"
	"example.org/pdns/plugin/pkg/store/run"
)

// A Finding is something that Verify found wrong.
type Finding struct {
	File  string
	Place string // the block or record; empty for the file as a whole
	Err   error
}

// Verify reads every byte and every record of every run of a directory or
// snapshot and reports what is wrong, in order. It returns an error if it could
// not read at all. A writer may be at work. The progress is told in records and
// may be nil.
func Verify(ctx context.Context, path string, report func(Finding), progress func(done, total uint64)) error {
	st, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	v := verification{ctx: ctx, report: report, progress: progress}
	if !st.IsDir() {
		return v.runs(filepath.Dir(path), []manifest.Run{{File: filepath.Base(path)}})
	}
	return v.directory(path)
}

// directory verifies the runs of a store. Merges may go on meanwhile: what is
// gone before it was read is looked for in what took its place.
func (v *verification) directory(dir string) error {
	verified := map[string]bool{}
	for {
		m, err := manifest.Load(dir)
		if err != nil {
			return manifestError(err)
		}
		v.total = v.done
		var left []manifest.Run
		for _, r := range m.Runs {
			if !verified[r.File] {
				verified[r.File] = true
				v.total += r.Records
				left = append(left, r)
			}
		}
		if len(left) == 0 {
			return nil
		}
		v.follow = true
		if err := v.runs(dir, left); err != nil {
			return err
		}
	}
}

// unlisted reports whether a run has left the manifest.
func (v *verification) unlisted(dir, file string) bool {
	m, err := manifest.Load(dir)
	return v.follow && err == nil && !slices.ContainsFunc(m.Runs, func(r manifest.Run) bool { return r.File == file })
}

type verification struct {
	ctx         context.Context
	report      func(Finding)
	progress    func(done, total uint64)
	done, total uint64
	follow      bool // a directory, not a snapshot
}

func (v *verification) runs(dir string, listed []manifest.Run) error {
	for _, l := range listed {
		if err := v.run(dir, l); err != nil {
			return err
		}
		v.done += l.Records
	}
	return nil
}

func (v *verification) run(dir string, l manifest.Run) error {
	found := func(place string, err error) { v.report(Finding{l.File, place, err}) }
	// What cannot be read is a finding, unless nobody waits for it or needs it.
	unread := func(err error) error {
		if v.ctx.Err() == nil && !(errors.Is(err, fs.ErrNotExist) && v.unlisted(dir, l.File)) {
			found("", err)
		}
		return v.ctx.Err()
	}
	if l.Sum != "" {
		sum, err := digest(v.ctx, filepath.Join(dir, l.File))
		if err != nil {
			return unread(err)
		}
		if sum != l.Sum {
			found("", fmt.Errorf("%w: digest %s where %s was written", run.ErrDamaged, sum, l.Sum))
		}
	}
	r, err := openFor(dir, l)
	if err != nil {
		return unread(err)
	}
	defer r.Close()
	if v.total == 0 {
		v.total = r.Info().Records
	}
	return r.Verify(v.ctx, found, func(n uint64) {
		if v.progress != nil {
			v.progress(v.done+n, v.total)
		}
	})
}

// openFor opens a run of a manifest, or a snapshot, of which no manifest tells.
func openFor(dir string, l manifest.Run) (*run.Run, error) {
	if l.Sum == "" {
		return run.Open(filepath.Join(dir, l.File))
	}
	return openListed(dir, l)
}

// digest is that of a whole file.
func digest(ctx context.Context, path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	d := xxhash.New()
	for err == nil {
		if err = ctx.Err(); err == nil {
			_, err = io.CopyN(d, f, 16<<20)
		}
	}
	if err != io.EOF {
		return "", err
	}
	return fmt.Sprintf("%016x", d.Sum64()), nil
}

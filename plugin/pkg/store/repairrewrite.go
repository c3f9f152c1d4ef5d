package store

import (
	"path/filepath"
	"time"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store/manifest"
	"example.org/pdns/plugin/pkg/store/run"
)

// perRewritten is how many records a run that is written anew has at most: its
// indexes are made in memory. A merge makes one of several.
const perRewritten = 1 << 20

// rewrite writes what can be read of a run to fresh ones, which the manifest does
// not list yet. None means that nothing can be read.
func (r *repair) rewrite(l manifest.Run) (fresh []manifest.Run, err error) {
	s, err := run.OpenSalvage(r.ctx, filepath.Join(r.dir, l.File))
	if err != nil {
		return nil, err
	}
	defer s.Close()
	w := rewriter{r: r, created: time.Unix(l.Created, 0)}
	defer w.abort()
	for key, f := range s.Records {
		if err := w.add(key, f); err != nil {
			return nil, err
		}
	}
	if err := w.finish(); err != nil {
		return nil, err
	}
	return w.fresh, nil
}

// A rewriter writes runs of limited size.
type rewriter struct {
	r       *repair
	created time.Time
	w       *run.Writer // nil: none is begun
	b       *run.Builder
	file    string
	n       int
	fresh   []manifest.Run
}

func (w *rewriter) add(key []byte, f *rrset.Figures) (err error) {
	if w.n == perRewritten {
		if err := w.finish(); err != nil {
			return err
		}
	}
	if w.w == nil {
		w.file = runFile(w.r.m.Next)
		w.r.m.Next++
		w.n = 0
		if w.w, err = run.Create(filepath.Join(w.r.dir, w.file), run.Options{Compression: run.Small}); err != nil {
			return err
		}
		w.b = run.NewBuilder(w.w, 0)
	}
	if w.n++; w.n%4096 == 0 {
		if err := w.r.ctx.Err(); err != nil {
			return err
		}
	}
	return w.b.Add(key, f)
}

// finish ends the run that was begun.
func (w *rewriter) finish() error {
	if w.w == nil {
		return nil
	}
	if err := w.b.Finish(); err != nil {
		return err
	}
	info, err := w.w.Finish(w.created, nil)
	if err != nil {
		return err
	}
	w.w = nil
	listed := manifest.Run{File: w.file, Records: info.Records, First: info.First, Last: info.Last, Bytes: info.Bytes, Created: info.Created}
	listed.Sum, err = digest(w.r.ctx, filepath.Join(w.r.dir, w.file))
	w.fresh = append(w.fresh, listed)
	return err
}

func (w *rewriter) abort() {
	if w.w != nil {
		w.w.Abort()
	}
}

package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"example.org/pdns/plugin/pkg/store/manifest"
	"example.org/pdns/plugin/pkg/store/run"
)

// openRuns opens the runs that a manifest lists, holding each once; those that
// held has open already are shared. Runs that do not open are told by file.
func openRuns(dir string, listed []manifest.Run, held []*openRun) ([]*openRun, map[string]error) {
	byFile := map[string]*openRun{}
	for _, r := range held {
		byFile[r.file] = r
	}
	var runs []*openRun
	damage := map[string]error{}
	for _, l := range listed {
		r := byFile[l.File]
		if r == nil {
			opened, err := openListed(dir, l)
			if err != nil {
				damage[l.File] = err
				continue
			}
			r = &openRun{Run: opened, file: l.File}
		}
		r.refs.Add(1)
		runs = append(runs, r)
	}
	return runs, damage
}

// faulty reports whether an error is about the file of a run: it is missing, does
// not hold what was written, or the disk does not give it. Any other, such as a lack
// of descriptors, of memory or of rights, says nothing about the file and may pass.
func faulty(err error) bool {
	var at *fs.PathError
	return errors.Is(err, run.ErrDamaged) || errors.Is(err, fs.ErrNotExist) || errors.As(err, &at) && at.Op == "read"
}

// openListed opens a run and checks that it is the one that was written.
func openListed(dir string, l manifest.Run) (*run.Run, error) {
	path := filepath.Join(dir, l.File)
	st, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if st.Size() != l.Bytes {
		return nil, fmt.Errorf("%w: %s: %d bytes where %d were written", run.ErrDamaged, path, st.Size(), l.Bytes)
	}
	r, err := run.Open(path)
	if err != nil {
		return nil, err
	}
	if err := agree(r.Info(), l); err != nil {
		r.Close()
		return nil, fmt.Errorf("%w: %s: %w", run.ErrDamaged, path, err)
	}
	return r, nil
}

// agree reports what a run says of itself that the manifest does not.
func agree(i run.Info, l manifest.Run) error {
	switch {
	case i.Records != l.Records:
		return fmt.Errorf("%d records where %d were written", i.Records, l.Records)
	case i.First != l.First || i.Last != l.Last:
		return fmt.Errorf("times from %d to %d where those from %d to %d were written", i.First, i.Last, l.First, l.Last)
	}
	return nil
}

func releaseAll(runs []*openRun) {
	for _, r := range runs {
		r.release()
	}
}

package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"example.org/pdns/plugin/pkg/store/durable"
)

// An aside is a file that is to leave the store.
type aside struct {
	r      *repair
	file   string
	name   string // below the directory; empty if the file is to be removed, or is missing
	linked bool   // it has that name already
}

// keep gives a file a second name in the folder of what was put aside, for good,
// so that it is never without one. Where the file system has no second names it is
// renamed later.
func (r *repair) keep(file string) (aside, error) {
	a := aside{r: r, file: file}
	here, err := r.root.Lstat(file)
	if errors.Is(err, fs.ErrNotExist) {
		return a, nil
	}
	if err != nil || r.o.Delete {
		return a, err
	}
	if err := durable.MkdirIn(r.root, Aside); err != nil {
		return a, err
	}
	for n := 0; ; n++ {
		a.name = path.Join(Aside, file)
		if n > 0 {
			a.name = fmt.Sprintf("%s.%d", a.name, n)
		}
		there, err := r.root.Lstat(a.name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			err := r.root.Link(file, a.name)
			if a.linked = err == nil; err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, fs.ErrPermission) {
				return a, err
			}
			return a, r.syncAside()
		case err != nil:
			return a, err
		case os.SameFile(here, there): // by a repair that was ended
			a.linked = true
			return a, r.syncAside()
		}
	}
}

// syncAside makes the folder of what was put aside, and the names in it, durable,
// and only then that they are gone elsewhere.
func (r *repair) syncAside() error {
	if err := durable.SyncDir(filepath.Join(r.dir, Aside)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return durable.SyncDir(r.dir)
}

// settle takes the file out of the store and returns where it is now.
func (a aside) settle() (string, error) {
	if a.name != "" && !a.linked {
		if err := a.r.root.Rename(a.file, a.name); err != nil {
			return "", err
		}
		return a.name, a.r.syncAside()
	}
	err := a.r.root.Remove(a.file)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return a.name, err
}

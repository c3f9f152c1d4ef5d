package lease

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"

	"example.org/pdns/plugin/pkg/store"
)

// resolve returns the one name that a path has however it is written: absolute,
// with the symlinks of the part that exists resolved. The rest may be created
// by startup.
func resolve(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	real, err := filepath.EvalSymlinks(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return real, err
	}
	parent, err := resolve(filepath.Dir(path))
	return filepath.Join(parent, filepath.Base(path)), err
}

// disagreement names the first option of a Corefile in which a and b differ, or
// is empty.
func disagreement(a, b store.Options) string {
	switch {
	case a.Flush != b.Flush:
		return "flush"
	case a.Memory != b.Memory:
		return "memory"
	case a.Keep != b.Keep:
		return "keep"
	case !slices.Equal(a.Windows, b.Windows):
		return "windows"
	case !a.Disposable.Equal(b.Disposable):
		return "disposable"
	case a.News.WithDefaults() != b.News.WithDefaults():
		return "new"
	}
	return ""
}

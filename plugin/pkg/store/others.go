package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"example.org/pdns/plugin/pkg/store/manifest"
)

// Others lists what is in a store's directory and not of the store, by name, and
// says how many files Repair has put aside. A store neither reads nor removes any
// of them.
func Others(dir string) (names []string, aside int, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, 0, err
	}
	for _, e := range entries {
		if !ours(e) {
			names = append(names, e.Name())
		}
	}
	put, err := os.ReadDir(filepath.Join(dir, Aside))
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return names, len(put), err
}

// ours reports whether an entry of a store's directory is of the store.
func ours(e os.DirEntry) bool {
	if e.Name() == Aside {
		return e.IsDir()
	}
	switch name := strings.TrimSuffix(e.Name(), ".tmp"); name {
	case lockFile, manifest.File, trackerFile, probeFile:
		return e.Type().IsRegular()
	default:
		_, run := runNumber(name)
		return run && e.Type().IsRegular()
	}
}

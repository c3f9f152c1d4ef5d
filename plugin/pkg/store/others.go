package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
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
	m, _ := manifest.Load(dir) // where there is none, every run is the store's
	for _, e := range entries {
		if !ours(e, m) {
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
func ours(e os.DirEntry, m *manifest.Manifest) bool {
	if e.Name() == Aside {
		return e.IsDir()
	}
	switch name := strings.TrimSuffix(e.Name(), ".tmp"); name {
	case lockFile, manifest.File, trackerFile, probeFile:
		return e.Type().IsRegular()
	default:
		number, run := runNumber(name)
		return run && e.Type().IsRegular() && (m == nil || name != e.Name() || stray(m, name, number) || lists(m, name))
	}
}

func lists(m *manifest.Manifest, file string) bool {
	return slices.ContainsFunc(m.Runs, func(r manifest.Run) bool { return r.File == file })
}

package store

import (
	"maps"
	"os"
	"path/filepath"
	"slices"

	"example.org/pdns/plugin/pkg/store/durable"
	"example.org/pdns/plugin/pkg/store/manifest"
)

// Files of runs are loose from when they are begun until the manifest lists them,
// and from when it does so no more until they are gone. It names them, so that the
// next start can tell what a crash left from what somebody put there, a run from a
// backup say.

// nextFile returns the name of a new run's file, which is loose, and what to call
// once nothing writes to it any more.
func (s *Store) nextFile() (file string, written func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	file = runFile(s.manifest.Next)
	s.manifest.Next++
	s.loose[file] = true
	return file, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.loose[file] {
			s.loose[file] = false
		}
	}
}

// looseBeside lists what is loose beside these runs, in place of those before;
// s.mu is held.
func (s *Store) looseBeside(runs []manifest.Run) []string {
	for _, r := range s.manifest.Runs {
		if _, known := s.loose[r.File]; !known {
			s.loose[r.File] = false
		}
	}
	for _, r := range runs {
		delete(s.loose, r.File)
	}
	gone := func(file string, writing bool) bool {
		_, err := os.Lstat(filepath.Join(s.dir, file))
		return !writing && os.IsNotExist(err)
	}
	kept := maps.Clone(s.loose)
	maps.DeleteFunc(kept, gone)
	// Else the file may be back after a loss of power, and nobody would know it.
	if len(kept) < len(s.loose) {
		if err := durable.SyncDir(s.dir); err != nil {
			s.report(err)
		} else {
			s.loose = kept
		}
	}
	return slices.Sorted(maps.Keys(s.loose))
}

// stray reports whether a run's file does not count, by what the manifest says.
func stray(m *manifest.Manifest, file string, number uint64) bool {
	return !lists(m, file) && (number >= m.Next || slices.Contains(m.Loose, file))
}

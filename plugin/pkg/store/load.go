package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"example.org/pdns/plugin/pkg/store/durable"
	"example.org/pdns/plugin/pkg/store/manifest"
	"example.org/pdns/plugin/pkg/store/memtable"
)

// makeDir makes the directory, and those above it, for good if it was not there.
// It belongs to whoever makes it: root gives away files, not places.
func makeDir(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	above := filepath.Dir(filepath.Clean(dir))
	if err := makeDir(above); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	if err := durable.SyncDir(above); err != nil {
		os.Remove(dir) // else the next start would take it for safe
		return err
	}
	return nil
}

// load begins with the state of the directory.
func (s *Store) load() error {
	m, err := loadManifest(s.dir)
	if err != nil {
		return err
	}
	table := memtable.New()
	s.active.Store(table)
	s.view = newView(state{tables: []*memtable.Table{table}})
	s.take(m)
	return nil
}

// take takes what a manifest says, and its runs, as the state to go on with. A run
// that does not open is left where it is and told: the others answer. If one is
// missing the store is read-only from here on; else the directory is tidied up
// before anything is recorded.
func (s *Store) take(m *manifest.Manifest) {
	runs, damage := openRuns(s.dir, m.Runs, nil)
	defer releaseAll(runs)
	s.mu.Lock()
	s.recorded.Store(m.Recorded)
	s.reached.Store(m.Until)
	for reason, n := range m.Dropped {
		// Not what this process has left out since the last one.
		s.Dropped(reason).Add(n - s.manifest.Dropped[reason])
	}
	s.manifest = *m
	old := s.swapView(func(v *view) *view { return newView(state{v.tables, m.Runs, runs, damage}) })
	s.mu.Unlock()
	old.release()
	s.loadTracker(m)
	for _, err := range damage {
		if !errors.Is(err, os.ErrNotExist) {
			s.report(err)
		}
	}
	if why := missingRuns(s.dir, damage); why != nil {
		s.readOnly.Store(&why)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	// Of what a program that was killed has renamed nobody knows whether it is safe:
	// if the manifest is not, the one before lists what would be removed.
	if err := durable.SyncDir(s.dir); err != nil {
		s.report(err)
	} else {
		s.removeStrays()
	}
	s.readOnly.Store(nil)
}

// loadManifest reads the manifest, or makes the first one of an empty directory.
func loadManifest(dir string) (*manifest.Manifest, error) {
	m, err := manifest.Load(dir)
	if err == nil || !errors.Is(err, os.ErrNotExist) {
		return m, manifestError(err)
	}
	if err := lostManifest(dir); err != nil {
		return nil, err
	}
	m = &manifest.Manifest{Next: 1}
	return m, m.Save(dir)
}

// lostManifest reports that a directory without a manifest was a store; nil if it
// was not.
func lostManifest(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	for _, e := range entries {
		if _, ok := runNumber(e.Name()); ok {
			return fmt.Errorf("store: %s holds runs such as %s but no %s: it was lost, and only it says which runs count; pdns repair makes it anew",
				dir, e.Name(), manifest.File)
		}
	}
	return nil
}

// manifestError adds to an error of loading a manifest what to do.
func manifestError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, manifest.ErrDamaged):
		return fmt.Errorf("store: %w; pdns repair makes it anew", err)
	}
	return fmt.Errorf("store: %w", err)
}

// runNumber is the number of a run from the name of its file.
func runNumber(file string) (uint64, bool) {
	n, err := strconv.ParseUint(strings.TrimSuffix(file, ".run"), 10, 64)
	return n, err == nil && file == runFile(n)
}

func runFile(number uint64) string { return fmt.Sprintf("%08d.run", number) }

// removeStrays removes what a crash left: files half written, and runs that
// never made it into the manifest or had already left it. All else is not ours.
// s.mu is held, and nothing is written yet.
func (s *Store) removeStrays() {
	entries, _ := os.ReadDir(s.dir)
	for _, e := range entries {
		name := e.Name()
		whole := strings.TrimSuffix(name, ".tmp")
		number, isRun := runNumber(whole)
		isStray := isRun && (whole != name || stray(&s.manifest, name, number)) ||
			name == manifest.File+".tmp" || name == trackerFile+".tmp"
		if isStray && e.Type().IsRegular() {
			os.Remove(filepath.Join(s.dir, name))
		}
	}
}

package script

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
	"example.org/pdns/plugin/pkg/store/manifest"
	"example.org/pdns/plugin/pkg/store/novelty"
)

// Check opens the store that a program has left below root, and says how it
// breaks the promise. It then records one more observation, as the program's next
// start would.
func (p *Promise) Check(root string) error {
	if r := repairs[p.Script]; r != nil {
		return r.check(p, filepath.Join(root, storeDir))
	}
	if err := p.checkStore(filepath.Join(root, storeDir)); err != nil {
		return err
	}
	for file, n := range p.Snapshots {
		if err := p.checkSnapshot(filepath.Join(root, file), n); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	return nil
}

func (p *Promise) checkStore(dir string) error {
	var told []error
	o := p.options(func(err error) { told = append(told, err) })
	s, err := store.Open(dir, o)
	if err != nil {
		return err
	}
	defer s.Close()
	from, to, err := p.checkSource(s)
	if err != nil {
		return err
	}
	if p.ByCut {
		if err := checkCut(s, to); err != nil {
			return err
		}
	}
	if err := p.checkNext(s, from, to); err != nil {
		return fmt.Errorf("recording on: %w", err)
	}
	if err := s.Close(); err != nil {
		return err
	}
	return errors.Join(checkFiles(dir), verify(dir), errors.Join(told...))
}

// options of a store that a program works on, or that is looked at afterwards.
func (p *Promise) options(told func(error)) store.Options {
	return store.Options{Flush: time.Hour, ByCut: p.ByCut, Visit: p.ByCut,
		Now: func() time.Time { return eraStart(0) }, Events: store.Events{Error: told}}
}

// CheckReader is Check as another process sees the store beside the program: it
// only reads.
func (p *Promise) CheckReader(root string) error {
	dir := filepath.Join(root, storeDir)
	if _, err := os.Stat(filepath.Join(dir, manifest.File)); err != nil && p.Kept == 0 {
		return nil // the program has not made it yet
	}
	src, err := store.OpenReader(dir)
	if err != nil {
		return err
	}
	defer src.Close()
	_, _, err = p.checkSource(src)
	return err
}

// checkSource finds out of which observations a source is made: those from the
// first of an era on, without a gap, that the promise allows.
func (p *Promise) checkSource(src store.Source) (from, to int, err error) {
	held, err := p.Series.read(src)
	if err != nil {
		return 0, 0, err
	}
	for era := p.Dropped; era <= p.Dropping; era++ {
		from = era * perEra
		if to = from + held.count(); to < p.Kept || to > p.Added {
			err = errors.Join(err, fmt.Errorf("observations %d to %d are there: want as far as %d to %d", from, to, p.Kept, p.Added))
			continue
		}
		differs := held.diff(p.Series.between(from, to))
		if differs == nil {
			return from, to, nil
		}
		err = errors.Join(err, fmt.Errorf("as observations %d to %d: %w", from, to, differs))
	}
	return 0, 0, err
}

// read returns the history that a source answers with.
func (s series) read(src store.Source) (history, error) {
	h := history{}
	for r, err := range src.Find(context.Background(), store.Query{Negative: true}) {
		if err != nil {
			return nil, err
		}
		if r.Type == rrset.TypeWildcard {
			continue // says how many names have collapsed, and was not observed
		}
		id := s.identity(r)
		if _, twice := h[id]; twice && s != machine {
			return nil, fmt.Errorf("%s comes twice", id)
		}
		h.add(id, &r.Figures)
	}
	return h, nil
}

// checkCut says whether what is told of imports is about what is there.
func checkCut(s *store.Store, n int) error {
	var items uint64
	for _, i := range s.Imports() {
		items = i.Items
	}
	c, err := s.Coverage()
	if err != nil {
		return err
	}
	if items != uint64(n) || c.Recorded != uint64(n) {
		return fmt.Errorf("%d items imported and %d observations recorded: want %d of each", items, c.Recorded, n)
	}
	return nil
}

// checkNext records one more observation.
func (p *Promise) checkNext(s *store.Store, from, to int) error {
	ctx := context.Background()
	if err := s.Add(p.Series.observation(to)); err != nil {
		return err
	}
	if err := errors.Join(s.Cut(ctx, imports(to+1)), s.Sync(ctx)); err != nil {
		return err
	}
	held, err := p.Series.read(s)
	if err != nil {
		return err
	}
	return held.diff(p.Series.between(from, to+1))
}

// checkFiles says which files of a store's directory should have gone.
func checkFiles(dir string) error {
	m, err := manifest.Load(dir)
	if err != nil {
		return err
	}
	known := []string{"LOCK", "DISPOSABLE", store.Aside, manifest.File}
	for _, r := range m.Runs {
		known = append(known, r.File)
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, f := range files {
		if !slices.Contains(known, f.Name()) && !newsFile.MatchString(f.Name()) {
			return fmt.Errorf("%s: is still there", f.Name())
		}
	}
	return checkNews(dir)
}

var newsFile = regexp.MustCompile(`^new-(names|rrsets)-[0-9]{12}\.log$`)

// checkNews says whether the log of what is new can be read. A batch that was not synced
// may have lost some lines, with the power.
func checkNews(dir string) error {
	for _, ofRRsets := range []bool{false, true} {
		err := novelty.NewReader(dir, ofRRsets, 0).Next(func(*novelty.Event) error { return nil }, nil)
		var line *novelty.LineError
		if err != nil && !errors.As(err, &line) {
			return err
		}
	}
	return nil
}

// checkSnapshot says whether a snapshot is whole.
func (p *Promise) checkSnapshot(path string, n int) error {
	src, err := store.OpenReader(path)
	if err != nil {
		return err
	}
	defer src.Close()
	held, err := p.Series.read(src)
	if err != nil {
		return err
	}
	return errors.Join(held.diff(p.Series.between(0, n)), verify(path))
}

func verify(path string) error {
	var found []error
	err := store.Verify(context.Background(), path, func(f store.Finding) {
		found = append(found, fmt.Errorf("%s %s: %w", f.File, f.Place, f.Err))
	}, nil)
	return errors.Join(err, errors.Join(found...))
}

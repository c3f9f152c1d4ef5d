package store

import (
	"cmp"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"

	"example.org/pdns/plugin/pkg/store/manifest"
	"example.org/pdns/plugin/pkg/store/run"
)

// A survivor is a run's file that no manifest tells of.
type survivor struct {
	manifest.Run
	number   uint64
	observed uint64 // the counts of its records, added up
	into     string // the run that took it in; empty: it counts
	sample   sample
}

// rebuild makes a manifest of the runs that are there, damaged ones too: these
// are mended next. Files that a merge had read, and was about to remove when the
// program ended, do not count beside what it wrote.
//
// What only the manifest knew is lost: what was left out and why, which files
// were imported, and what the collector keeps and merges into, which it will say
// again.
func (r *repair) rebuild(fault error) error {
	runs, err := r.find()
	if err != nil {
		return err
	}
	if len(runs) == 0 {
		return fmt.Errorf("%s: no run to make a manifest of: %w", r.dir, fault)
	}
	if err := r.findLeftovers(runs); err != nil {
		return err
	}
	m := manifestOf(runs)
	aside, err := r.keep(manifest.File)
	if err != nil {
		return err
	}
	// The name is the new one's from here on: there is nothing to settle.
	if err := m.Save(r.dir); err != nil {
		return err
	}
	r.m = m
	if !aside.linked {
		aside.name = ""
	}
	did := Repaired{File: manifest.File, Fault: fault, Outcome: Rebuilt, Aside: aside.name}
	for _, l := range m.Runs {
		did.After += l.Records
		did.Into = append(did.Into, l.File)
	}
	r.o.Report(did)
	return r.removeLeftovers(runs)
}

// find reads all files that are named as runs, oldest first.
func (r *repair) find() (runs []survivor, err error) {
	entries, err := os.ReadDir(r.dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		number, ok := runNumber(e.Name())
		if !ok || !e.Type().IsRegular() {
			continue
		}
		f := survivor{number: number, Run: manifest.Run{File: e.Name()}}
		if err := r.read(&f); err != nil {
			return nil, err
		}
		runs = append(runs, f)
	}
	slices.SortFunc(runs, func(a, b survivor) int { return cmp.Compare(a.number, b.number) })
	return runs, nil
}

// read finds out what a run holds.
func (r *repair) read(f *survivor) error {
	path := filepath.Join(r.dir, f.File)
	st, err := os.Stat(path)
	if err != nil {
		return err
	}
	f.Bytes, f.Created = st.Size(), st.ModTime().Unix()
	if f.Sum, err = digest(r.ctx, path); err != nil {
		return err
	}
	s, err := run.OpenSalvage(r.ctx, path)
	if err != nil {
		return err
	}
	defer s.Close()
	for key, g := range s.Records {
		f.sample.add(key, g)
		if f.Records == 0 {
			f.First, f.Last = g.First, g.Last
		}
		f.Records++
		f.First, f.Last = min(f.First, g.First), max(f.Last, g.Last)
		f.observed = saturating(f.observed, g.Count)
	}
	if info, ok := s.Info(); ok {
		f.Records, f.First, f.Last, f.Created = info.Records, info.First, info.Last, info.Created
	}
	return r.ctx.Err()
}

func saturating(a, b uint64) uint64 {
	if a > math.MaxUint64-b {
		return math.MaxUint64
	}
	return a + b
}

// manifestOf lists the runs that count.
func manifestOf(runs []survivor) *manifest.Manifest {
	m := &manifest.Manifest{Next: 1, Runs: []manifest.Run{}}
	for _, f := range runs {
		m.Next = max(m.Next, f.number+1)
		m.Clock.Trusted = max(m.Clock.Trusted, f.Created) // what comes next is not believed at once
		if f.into != "" {
			m.Loose = append(m.Loose, f.File)
			continue
		}
		m.Runs = append(m.Runs, f.Run)
		m.Recorded = saturating(m.Recorded, f.observed)
		m.Until = max(m.Until, f.Last)
	}
	m.Since = oldest(m.Runs)
	return m
}

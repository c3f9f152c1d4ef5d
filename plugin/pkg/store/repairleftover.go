package store

import (
	"bytes"
	"iter"
	"path/filepath"
	"slices"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store/run"
)

// compareAtOnce is how many files are open at once beside the one that they are
// compared with.
const compareAtOnce = 64

// findLeftovers finds the runs that a merge had taken in. Every record of such a
// run is in a later one, which was seen no less long and no less often there. A
// run of which that is true by chance holds nothing that would be missed but its
// counts.
func (r *repair) findLeftovers(runs []survivor) error {
	for i := len(runs) - 1; i > 0; i-- {
		later := &runs[i]
		if later.into != "" {
			continue
		}
		var candidates []*survivor
		for j := range runs[:i] {
			if c := &runs[j]; c.into == "" && c.Records <= later.Records && c.Created <= later.Created && later.First <= c.First && c.Last <= later.Last {
				candidates = append(candidates, c)
			}
		}
		if len(candidates) == 0 {
			continue
		}
		if err := r.compare(later, candidates); err != nil {
			return err
		}
	}
	return nil
}

// compare marks the candidates of which all is in a later run. Most are told apart
// by their samples: their files need not be read again.
func (r *repair) compare(later *survivor, candidates []*survivor) error {
	s, err := run.OpenSalvage(r.ctx, filepath.Join(r.dir, later.File))
	if err != nil {
		return err
	}
	defer s.Close()
	sampled := make([]*contained, len(candidates))
	for i, c := range candidates {
		sampled[i] = contain(c, c.sample.records)
		defer sampled[i].stop()
	}
	sampled, err = r.within(s, sampled)
	if err != nil {
		return err
	}
	for batch := range slices.Chunk(sampled, compareAtOnce) {
		if err := r.compareWhole(later.File, s, batch); err != nil {
			return err
		}
	}
	return nil
}

// compareWhole is compare for runs all of whose samples are in the later one.
func (r *repair) compareWhole(later string, s *run.Salvage, sampled []*contained) error {
	var whole []*contained
	for _, c := range sampled {
		f, err := run.OpenSalvage(r.ctx, filepath.Join(r.dir, c.File))
		if err != nil {
			return err
		}
		defer f.Close()
		in := contain(c.survivor, f.Records)
		defer in.stop()
		whole = append(whole, in)
	}
	whole, err := r.within(s, whole)
	for _, c := range whole {
		// One that cannot be read to its end is none: who knows what was there.
		if c.read > 0 && c.read == c.Records {
			c.into = later
		}
	}
	return err
}

// within returns those of which all records are in a later run.
func (r *repair) within(later *run.Salvage, all []*contained) ([]*contained, error) {
	inside, n := all, 0
	for key, f := range later.Records {
		inside = slices.DeleteFunc(inside, func(c *contained) bool { return !c.match(key, f) })
		if n++; len(inside) == 0 || n%4096 == 0 && r.ctx.Err() != nil {
			break
		}
	}
	return slices.DeleteFunc(inside, func(c *contained) bool { return c.more }), r.ctx.Err()
}

// A contained is a run that is compared with a later one: all of it is in there,
// as far as was seen.
type contained struct {
	*survivor
	next    func() ([]byte, *rrset.Figures, bool)
	stop    func()
	key     []byte
	figures *rrset.Figures
	more    bool
	read    uint64 // records
}

// contain begins to compare some records of a run.
func contain(s *survivor, records iter.Seq2[[]byte, *rrset.Figures]) *contained {
	c := &contained{survivor: s}
	c.next, c.stop = iter.Pull2(records)
	c.advance()
	return c
}

func (c *contained) advance() {
	if c.key, c.figures, c.more = c.next(); c.more {
		c.read++
	}
}

// match takes the next record of the later run. It is false when a record of
// this run is not there.
func (c *contained) match(key []byte, f *rrset.Figures) bool {
	if !c.more {
		return true
	}
	switch bytes.Compare(c.key, key) {
	case -1:
		return false
	case 0:
		if g := c.figures; g.First < f.First || g.Last > f.Last || g.Count > f.Count {
			return false
		}
		c.advance()
	}
	return true
}

// removeLeftovers takes leftovers, which the manifest does not list, out of the
// store.
func (r *repair) removeLeftovers(runs []survivor) error {
	for _, f := range runs {
		if f.into == "" {
			continue
		}
		aside, err := r.keep(f.File)
		if err != nil {
			return err
		}
		did := Repaired{File: f.File, Outcome: Leftover, Before: f.Records, After: f.Records, Into: []string{f.into}}
		if did.Aside, err = aside.settle(); err != nil {
			return err
		}
		r.o.Report(did)
	}
	return nil
}

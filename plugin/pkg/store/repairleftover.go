package store

import (
	"bytes"

	"example.org/pdns/plugin/pkg/rrset"
)

// A contained is a run that is compared with a later one: all of it is in there,
// as far as was seen.
type contained struct {
	*survivor
	next    func() ([]byte, *rrset.Figures, bool)
	key     []byte
	figures *rrset.Figures
	more    bool
}

func (c *contained) advance() { c.key, c.figures, c.more = c.next() }

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

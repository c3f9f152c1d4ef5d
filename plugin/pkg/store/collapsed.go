package store

import (
	"context"
	"errors"
	"slices"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store/disposable"
)

// ancestor is a name without its first labels.
func ancestor(name []byte, labels int) []byte {
	for range labels {
		name = rrset.Parent(name)
	}
	return name
}

// A CollapsedSet is names that are recorded as one, since there were too many of
// their kind. What they had stands at that owner; when they were seen is known, and
// how many they were, about: not which.
type CollapsedSet struct {
	Owner []byte // canonical, _wildcard_ and the ancestor
	Shape string // see disposable.Shape
	rrset.Figures
	Place disposable.Place // of the name that was asked about
}

// Ancestor is the name below which the names of the set are.
func (c *CollapsedSet) Ancestor() []byte { return rrset.Parent(c.Owner) }

// Collapsed finds the sets that a canonical name, or a name below it, may lie in: of
// such a name not everything that was seen stands at its own owner. The sets are
// good, if not complete, beside an error that matches ErrIncomplete.
func Collapsed(ctx context.Context, src Source, name []byte) ([]CollapsedSet, error) {
	var sets []CollapsedSet
	var fail error
	for above := rrset.Parent(name); rrset.CountLabels(above) >= 2; above = rrset.Parent(above) {
		q := Query{Subject: Owner(disposable.AppendOwner(nil, above)), Types: []uint16{rrset.TypeWildcard}}
		for r, err := range src.Find(ctx, q) {
			if err != nil {
				fail = err
				break
			}
			for _, rdata := range r.Rdata { // one, but a file may say anything
				shape := rrset.RdataString(r.Type, rdata)
				if p := disposable.Find(shape, name[:len(name)-len(above)]); p != disposable.Outside {
					sets = append(sets, CollapsedSet{slices.Clone(r.Owner), shape, r.Figures, p})
				}
			}
		}
		if fail != nil && !errors.Is(fail, ErrIncomplete) {
			break
		}
	}
	return sets, fail
}

// Name is the name that a subject of Owner or Below is about; nil of any other.
func (s Subject) Name() []byte {
	if s.kind != owner && s.kind != below {
		return nil
	}
	return s.name
}

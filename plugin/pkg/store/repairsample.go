package store

import (
	"bytes"

	"example.org/pdns/plugin/pkg/rrset"
)

// A sample is some records of a run, spread evenly over it.
type sample struct {
	seen, every int // of the records that were seen, each that is a multiple is in it
	keys        [][]byte
	figures     []rrset.Figures
}

// sampleSize is how many records a sample has at most.
const sampleSize = 64

func (s *sample) add(key []byte, f *rrset.Figures) {
	s.every = max(s.every, 1)
	if s.seen%s.every == 0 {
		if len(s.keys) == sampleSize {
			s.thin()
		}
		s.keys, s.figures = append(s.keys, bytes.Clone(key)), append(s.figures, *f)
	}
	s.seen++
}

// thin drops every other record.
func (s *sample) thin() {
	for i := range sampleSize / 2 {
		s.keys[i], s.figures[i] = s.keys[2*i], s.figures[2*i]
	}
	s.keys, s.figures = s.keys[:sampleSize/2], s.figures[:sampleSize/2]
	s.every *= 2
}

func (s *sample) records(yield func([]byte, *rrset.Figures) bool) {
	for i, key := range s.keys {
		if !yield(key, &s.figures[i]) {
			return
		}
	}
}

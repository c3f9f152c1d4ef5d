package store

import (
	"errors"
	"maps"
	"slices"

	"example.org/pdns/plugin/pkg/store/run"
)

// passing reports whether an error that kept a run from opening may pass: a lack of
// descriptors, of memory or of rights, or somebody who held its lock.
func passing(err error) bool {
	return err != nil && !faulty(err) && !errors.Is(err, run.ErrFormat)
}

// reopen tries the runs again that something passing kept from opening. Answers
// lack them meanwhile, but they are not damaged. s.merging is held.
func (s *Store) reopen() {
	v, err := s.acquire()
	if err != nil {
		return
	}
	defer v.release()
	for _, l := range v.listed {
		if !passing(v.damage[l.File]) {
			continue
		}
		if opened, err := openListed(s.dir, l); err == nil { // else it was told already
			s.admit(&openRun{Run: opened, file: l.File})
		}
	}
}

// admit has a run answer that did not.
func (s *Store) admit(r *openRun) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.active.Load() == nil { // closed
		r.Close()
		return
	}
	s.swapView(func(v *view) *view {
		st := v.state
		st.damage = maps.Clone(st.damage)
		delete(st.damage, r.file)
		st.runs = append(slices.Clone(st.runs), r)
		return newView(st)
	}).release()
}

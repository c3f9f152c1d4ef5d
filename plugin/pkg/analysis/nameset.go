package analysis

import "bytes"

// A nameSet counts different names. They mostly come in their order.
type nameSet struct {
	found map[string]struct{}
	last  []byte
}

func (s *nameSet) add(name []byte) {
	if bytes.Equal(name, s.last) {
		return
	}
	s.last = append(s.last[:0], name...)
	if s.found == nil {
		s.found = map[string]struct{}{}
	}
	s.found[string(name)] = struct{}{}
}

func (s *nameSet) len() int { return len(s.found) }

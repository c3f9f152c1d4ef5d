package pdnscollect

import (
	"strings"
	"sync"
	"sync/atomic"
	"unicode"
)

// How many sensors are told apart at a listener, and how long their names may be:
// whoever sends chooses them.
const (
	maxSensors    = 64
	maxSensorName = 255
)

// A sensor is whoever sends under a name.
type sensor struct {
	name   string
	frames atomic.Uint64
}

// sensors are those seen at one listener. They are safe for concurrent use.
type sensors struct {
	about string
	mu    sync.RWMutex
	known map[string]*sensor // by identity, as sent
	named map[string]*sensor // identities may differ in what a name cannot show
	other *sensor            // who came when there was no more room
}

func newSensors(about string) *sensors {
	other := &sensor{name: "other"}
	return &sensors{about: about, known: make(map[string]*sensor), named: map[string]*sensor{other.name: other}, other: other}
}

// get returns the sensor of an identity.
func (s *sensors) get(identity []byte) *sensor {
	s.mu.RLock()
	found, full := s.known[string(identity)], len(s.known) >= maxSensors
	s.mu.RUnlock()
	switch {
	case found != nil:
		return found
	case full || len(identity) > maxSensorName:
		return s.other
	}
	return s.add(string(identity))
}

func (s *sensors) add(identity string) *sensor {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found := s.known[identity]; found != nil {
		return found
	}
	if len(s.known) >= maxSensors {
		return s.other
	}
	name := sensorName(identity)
	if s.named[name] == nil {
		s.named[name] = &sensor{name: name}
		log.Infof("%s: sensor %q", s.about, name)
	}
	s.known[identity] = s.named[name]
	return s.known[identity]
}

// sensorName is an identity as text that harms no terminal and no metric.
func sensorName(identity string) string {
	name := strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '\uFFFD'
		}
		return r
	}, strings.ToValidUTF8(identity, "\uFFFD"))
	if name == "" {
		return "unnamed"
	}
	return name
}

// each calls yield with each sensor that has sent.
func (s *sensors) each(yield func(*sensor)) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, known := range s.named {
		if known.frames.Load() > 0 {
			yield(known)
		}
	}
}

// A row is frames of one sensor that came one after another, not yet counted: it
// is not looked up for each.
type row struct {
	identity []byte
	of       *sensor
	frames   uint64
}

// count counts a frame.
func (r *row) count(identity []byte, among *sensors) {
	if r.of == nil || string(r.identity) != string(identity) {
		r.settle()
		r.identity, r.of = append(r.identity[:0], identity...), among.get(identity)
	}
	r.frames++
}

func (r *row) settle() {
	if r.of != nil {
		r.of.frames.Add(r.frames)
	}
	r.of, r.frames = nil, 0
}

package store

import (
	"fmt"
	"strings"
	"time"

	"example.org/pdns/plugin/pkg/store/manifest"
)

// A Condition is what a store as a whole is in that whoever looks after it should
// know of.
type Condition struct {
	Kind string // one of the below, for metrics
	Text string // for people
}

// Kinds of conditions. Those that only the writer can know are told by a Store
// alone, not by readers beside it.
const (
	RunMissing     = "read_only"       // a run is missing, so nothing is recorded
	ClockDoubted   = "clock_doubted"   // the clock has leapt: the retention, if there is one, waits
	MergePostponed = "merge_postponed" // too little room; the writer knows
	FlushFailing   = "flush_failing"   // what is recorded stays in memory; the writer knows
)

// Conditions are all kinds.
var Conditions = []string{RunMissing, ClockDoubted, MergePostponed, FlushFailing}

// conditions are those that the writer knows of.
func (s *Store) conditions() []Condition {
	s.mu.Lock()
	m := s.manifest
	s.mu.Unlock()
	if o := s.opts.Load(); !o.Visit { // the manifest will say so
		m.Keep = int64(o.Keep / time.Second)
	}
	cs := knownConditions(&m, s.ReadOnly())
	if n := s.postponed(); n > 0 {
		cs = append(cs, Condition{MergePostponed, fmt.Sprintf("%d runs wait for more free space to be merged", n)})
	}
	if stuck := s.stuck.Load(); stuck != nil {
		cs = append(cs, Condition{FlushFailing, (*stuck).Error()})
	}
	return cs
}

// postponed counts the runs that wait for room.
func (s *Store) postponed() (n int) {
	s.doubting.Lock()
	defer s.doubting.Unlock()
	for _, w := range s.waits {
		if w.noRoom && time.Now().Before(w.until) {
			n++
		}
	}
	return n
}

// knownConditions are those that everybody can know.
func knownConditions(m *manifest.Manifest, missing error) (cs []Condition) {
	if missing != nil {
		cs = append(cs, Condition{RunMissing, strings.TrimPrefix(missing.Error(), ErrReadOnly.Error()+": ")})
	}
	if c := m.Clock; c.Seen != 0 && m.Keep > 0 {
		cs = append(cs, Condition{ClockDoubted, fmt.Sprintf("the clock went from %s to %s: retention waits until it has gone on for %s, or is set right",
			unixTime(c.Trusted).Format(time.RFC3339), unixTime(c.Seen).Format(time.RFC3339), standFor(time.Duration(m.Keep)*time.Second))})
	}
	return cs
}

package pdnsquery

import (
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"time"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/question"
)

// coverage is what _status tells.
type coverage struct {
	Since    string            `json:"since,omitempty"` // RFC 3339; empty: nothing was recorded yet
	Until    string            `json:"until,omitempty"`
	Runs     int               `json:"runs"`
	Damaged  int               `json:"damaged,omitempty"` // runs that do not answer
	Records  uint64            `json:"records"`           // an RRset has one in each run that holds it
	Recorded uint64            `json:"recorded"`          // observations
	Dropped  map[string]uint64 `json:"dropped,omitempty"`
	Sets     uint64            `json:"collapsed_sets,omitempty"`  // of names that have collapsed into one
	Names    uint64            `json:"collapsed_names,omitempty"` // in these, about
	Reduced  map[string]uint64 `json:"reduced,omitempty"`         // observations recorded as less than was seen
	// Conditions are what the store is in that somebody should know of, by kind.
	Conditions map[string]string `json:"conditions,omitempty"`
	Version    string            `json:"version"`
}

// status answers _status: what the history can know.
func (x *exchange) status(q *question.Question) {
	c, err := x.newCoverage()
	if err != nil {
		x.err = err
		x.fail(outcomeFailed, dns.RcodeServerFailure, dns.ExtendedErrorCodeOther, err.Error())
		return
	}
	if q.JSON {
		x.add(x.text(object(c)))
		return
	}
	x.add(x.text(c.strings()...))
}

func (x *exchange) newCoverage() (*coverage, error) {
	known, err := x.src.Coverage()
	if err != nil {
		return nil, err
	}
	stats, err := x.src.Stats()
	if err != nil {
		return nil, err
	}
	c := &coverage{
		Since: optional(known.Since), Until: optional(known.Until), Runs: len(stats.Runs),
		Records: uint64(stats.Memtable.Records), Recorded: known.Recorded, Dropped: known.Dropped,
		Sets: known.Reduced.Sets, Names: known.Reduced.Names, Reduced: known.Reduced.Observations, Version: Version(),
	}
	for _, run := range stats.Runs {
		c.Records += run.Records
		if run.Damage != "" {
			c.Damaged++
		}
	}
	for _, in := range stats.Conditions {
		if c.Conditions == nil {
			c.Conditions = map[string]string{}
		}
		c.Conditions[in.Kind] = x.h.unplaced.Replace(in.Text)
	}
	return c, nil
}

// strings are attributes as RFC 1464 writes them in TXT.
func (c *coverage) strings() []string {
	var s []string
	if c.Since != "" {
		s = append(s, "since="+c.Since, "until="+c.Until)
	}
	s = append(s, fmt.Sprintf("runs=%d", c.Runs))
	if c.Damaged > 0 {
		s = append(s, fmt.Sprintf("damaged=%d", c.Damaged))
	}
	s = append(s, fmt.Sprintf("records=%d", c.Records), fmt.Sprintf("recorded=%d", c.Recorded))
	for _, reason := range slices.Sorted(maps.Keys(c.Dropped)) {
		s = append(s, fmt.Sprintf("dropped.%s=%d", reason, c.Dropped[reason]))
	}
	if c.Sets > 0 {
		s = append(s, fmt.Sprintf("collapsed_sets=%d", c.Sets), fmt.Sprintf("collapsed_names=%d", c.Names))
	}
	for _, reason := range slices.Sorted(maps.Keys(c.Reduced)) {
		s = append(s, fmt.Sprintf("reduced.%s=%d", reason, c.Reduced[reason]))
	}
	for _, kind := range slices.Sorted(maps.Keys(c.Conditions)) {
		s = append(s, fmt.Sprintf("condition.%s=%s", kind, c.Conditions[kind]))
	}
	return append(s, "version="+c.Version)
}

func optional(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

const modulePath = "example.org/pdns"

// Version is the version of this module in the running program, "devel" for one
// built from a checkout.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "devel"
	}
	for _, m := range append(info.Deps, &info.Main) {
		if m.Path == modulePath && m.Version != "" && m.Version != "(devel)" && m.Replace == nil {
			return m.Version
		}
	}
	return "devel"
}

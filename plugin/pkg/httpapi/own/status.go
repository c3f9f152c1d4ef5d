package own

import (
	"net/http"
	"time"

	"example.org/pdns/plugin/pkg/httpapi/dialect"
	"example.org/pdns/plugin/pkg/store"
)

// coverage is what the history can know, and how its store is. It names no files:
// conditions are kinds, without their text.
type coverage struct {
	Since      string            `json:"since,omitempty"`
	Until      string            `json:"until,omitempty"`
	Zone       string            `json:"zone,omitempty"`
	Recorded   uint64            `json:"recorded"`
	Dropped    map[string]uint64 `json:"dropped"`
	Runs       int               `json:"runs"`
	Damaged    int               `json:"damaged"`
	Records    uint64            `json:"records"`
	Bytes      int64             `json:"bytes"`
	Sets       uint64            `json:"collapsed_sets"`
	Names      uint64            `json:"collapsed_names"`
	Reduced    map[string]uint64 `json:"reduced"`
	Conditions []string          `json:"conditions"`
	Version    string            `json:"version"`
}

func status(x *dialect.Exchange, version string) error {
	src, err := x.Engine().Source()
	if err != nil {
		return err
	}
	known, err := src.Coverage()
	if err != nil {
		return err
	}
	stats, err := src.Stats()
	if err != nil {
		return err
	}
	return x.JSON(http.StatusOK, newCoverage(&known, &stats, version))
}

func newCoverage(known *store.Coverage, stats *store.Stats, version string) *coverage {
	c := &coverage{
		Since: optional(known.Since), Until: optional(known.Until), Zone: known.Zone,
		Recorded: known.Recorded, Dropped: notNil(known.Dropped),
		Runs: len(stats.Runs), Records: uint64(stats.Memtable.Records),
		Sets: known.Reduced.Sets, Names: known.Reduced.Names, Reduced: notNil(known.Reduced.Observations),
		Conditions: []string{}, Version: version,
	}
	for _, run := range stats.Runs {
		c.Records += run.Records
		c.Bytes += run.Bytes
		if run.Damage != "" {
			c.Damaged++
		}
	}
	for _, in := range stats.Conditions {
		c.Conditions = append(c.Conditions, in.Kind)
	}
	return c
}

func notNil(m map[string]uint64) map[string]uint64 {
	if m == nil {
		return map[string]uint64{}
	}
	return m
}

func optional(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

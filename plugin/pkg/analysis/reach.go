package analysis

import (
	"time"

	"example.org/pdns/plugin/pkg/store"
)

// Reach is what a history reaches over, in Unix seconds: what was recorded, and what was
// imported, which may be older and later. Both are 0 if nobody knows.
func Reach(src store.Source) (since, until int64, err error) {
	known, err := src.Coverage()
	if err != nil {
		return 0, 0, err
	}
	stats, err := src.Stats()
	if err != nil {
		return 0, 0, err
	}
	for _, r := range stats.Runs {
		if r.Records == 0 { // a run that holds nothing, or cannot be read
			continue
		}
		if known.Since.IsZero() || r.First.Before(known.Since) {
			known.Since = r.First
		}
		if r.Last.After(known.Until) {
			known.Until = r.Last
		}
	}
	return unix(known.Since), unix(known.Until), nil
}

func unix(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/pdns/plugin/pkg/store"
)

// seenAt fills a store with a run for each of these times.
func seenAt(t *testing.T, s *store.Store, times ...string) {
	t.Helper()
	for i, at := range times {
		first, last, span := strings.Cut(at, "/")
		if !span {
			last = first
		}
		from, err := time.Parse("2006-01-02T15", first)
		must(t, err)
		to, err := time.Parse("2006-01-02T15", last)
		must(t, err)
		must(t, s.Add(line(t, fmt.Sprintf("n%d.test. A %d %d 1 192.0.2.1", i, from.Unix(), to.Unix()))))
		must(t, s.Flush(t.Context()))
	}
}

// spans are the runs of a store, as their times.
func spans(t *testing.T, s *store.Store) (spans []string) {
	t.Helper()
	st, err := s.Stats()
	must(t, err)
	for _, r := range st.Runs {
		spans = append(spans, r.First.Format("2006-01-02T15")+"/"+r.Last.Format("2006-01-02T15"))
	}
	slices.Sort(spans)
	return spans
}

// A merge as far as a window goes into that and no further.
func TestMergeWindow(t *testing.T) {
	mixed := []string{"2026-01-05T10", "2026-01-05T10", "2026-01-05T11", "2026-01-06T10", "2026-02-01T01", "2026-01-01T00/2026-01-31T23"}
	month := "2026-01-01T00/2026-01-31T23"
	years := []string{ // of a store from before it was to keep short runs, and imports
		"2018-01-01T00/2018-12-01T00", "2017-01-01T00/2017-12-01T00", "2016-01-01T00/2016-12-01T00", "2015-01-01T00/2015-12-01T00",
		"2014-01-01T00/2014-12-01T00", "2013-01-01T00/2013-12-01T00", "2012-01-01T00/2012-12-01T00", "2011-01-01T00/2011-12-01T00",
	}
	tests := []struct {
		name    string
		windows []store.Window
		keep    time.Duration
		unit    store.Window // empty: Merge
		seen    []string
		want    []string
	}{
		{"hour", nil, 0, store.Hour, mixed, []string{month, "2026-01-05T10/2026-01-05T10", "2026-01-05T11/2026-01-05T11", "2026-01-06T10/2026-01-06T10", "2026-02-01T01/2026-02-01T01"}},
		{"day", nil, 0, store.Day, mixed, []string{month, "2026-01-05T10/2026-01-05T11", "2026-01-06T10/2026-01-06T10", "2026-02-01T01/2026-02-01T01"}},
		{"month", nil, 0, store.Month, mixed, []string{month, "2026-02-01T01/2026-02-01T01"}},
		{"year", nil, 0, store.Year, mixed, []string{"2026-01-01T00/2026-02-01T01"}},
		{"day among others", []store.Window{store.Hour, store.Month}, 0, store.Day, mixed, []string{month, "2026-01-05T10/2026-01-05T11", "2026-01-06T10/2026-01-06T10", "2026-02-01T01/2026-02-01T01"}},
		{"year beyond the windows", []store.Window{store.Hour, store.Day}, 0, store.Year, mixed, []string{month, "2026-01-05T10/2026-01-05T11", "2026-01-06T10/2026-01-06T10", "2026-02-01T01/2026-02-01T01"}},
		{"what is longer stays", nil, 0, store.Hour, years, sorted(years)},
		{"what is longer stays inside its window", []store.Window{store.Hour, store.Day}, 0, "", years, sorted(years)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			now := func() time.Time { return time.Date(2027, 6, 1, 0, 0, 0, 0, time.UTC) }
			s := open(t, t.TempDir(), store.Options{Flush: time.Hour, Now: now, Windows: tt.windows, Keep: tt.keep})
			seenAt(t, s, tt.seen...)
			merge := func() error { return s.MergeWindow(t.Context(), tt.unit, nil) }
			if tt.unit == "" {
				merge = func() error { return s.Merge(t.Context(), false, nil) }
			}
			must(t, merge())
			if got := spans(t, s); !slices.Equal(got, tt.want) {
				t.Errorf("runs %q, want %q", got, tt.want)
			}
		})
	}
}

func sorted(s []string) []string { return slices.Sorted(slices.Values(s)) }

// What a retention removes, by the windows that runs lie in.
func TestKeep(t *testing.T) {
	tests := []struct {
		keep time.Duration
		seen []string
		want []string // what is left at the beginning of 2027-06
	}{
		{400 * day, []string{"2026-04-01T00/2026-04-27T01"}, []string{"2026-04-01T00/2026-04-27T01"}}, // which goes as a whole
		{400 * day, []string{"2026-04-01T00/2026-04-26T23"}, nil},
		{30 * day, []string{"2027-05-01T00", "2027-05-03T00"}, []string{"2027-05-03T00/2027-05-03T00"}},
		{2 * time.Hour, []string{"2027-05-31T20", "2027-05-31T23"}, []string{"2027-05-31T23/2027-05-31T23"}},
		{0, []string{"1990-05-31T20", "2027-05-31T23"}, []string{"1990-05-31T20/1990-05-31T20", "2027-05-31T23/2027-05-31T23"}},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.keep, tt.seen), func(t *testing.T) {
			now := func() time.Time { return time.Date(2027, 6, 1, 0, 0, 0, 0, time.UTC) }
			o := store.Options{Flush: time.Hour, Now: now}
			s := open(t, t.TempDir(), o)
			seenAt(t, s, tt.seen...)
			o.Keep = tt.keep
			s.Reconfigure(o)
			must(t, s.Merge(t.Context(), false, nil)) // expires
			must(t, s.Merge(t.Context(), false, nil))
			if got := spans(t, s); !slices.Equal(got, tt.want) {
				t.Errorf("left %q, want %q", got, tt.want)
			}
		})
	}
}

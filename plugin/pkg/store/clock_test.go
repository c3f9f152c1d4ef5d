package store_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"example.org/pdns/plugin/pkg/store"
)

const day = 24 * time.Hour

// goOn lets a clock that has leapt go on for a day, which makes it believed.
func goOn(t *testing.T, s *store.Store, clock *atomic.Int64) {
	t.Helper()
	for range 24 {
		must(t, s.Merge(context.Background(), false, nil))
		clock.Add(3600)
	}
	must(t, s.Merge(context.Background(), false, nil))
}

// A retention removes nothing because the clock is wrong: one that leaps is
// believed when it has gone on for a day, and not when it comes back.
func TestClockLeaps(t *testing.T) {
	const (
		hour    = "hour"    // an hour passes
		restart = "off +0d" // the store is closed and opened
	)
	times := func(n int, what ...string) string { return strings.Repeat(strings.Join(what, " ")+" ", n) }
	tests := []struct {
		name  string
		steps string // of the above, and leaps, +400d or -400d, of which "off" makes a pause
		left  bool   // whether what was recorded at first is
	}{
		{"no leap", times(20, hour), true},
		{"time passes", times(24*50, hour), false},
		{"years ahead", "+2000d", true},
		{"years ahead for a day less an hour", "+2000d " + times(23, hour), true},
		{"years ahead for a day", "+2000d " + times(24, hour), false},
		{"years ahead and back", "+2000d " + times(20, hour) + "-2000d " + times(48, hour), true},
		{"years ahead, and again", "+2000d " + times(20, hour) + "+2000d " + times(20, hour), true},
		{"years ahead through restarts", "+2000d " + times(24, hour, restart), false},
		{"years ahead at a restart", "off +2000d hour", true},
		{"off for a week after a leap", "+2000d " + times(3, times(10, hour), "off +7d"), false},
		{"off for a week each week", times(5, times(15, hour), "off +7d"), true},
		{"on for a few hours each week", times(20, times(15, hour), "off +7d"), false},
		{"ahead and back at each restart", times(30, "off +2000d", hour, "off -2000d", hour), true},
		{"years back", "-2000d " + times(48, hour), true},
		{"years back and again right", "-2000d " + times(48, hour) + "+2000d " + times(20, hour), true},
		{"1970 until the time is known", times(30, restart, "-2000d", hour, "+2000d", hour), true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var clock atomic.Int64
			begin := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
			clock.Store(begin.Unix())
			var told atomic.Int64 // leaps that are not over
			o := store.Options{Flush: time.Hour, Keep: 40 * day, Now: func() time.Time { return time.Unix(clock.Load(), 0) },
				Events: store.Events{Clock: func(i store.ClockInfo) {
					if told.Store(1); i.Trusted {
						told.Store(0)
					}
				}}}
			dir := t.TempDir()
			s := open(t, dir, o)
			must(t, s.Add(line(t, fmt.Sprintf("a.test. A %d %d 1 192.0.2.1", begin.Unix(), begin.Unix()))))
			must(t, s.Merge(t.Context(), false, nil))
			off := false
			for step := range strings.FieldsSeq(tt.steps) {
				switch days := int64(0); step {
				case hour:
					clock.Add(3600)
				case "off":
					must(t, s.Close())
					off = true
				default:
					_, err := fmt.Sscanf(step, "%dd", &days)
					must(t, err)
					clock.Add(days * 24 * 3600)
					if off {
						s, off = open(t, dir, o), false
					}
				}
				if !off {
					must(t, s.Merge(t.Context(), false, nil))
				}
			}
			if n, err := walk(s); err != nil || n == 1 != tt.left {
				t.Errorf("%d RRsets left, %v: want one left %v", n, err, tt.left)
			}
			if doubted := has(t, s, "clock_doubted"); doubted != (told.Load() == 1) {
				t.Errorf("clock doubted %v, but that is not what was told", doubted)
			}
		})
	}
}

// How long a clock must go on is told as it is, and nothing is where no retention
// goes by it.
func TestClockDoubtedText(t *testing.T) {
	tests := []struct {
		keep time.Duration
		want string // of the text; empty: no condition
	}{
		{0, ""},
		{2 * time.Hour, "gone on for 2h0m0s"},
		{40 * day, "gone on for 24h0m0s"},
	}
	for _, tt := range tests {
		var clock atomic.Int64
		clock.Store(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC).Unix())
		told := 0
		dir := t.TempDir()
		s := open(t, dir, store.Options{Flush: time.Hour, Keep: tt.keep, Now: func() time.Time { return time.Unix(clock.Load(), 0) },
			Events: store.Events{Clock: func(c store.ClockInfo) {
				if told++; c.Stand != min(day, tt.keep) {
					t.Errorf("told %+v", c)
				}
			}}})
		must(t, s.Merge(t.Context(), false, nil))
		clock.Add(1000 * 24 * 3600)
		must(t, s.Merge(t.Context(), false, nil))
		s.Dropped("to have it saved").Add(1)
		must(t, s.Flush(t.Context()))
		src, err := store.OpenReader(dir)
		must(t, err)
		for name, from := range map[string]store.Source{"the store": s, "a reader": src} {
			st, err := from.Stats()
			must(t, err)
			ok := len(st.Conditions) == 0
			if tt.want != "" {
				ok = len(st.Conditions) == 1 && strings.Contains(st.Conditions[0].Text, tt.want)
			}
			if !ok {
				t.Errorf("keep %v: %s tells %+v, want %q", tt.keep, name, st.Conditions, tt.want)
			}
		}
		if (told == 1) != (tt.want != "") {
			t.Errorf("keep %v: told %d times", tt.keep, told)
		}
		must(t, src.Close())
		must(t, s.Close())
	}
}

// has reports whether a source is in a condition.
func has(t *testing.T, src store.Source, kind string) bool {
	t.Helper()
	st, err := src.Stats()
	must(t, err)
	for _, c := range st.Conditions {
		if c.Kind == kind {
			return true
		}
	}
	return false
}

// A clock that is set back keeps neither flushes nor merges from their work, and
// what is searched comes in order.
func TestClockSetBack(t *testing.T) {
	var clock atomic.Int64
	begin := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC).Unix()
	s := open(t, t.TempDir(), store.Options{Flush: time.Hour, Now: func() time.Time { return time.Unix(clock.Load(), 0) }})
	for i := range 6 {
		// Recorded in the right hour, written by a clock that is years ahead.
		clock.Store(begin + 5*365*24*3600 + int64(i))
		at := begin + int64(i)
		must(t, s.Add(line(t, fmt.Sprintf("a.test. A %d %d 1 192.0.2.1", at, at))))
		must(t, s.Flush(t.Context()))
		clock.Store(begin + int64(i))
		must(t, s.Merge(t.Context(), false, nil))
	}
	clock.Store(begin + 3*3600)
	must(t, s.Merge(t.Context(), false, nil))
	st, err := s.Stats()
	must(t, err)
	if len(st.Runs) != 1 || st.Runs[0].Window != "2026-03-01T00 hour" {
		t.Errorf("runs %+v, want one of the hour", st.Runs)
	}
	if got, want := answer(t, s, store.Query{}), fmt.Sprintf("a.test. A %d %d 6 192.0.2.1", begin, begin+5); len(got) != 1 || got[0] != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

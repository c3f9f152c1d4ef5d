package store_test

import (
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"example.org/pdns/plugin/pkg/store"
)

// Many runs become one in rounds, the smallest first, so that the last merge and
// those before it read no more than 32.
func TestMergeInRounds(t *testing.T) {
	for _, all := range []bool{false, true} {
		var clock atomic.Int64
		now := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
		clock.Store(now.Unix())
		merges := make(chan int, 10)
		s := open(t, t.TempDir(), store.Options{
			Flush: time.Hour, Now: func() time.Time { return time.Unix(clock.Load(), 0) }, Windows: []store.Window{store.Hour, store.Year},
			Events: store.Events{Merged: func(i store.MergeInfo) { merges <- i.Runs }},
		})
		const runs = 40
		var times []string
		for i := range time.Duration(runs) {
			times = append(times, now.Add(-3*i*time.Hour).Format("2006-01-02T15"))
		}
		seenAt(t, s, times...)
		if !all {
			clock.Store(now.AddDate(1, 0, 0).Unix())
		}
		must(t, s.Merge(t.Context(), all, nil))
		got := []int{<-merges, <-merges}
		if !slices.Equal(got, []int{9, 32}) || len(merges) > 0 {
			t.Errorf("merges of %d runs and %d more, want of 9 and 32", got, len(merges))
		}
		if n, err := walk(s); n != runs || err != nil || len(spans(t, s)) != 1 {
			t.Errorf("%d RRsets in %d runs, %v", n, len(spans(t, s)), err)
		}
	}
}

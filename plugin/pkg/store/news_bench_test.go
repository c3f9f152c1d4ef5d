package store_test

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
	"example.org/pdns/plugin/pkg/store/novelty"
)

// benchFlush is how many RRsets each flush of BenchmarkNews writes: what a resolver of
// 2,000 answers/s that are not cached brings in ten seconds.
const benchFlush = 20_000

// BenchmarkNews is a flush a day after the history that the store holds: half of what
// it writes was in the flushes before, a fifth is of older times, the rest is new. It
// reports which share of the flush went into finding that.
func BenchmarkNews(b *testing.B) {
	now := int64(1_700_000_000)
	var flushed, looked time.Duration
	var found uint64
	o := store.Options{Flush: time.Hour, Now: func() time.Time { return time.Unix(now, 0) }, News: novelty.Options{Learn: -1}}
	o.Events = store.Events{
		Flushed: func(f store.FlushInfo) { flushed += f.Took },
		News: func(n store.NewsInfo) {
			looked += n.Took
			for _, n := range n.Found {
				found += n
			}
		},
		Error: func(err error) { b.Error(err) },
	}
	s, err := store.Open(b.TempDir(), o)
	must(b, err)
	defer s.Close()
	now -= 100 * aDay // so that what fills the store brings no news
	o.News.Off = true
	s.Reconfigure(o)
	fill(b, s, benchRRsets)
	o.News.Off = false
	s.Reconfigure(o)

	known := newTraffic()
	var old, hot []*rrset.RRset
	for i := range benchRRsets {
		r := known.next()
		switch {
		case i%(benchRRsets/benchFlush/10+1) == 0:
			old = append(old, r.Clone())
		case len(hot) < benchFlush:
			hot = append(hot, r.Clone())
		}
	}
	fresh := newTraffic()
	fresh.rng = rand.New(rand.NewPCG(8, 8))
	now = fresh.now + 3*aDay
	round := func() {
		now += 10
		for i := range benchFlush {
			r := fresh.next()
			switch {
			case i%10 < 5:
				r = hot[fresh.rng.IntN(len(hot))]
			case i%10 < 7:
				r = old[fresh.rng.IntN(len(old))]
			}
			r.First, r.Last = now, now
			must(b, s.Add(r))
		}
		must(b, s.Flush(context.Background()))
	}
	for range 3 { // the first flush after a start knows nothing
		round()
	}
	flushed, looked, found = 0, 0, 0
	n := 0
	for b.Loop() {
		round()
		n++
	}
	b.ReportMetric(looked.Seconds()*1000/float64(n), "news-ms/flush")
	b.ReportMetric(100*looked.Seconds()/flushed.Seconds(), "%-of-flush")
	b.ReportMetric(float64(found)/float64(n), "events/flush")
}

package store

import (
	"time"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store/compare"
	"example.org/pdns/plugin/pkg/store/memtable"
	"example.org/pdns/plugin/pkg/store/novelty"
	"example.org/pdns/plugin/pkg/store/run"
)

// A NewsInfo says what a flush brought that was never seen before.
type NewsInfo struct {
	Found   map[novelty.Kind]uint64
	Took    time.Duration // of looking up and of writing the log, a part of the flush
	Skipped uint64        // records that there was no time to look at
	Shed    uint64        // events that the log had no room for
	// Learning: nothing was looked for, since the history does not reach back over
	// novelty.Options.Learn, or a part of it cannot be read.
	Learning bool
	// Ready, while Learning, is when the history will reach back far enough by itself;
	// zero if it is a part that cannot be read which is in the way.
	Ready time.Time
}

// news is what a store remembers to find what is new; the one who flushes holds it.
type news struct {
	known *compare.Known
	log   *novelty.Log
	told  *memtable.Table // whose news stand in the log
	begun time.Time       // when the last search did
}

// leastBudget is how long a search may take, however soon after the last one.
const leastBudget = time.Second / 2

// budget is how long the search that begins now may take: where the memtable fills up all
// the time, no more than a quarter of it goes into searching.
func (n *news) budget(most time.Duration) time.Duration {
	now := time.Now()
	defer func() { n.begun = now }()
	if n.begun.IsZero() {
		return most
	}
	return min(most, max(leastBudget, now.Sub(n.begun)/4))
}

// A lookout for news goes along with the writing of a table.
type lookout struct {
	s      *Store
	view   *view
	finder *compare.Finder
	batch  *novelty.Batch
	info   NewsInfo
}

// look begins to look for news in the frozen table; nil if there is nothing to look for.
func (s *Store) look() *lookout {
	o := s.opts.Load()
	if o.News.Off || s.news.told == s.frozen {
		return nil
	}
	v, err := s.acquire()
	if err != nil {
		return nil
	}
	l := &lookout{s: s, view: v, info: NewsInfo{Found: map[novelty.Kind]uint64{}}}
	if l.info.Ready, l.info.Learning = learning(v, o); l.info.Learning {
		return l
	}
	if s.news.known == nil {
		s.news.known = compare.NewKnown()
	}
	if s.news.log == nil {
		s.news.log = novelty.NewLog(s.dir)
	}
	var runs []*run.Run
	for _, r := range v.runs {
		runs = append(runs, r.Run)
	}
	now := o.Now()
	terms := o.News
	terms.Budget = s.news.budget(terms.Budget)
	l.batch = s.news.log.Begin(now)
	l.finder = compare.NewFinder(terms, s.news.known, runs, now, func(e *novelty.Event) {
		l.info.Found[e.Kind]++
		l.batch.Add(e)
	})
	return l
}

// learning reports whether what a view lacks cannot be taken for new, and until when:
// zero where that is not a matter of time.
func learning(v *view, o *Options) (ready time.Time, wait bool) {
	if len(v.damage) > 0 {
		return time.Time{}, true
	}
	if o.News.Learn < 0 {
		return time.Time{}, false
	}
	begins := o.Now().Unix()
	for _, r := range v.listed {
		begins = min(begins, r.First)
	}
	ready = time.Unix(begins, 0).Add(o.News.Learn)
	return ready, ready.After(o.Now())
}

func (n *news) close() error {
	if n.log == nil {
		return nil
	}
	return n.log.Close()
}

// add looks at the next record.
func (l *lookout) add(key []byte, f *rrset.Figures) {
	if l != nil && l.finder != nil {
		l.finder.Add(key, f)
	}
}

// cancel gives up what was found, to find it again.
func (l *lookout) cancel() {
	if l == nil {
		return
	}
	defer l.view.release()
	if l.finder != nil {
		l.finder.Close()
		l.batch.Abort()
		l.s.news.known = nil
	}
}

// finish writes what was found to the log. That it cannot be is told, and stops no
// flush.
func (l *lookout) finish() {
	if l == nil {
		return
	}
	defer l.view.release()
	if l.finder != nil {
		l.s.report(l.finder.Close())
		start := time.Now()
		shed, err := l.batch.Commit()
		l.s.report(err)
		l.info.Took, l.info.Skipped, l.info.Shed = l.finder.Spent()+time.Since(start), l.finder.Skipped(), uint64(shed)
		l.s.news.told = l.s.frozen
	}
	if f := l.s.opts.Load().Events.News; f != nil {
		f(l.info)
	}
}

package store

import (
	"time"

	"example.org/pdns/plugin/pkg/store/manifest"
)

// A clock may be wrong by years: a machine without a battery, a time server gone
// astray. What a retention removes because of that is gone for good, so it goes
// by a time that has been seen to pass. A clock that leaps is believed when it
// has gone on from where it leapt to for a day of running, or for as long as a
// retention that is shorter, through restarts too. Without a retention nothing
// depends on it, and it is not told.

// doubtless is how far the clock may go between two looks, a minute apart or a
// restart, and be believed at once; stand is how long it must go on if it went
// further. Both are short for a retention that is.
func doubtless(keep time.Duration) (leap, stand int64) {
	if keep <= 0 {
		keep = 8 * aDay
	}
	return int64(max(10*mergeEvery, min(aDay, keep/8)) / time.Second), int64(standFor(keep) / time.Second)
}

const aDay = 24 * time.Hour

// standFor is how long a clock that has leapt must go on to be believed.
func standFor(keep time.Duration) time.Duration { return min(aDay, keep) }

// tick is what is known of the clock when it shows now. first is set for the
// first look of a process: time may have passed since the last one.
func tick(c manifest.Clock, now int64, keep time.Duration, first bool) manifest.Clock {
	leap, stand := doubtless(keep)
	near := func(t int64) bool { return t-leap <= now && now <= t+leap }
	switch {
	case c.Trusted == 0, near(c.Trusted):
		return manifest.Clock{Trusted: max(c.Trusted, now)}
	case c.Seen != 0 && near(c.Seen):
		c.Stood += max(0, now-c.Seen)
		c.Seen = max(c.Seen, now)
	case c.Seen != 0 && first && now > c.Seen: // off for a while, like everything
		c.Seen = now
	default:
		return manifest.Clock{Trusted: c.Trusted, Seen: now}
	}
	if c.Stood >= stand {
		return manifest.Clock{Trusted: c.Seen}
	}
	return c
}

// A ClockInfo describes a clock that has leapt, or that is believed again.
type ClockInfo struct {
	From    time.Time     // the newest time that was believed before
	To      time.Time     // what the clock shows
	Trusted bool          // it is believed, and the retention goes by it
	Stand   time.Duration // how long it must go on to be believed
}

// watchClock looks at the clock and returns the time that the retention goes by.
// What it knows is saved with the next manifest.
func (s *Store) watchClock(o *Options) time.Time {
	now := o.Now()
	if o.Visit { // its clock may be that of a report
		return now
	}
	s.mu.Lock()
	before := s.manifest.Clock
	first := !s.watched
	after := tick(before, now.Unix(), o.Keep, first)
	s.manifest.Clock, s.watched = after, true
	s.mu.Unlock()
	doubted := after.Seen != 0
	if f := o.Events.Clock; f != nil && o.Keep > 0 && (doubted != (before.Seen != 0) || doubted && first) {
		f(ClockInfo{From: unixTime(before.Trusted), To: now.UTC(), Trusted: !doubted, Stand: standFor(o.Keep)})
	}
	return time.Unix(min(after.Trusted, now.Unix()), 0)
}

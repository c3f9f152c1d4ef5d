package novelty

import (
	"cmp"
	"time"
)

// Fresh is how long ago something may have been seen first to count as new.
const Fresh = 24 * time.Hour

// Options of what counts as new.
type Options struct {
	Off bool // nothing is found
	// Learn is how far the history must reach back before anything counts as new.
	// Zero is the default of 7 days; less than zero is none.
	Learn time.Duration
	// Silence is how long a domain was not seen to come back as Again; default 10
	// days.
	Silence time.Duration
	// Budget is how long a flush may be searched for news: what it holds behind that is
	// not looked at. Default 2 seconds; where flushes follow on each other, a quarter of
	// the time between them, if that is over half a second.
	Budget time.Duration
}

// Defaults of Options.
const (
	DefaultLearn   = 7 * 24 * time.Hour
	DefaultSilence = 10 * 24 * time.Hour
	DefaultBudget  = 2 * time.Second
)

// WithDefaults fills in what is zero.
func (o Options) WithDefaults() Options {
	o.Learn = cmp.Or(o.Learn, DefaultLearn)
	if o.Silence <= 0 {
		o.Silence = DefaultSilence
	}
	if o.Budget <= 0 {
		o.Budget = DefaultBudget
	}
	return o
}

package store

import (
	"fmt"
	"slices"
	"time"

	"example.org/pdns/plugin/pkg/store/disposable"
	"example.org/pdns/plugin/pkg/store/novelty"
)

// Options of a store that is opened for writing. Zero values are defaults.
type Options struct {
	Flush  time.Duration // from the beginning of a flush to that of the next; default 10s
	Memory int           // bytes that the memtable may hold; default 256 MiB
	Keep   time.Duration // runs whose newest record is older are unlinked; 0: for ever
	// Windows are the calendar units of the merge, smallest first; default
	// hour, day, month, year.
	Windows []Window
	Now     func() time.Time // clock of flushes, windows and retention; default time.Now

	// Disposable says how many names, and answers, are too many to record each. With
	// Visit it is what the program says that records day by day.
	Disposable disposable.Policy

	// News says what counts as never seen before. What a flush brings of it goes into
	// the log that novelty.NewReader reads.
	News novelty.Options

	// Visit is for programs that work on a store for a moment, beside the one
	// that records into it day by day: what that one keeps, and merges into which
	// windows, holds, and time that passes is not counted as watched.
	Visit bool

	// ByCut is for programs that must know to the last observation what is on disk:
	// Cut alone writes, and Close gives up what was added since. Add takes
	// everything then: whoever adds must cut when the store is Crowded.
	ByCut bool

	// MaxRunBytes bounds the size of a run's file; 0 is no bound. What does not
	// fit stays in memory, and is shed when that is full.
	MaxRunBytes int

	// Events are told what the background does. Calls come from background
	// goroutines and must not block.
	Events Events
}

// Defaults of Options.
const (
	DefaultFlush  = 10 * time.Second
	DefaultMemory = 256 << 20
	minMemory     = 1 << 20
)

// tableBytes is how many bytes one memtable may have: two fifths of the memory are
// for the one being filled, two for the one being written, and one for merges.
func (o *Options) tableBytes() int { return o.Memory / 5 * 2 }

// withDefaults fills in what is zero.
func (o Options) withDefaults() Options {
	if o.Flush <= 0 {
		o.Flush = DefaultFlush
	}
	if o.Memory <= 0 {
		o.Memory = DefaultMemory
	}
	o.Memory = max(o.Memory, minMemory)
	if len(o.Windows) == 0 {
		o.Windows = []Window{Hour, Day, Month, Year}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	o.News = o.News.WithDefaults()
	o.Disposable = o.Disposable.WithDefaults()
	return o
}

// A Window is a calendar unit, in UTC.
type Window string

// The windows.
const (
	Hour  Window = "hour"
	Day   Window = "day"
	Month Window = "month"
	Year  Window = "year"
)

var windows = []Window{Hour, Day, Month, Year}

// ParseWindows reads names of windows, which must go from small to large.
func ParseWindows(names []string) ([]Window, error) {
	var ws []Window
	last := -1
	for _, n := range names {
		i := slices.Index(windows, Window(n))
		if i < 0 {
			return nil, fmt.Errorf("unknown window %q: want hour, day, month or year", n)
		}
		if i <= last {
			return nil, fmt.Errorf("window %q: windows go from small to large, each once", n)
		}
		last = i
		ws = append(ws, windows[i])
	}
	return ws, nil
}

// bounds returns the window of this unit that holds t: its start, and the start
// of the next.
func (w Window) bounds(t time.Time) (start, end time.Time) {
	t = t.UTC()
	y, m, d := t.Date()
	switch w {
	case Hour:
		start = t.Truncate(time.Hour)
		return start, start.Add(time.Hour)
	case Day:
		start = time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
		return start, start.AddDate(0, 0, 1)
	case Month:
		start = time.Date(y, m, 1, 0, 0, 0, 0, time.UTC)
		return start, start.AddDate(0, 1, 0)
	default:
		start = time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC)
		return start, start.AddDate(1, 0, 0)
	}
}

// length is about how long a window of this unit is.
func (w Window) length() time.Duration {
	start, end := w.bounds(time.Unix(0, 0))
	return end.Sub(start)
}

// layout formats the start of a window as far as its unit goes.
func (w Window) layout() string {
	switch w {
	case Hour:
		return "2006-01-02T15"
	case Day:
		return time.DateOnly
	case Month:
		return "2006-01"
	}
	return "2006"
}

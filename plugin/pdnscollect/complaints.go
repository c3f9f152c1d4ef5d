package pdnscollect

import (
	"fmt"
	"sync"
	"time"
)

// In a while the log tells of one kind of trouble once, and of a kind of what is
// usual a few times.
const (
	complaintEvery = time.Minute
	notesMeanwhile = 20
)

// complaints are what the log is told about one listener: a few lines a minute for
// each kind, however often something happens. They are safe for concurrent use.
type complaints struct {
	about string
	mu    sync.Mutex
	kinds map[string]*complaint
}

type complaint struct {
	since  time.Time // when the minute began
	told   int       // lines since then
	silent uint64    // how often it happened without a line
}

// tell tells that something of a kind happened n times.
func (c *complaints) tell(kind string, n uint64, text string) {
	if before, due := c.due(kind, n, 1); due {
		log.Warningf("%s: %d %s: %s%s", c.about, n, kind, text, untold(before))
	}
}

// note tells of something that is no trouble.
func (c *complaints) note(kind, text string) {
	if before, due := c.due(kind, 1, notesMeanwhile); due {
		log.Infof("%s: %s%s", c.about, text, untold(before))
	}
}

func untold(n uint64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" (and %d since the last such line)", n)
}

// of returns the complaint of a kind; the lock is held.
func (c *complaints) of(kind string) *complaint {
	if c.kinds == nil {
		c.kinds = make(map[string]*complaint)
	}
	if c.kinds[kind] == nil {
		c.kinds[kind] = new(complaint)
	}
	return c.kinds[kind]
}

// due reports whether there may be a line about a kind, of so many a minute, and
// how much went untold.
func (c *complaints) due(kind string, n uint64, lines int) (silent uint64, due bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k := c.of(kind)
	if now := time.Now(); now.Sub(k.since) >= complaintEvery {
		k.since, k.told = now, 0
	}
	if k.told == lines {
		k.silent += n
		return 0, false
	}
	k.told++
	silent, k.silent = k.silent, 0
	return silent, true
}

package pdnscollect

import (
	"fmt"
	"sync"
	"time"
)

// complaintEvery is how often the log tells of one kind of trouble.
const complaintEvery = time.Minute

// complaints are what the log is told about one listener: a line a minute for
// each kind, however often something happens. They are safe for concurrent use.
type complaints struct {
	about string
	mu    sync.Mutex
	kinds map[string]*complaint
}

type complaint struct {
	told   time.Time
	silent uint64 // how often it happened since
}

// tell tells that something of a kind happened n times.
func (c *complaints) tell(kind string, n uint64, text string) {
	if before, due := c.due(kind, n); due {
		since := ""
		if before > 0 {
			since = fmt.Sprintf(" (and %d since the last such line)", before)
		}
		log.Warningf("%s: %d %s: %s%s", c.about, n, kind, text, since)
	}
}

// due reports whether it is time to tell, and how much went untold.
func (c *complaints) due(kind string, n uint64) (silent uint64, due bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k := c.kinds[kind]
	if k == nil {
		k = new(complaint)
		if c.kinds == nil {
			c.kinds = make(map[string]*complaint)
		}
		c.kinds[kind] = k
	}
	if now := time.Now(); k.told.IsZero() || now.Sub(k.told) >= complaintEvery {
		silent, due = k.silent, true
		*k = complaint{told: now}
		return silent, due
	}
	k.silent += n
	return 0, false
}

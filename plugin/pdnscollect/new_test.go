package pdnscollect

import (
	"bytes"
	"fmt"
	golog "log"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	clog "github.com/coredns/coredns/plugin/pkg/log"

	"example.org/pdns/plugin/pkg/clock"
)

// A lockedLog is a log that is read while it is written.
type lockedLog struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedLog) count(text string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.b.String(), text)
}

// TestLearning: the log says once that nothing counts as new yet, and once that it does.
func TestLearning(t *testing.T) {
	var log lockedLog
	golog.SetOutput(&log)
	t.Cleanup(clog.Discard)
	t.Cleanup(func() { clock.Set(nil) })
	at := time.Date(2019, 8, 1, 10, 0, 0, 0, time.UTC)
	clock.Set(func() time.Time { return at })
	corefile := fmt.Sprintf(`. {
	bind 127.0.0.1
	pdnscollect %s {
		flush 50ms
	}
	hosts {
		192.0.2.1 www.old.test www.new.test
	}
}`, filepath.Join(t.TempDir(), "store"))
	s := start(t, corefile)
	const waits, found = "nothing counts as newly observed before 2019-08-08T10:00:00Z: ", "what is newly observed is found from now on"
	s.resolve("www.old.test.")
	eventually(t, func() bool { return log.count(waits) == 1 })
	later := at.Add(8 * 24 * time.Hour)
	clock.Set(func() time.Time { return later })
	s.resolve("www.new.test.")
	eventually(t, func() bool { return log.count(found) == 1 })
	s.resolve("www.old.test.")
	s.stop()
	for _, text := range []string{waits, found} {
		if n := log.count(text); n != 1 {
			t.Errorf("%d times %q:\n%s", n, text, log.b.String())
		}
	}
}

package listen

import (
	"net"
	"sync"
	"time"
)

// Draining takes what has been sent when a listener is closed: it ends when
// nothing comes for a moment, and at the latest after drainTime.
const (
	drainTime  = 2 * time.Second
	drainPause = 20 * time.Millisecond
)

// A timedConn is a connection on which waiting has a limit. Reading is for one
// goroutine; drain is for any.
type timedConn struct {
	net.Conn
	limit time.Duration // for a frame that has begun
	pause time.Duration // that ends draining
	due   time.Time     // when what is being read must be whole; zero between frames

	mu   sync.Mutex
	last time.Time // when draining ends; zero: it has not begun
}

// await tells where in the stream the connection is: what is read next belongs to
// a frame that has begun, or begins one.
func (c *timedConn) await(begun bool) {
	if c.due = (time.Time{}); begun {
		c.due = time.Now().Add(c.limit)
	}
}

// Read implements io.Reader.
func (c *timedConn) Read(b []byte) (int, error) {
	if err := c.arm(); err != nil {
		return 0, err
	}
	n, err := c.Conn.Read(b)
	if n > 0 && c.due.IsZero() {
		c.due = time.Now().Add(c.limit)
	}
	return n, err
}

// arm sets until when a read may wait.
func (c *timedConn) arm() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	at := c.due
	if !c.last.IsZero() {
		if at = time.Now().Add(c.pause); at.After(c.last) {
			at = c.last
		}
	}
	return c.SetReadDeadline(at)
}

// Write implements io.Writer. What is written is short; who does not read it is
// not waited for.
func (c *timedConn) Write(b []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(c.limit)); err != nil {
		return 0, err
	}
	return c.Conn.Write(b)
}

// drain ends waiting, and soon reading.
func (c *timedConn) drain() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.last.IsZero() {
		c.last = time.Now().Add(drainTime)
		c.SetReadDeadline(time.Now().Add(c.pause)) // it is closed: its reader finds out
	}
}

func (c *timedConn) draining() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.last.IsZero()
}

// overran reports whether draining went on for as long as it may.
func (c *timedConn) overran() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.last.IsZero() && !time.Now().Before(c.last)
}

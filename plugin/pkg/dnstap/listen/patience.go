package listen

import (
	"net"
	"sync"
	"time"
)

// Draining takes what has been sent when a listener is closed: it ends when
// nothing comes for a moment, and at the latest after drainTime.
const (
	drainTime  = 200 * time.Millisecond
	drainPause = 20 * time.Millisecond
)

// A patience is a connection on which waiting has a limit. Reading is for one
// goroutine; drain is for any.
type patience struct {
	net.Conn
	limit time.Duration // for a frame that has begun
	due   time.Time     // when what is being read must be whole; zero between frames

	mu   sync.Mutex
	last time.Time // when draining ends; zero: it has not begun
}

// await tells where in the stream the connection is: what is read next belongs to
// a frame that has begun, or begins one.
func (p *patience) await(begun bool) {
	if p.due = (time.Time{}); begun {
		p.due = time.Now().Add(p.limit)
	}
}

// Read implements io.Reader.
func (p *patience) Read(b []byte) (int, error) {
	if err := p.arm(); err != nil {
		return 0, err
	}
	n, err := p.Conn.Read(b)
	if n > 0 && p.due.IsZero() {
		p.due = time.Now().Add(p.limit)
	}
	return n, err
}

// arm sets until when a read may wait.
func (p *patience) arm() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := p.due
	if !p.last.IsZero() {
		if at = time.Now().Add(drainPause); at.After(p.last) {
			at = p.last
		}
	}
	return p.SetReadDeadline(at)
}

// Write implements io.Writer. What is written is short; who does not read it is
// not waited for.
func (p *patience) Write(b []byte) (int, error) {
	if err := p.SetWriteDeadline(time.Now().Add(p.limit)); err != nil {
		return 0, err
	}
	return p.Conn.Write(b)
}

// drain ends waiting, and soon reading.
func (p *patience) drain() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.last.IsZero() {
		p.last = time.Now().Add(drainTime)
		p.SetReadDeadline(time.Now().Add(drainPause)) // it is closed: its reader finds out
	}
}

func (p *patience) draining() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.last.IsZero()
}

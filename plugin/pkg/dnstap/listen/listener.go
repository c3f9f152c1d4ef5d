package listen

import (
	"crypto/tls"
	"errors"
	"io/fs"
	"net"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"example.org/pdns/plugin/pkg/intake"
)

// A Listener is a socket that is open, and the connections of its senders. Its
// methods are safe for concurrent use.
type Listener struct {
	Address
	workers *intake.Workers
	socket  *socket // changes by renew only

	closing   chan struct{}
	secured   *rate.Limiter // connections with TLS
	accepting sync.WaitGroup
	serving   sync.WaitGroup

	mu          sync.Mutex
	use         *use
	connections map[*connection]struct{}
}

// A use is a configuration from when it comes into force until what was received
// under it has been taken.
type use struct {
	*Config
	batches sync.WaitGroup // that workers have
}

// open opens the socket and begins to serve.
func open(a Address, conf *Config, w *intake.Workers) (*Listener, error) {
	s, err := openSocket(a, conf.Mode)
	if err != nil {
		return nil, err
	}
	l := &Listener{
		Address: a, socket: s, workers: w, closing: make(chan struct{}), secured: rate.NewLimiter(securedRate, securedBurst),
		use: &use{Config: conf}, connections: make(map[*connection]struct{}),
	}
	l.accepting.Go(func() { l.accept(s) })
	return l, nil
}

// renew opens the socket anew if its file is gone. Connections go on. Like
// configure and close it is not called twice at a time.
func (l *Listener) renew(mode fs.FileMode) error {
	if l.socket.file == nil || l.socket.ours() {
		return nil
	}
	s, err := openSocket(l.Address, mode)
	if err != nil {
		return err
	}
	l.socket.Close()
	l.socket = s
	l.accepting.Go(func() { l.accept(s) })
	return nil
}

// Accepting that fails is tried again after a pause that grows.
const (
	minPause = 5 * time.Millisecond
	maxPause = time.Second
)

func (l *Listener) accept(s *socket) {
	pause := minPause
	for {
		c, err := s.Accept()
		switch {
		case err == nil:
			pause = minPause
			l.admit(c)
			continue
		case errors.Is(err, net.ErrClosed):
			return
		}
		l.inForce().Receiver.SocketFailed(err)
		select {
		case <-l.closing:
		case <-time.After(pause):
			pause = min(2*pause, maxPause)
		}
	}
}

// A handshake of TLS costs more than all else that a stranger can ask for: so many
// a second are served, and some at once; those behind them wait.
const (
	securedRate  = 50
	securedBurst = 100
)

// paced is a configuration of TLS by which a handshake waits for its turn once the
// client has said hello, and before it costs anything.
func (l *Listener) paced(conf *tls.Config) *tls.Config {
	conf = conf.Clone()
	conf.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) {
		l.pace()
		return nil, nil // conf it is
	}
	return conf
}

func (l *Listener) pace() {
	if wait := l.secured.Reserve().Delay(); wait > 0 {
		select {
		case <-l.closing:
		case <-time.After(wait):
		}
	}
}

// admit serves a connection, or closes it if there are too many.
func (l *Listener) admit(raw net.Conn) {
	conf := l.inForce()
	c := l.newConnection(raw, conf)
	if !l.remember(c, conf.Connections) {
		raw.Close()
		conf.Receiver.Ended(raw.RemoteAddr(), l.Connections(), Limit, nil)
		return
	}
	l.serving.Go(c.serve)
}

func (l *Listener) remember(c *connection, limit int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.connections) >= limit {
		return false
	}
	l.connections[c] = struct{}{}
	return true
}

// forget returns how many connections are left.
func (l *Listener) forget(c *connection) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.connections, c)
	return len(l.connections)
}

// Connections is the number of senders that are connected.
func (l *Listener) Connections() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.connections)
}

func (l *Listener) inForce() *Config {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.use.Config
}

// Receiver is what takes what comes now.
func (l *Listener) Receiver() Receiver { return l.inForce().Receiver }

// take is called for a batch that is about to be given to the workers.
func (l *Listener) take() *use {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.use.batches.Add(1)
	return l.use
}

// work is what the workers do with a batch.
func work(b *intake.Batch) {
	u := b.Origin.(*use)
	defer u.batches.Done()
	u.Receiver.Take(b)
}

// configure puts a configuration in force, and returns when everything that was
// received under the one before has been taken. Connections go on, except where
// TLS is spoken from now on, or no more.
func (l *Listener) configure(conf *Config) {
	l.mu.Lock()
	old := l.use
	l.use = &use{Config: conf}
	l.mu.Unlock()
	if (old.TLS == nil) != (conf.TLS == nil) {
		l.drain()
	}
	if old.Mode != conf.Mode {
		if err := l.socket.chmod(conf.Mode); err != nil {
			conf.Receiver.SocketFailed(err)
		}
	}
	old.batches.Wait()
}

// drain makes every connection end soon.
func (l *Listener) drain() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.connections {
		c.drain()
	}
}

// close stops accepting, and returns when what senders have sent has been taken,
// as far as it comes within a moment, and every connection is closed.
func (l *Listener) close() {
	close(l.closing)
	l.socket.Close()
	l.accepting.Wait()
	l.drain()
	l.serving.Wait()
	l.mu.Lock()
	u := l.use
	l.mu.Unlock()
	u.batches.Wait()
}

// Package sender sends responses to a collector as dnstap, by the handshake of
// frame streams in which the collector answers (bidirectional).
//
// Nothing of a client leaves. A response is cleaned by observation.Sanitize, and
// the event that carries it has a type, a time and that response: there is no way
// here to send anything else.
//
// Send never waits. While the collector is slow, or away, frames wait in a buffer
// of bounded size; what finds no room is counted and shed. After a lost connection
// the sender comes back by itself, at growing intervals. Frames that a connection
// took and that did not arrive are lost without notice: the protocol has no
// receipts before its end.
package sender

import (
	"context"
	"crypto/tls"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"example.org/pdns/plugin/pkg/dnstap"
	"example.org/pdns/plugin/pkg/observation"
)

// Options of a Sender.
type Options struct {
	Network string      // tcp or unix
	Address string      // of the collector
	TLS     *tls.Config // nil for none; with a ServerName, or the means to do without

	Identity []byte // that the collector is told; nil for none
	Buffer   int    // octets of frames that may wait; default 16 MiB

	// Report is told why there is no connection, and then nil when there is one
	// again. Calls come from a goroutine of the sender.
	Report func(error)
}

const defaultBuffer = 16 << 20

// A Sender sends to one collector. Its methods are safe for concurrent use.
type Sender struct {
	Options
	queue   *queue
	sent    atomic.Uint64
	shed    atomic.Uint64
	closing chan struct{}
	close   sync.Once
	ctx     context.Context // ends when there is no more time to finish
	cancel  context.CancelFunc
	done    chan struct{}
}

// Stats count messages.
type Stats struct {
	Sent uint64 // written to a connection
	Shed uint64 // that found no room in the buffer, or were in it at the end
}

// New begins to connect.
func New(o Options) *Sender {
	if o.Buffer <= 0 {
		o.Buffer = defaultBuffer
	}
	if o.Report == nil {
		o.Report = func(error) {}
	}
	s := &Sender{Options: o, queue: newQueue(o.Buffer), closing: make(chan struct{}), done: make(chan struct{})}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	go s.run()
	return s
}

// Send cleans a response in place and sends it. The error is an
// observation.LeftOut: the response must not be sent, or is of no use.
func (s *Sender) Send(wire []byte, at time.Time) error {
	clean, err := observation.Sanitize(wire)
	if err != nil {
		return err
	}
	e := dnstap.Event{Type: dnstap.ResolverResponse, Time: at, Identity: s.Identity, Response: clean}
	if !s.queue.add(&e) {
		s.shed.Add(1)
	}
	return nil
}

// Stats returns what has been counted so far.
func (s *Sender) Stats() Stats { return Stats{s.sent.Load(), s.shed.Load()} }

// Close sends what waits and ends the stream, for as long as ctx lasts. Nothing
// may be sent any more.
func (s *Sender) Close(ctx context.Context) {
	s.close.Do(func() { close(s.closing) })
	defer context.AfterFunc(ctx, s.cancel)()
	<-s.done
}

// run keeps a connection until the sender is closed.
func (s *Sender) run() {
	defer close(s.done)
	defer s.cancel()
	defer func() { s.shed.Add(s.queue.left()) }()
	var wait backoff
	for {
		conn, err := s.connect()
		if err == nil {
			s.Report(nil)
			began := time.Now()
			if err = s.serve(conn); time.Since(began) > lastWait {
				wait.reset()
			}
		}
		if err == nil || s.ctx.Err() != nil {
			return
		}
		s.Report(err)
		if !wait.sleep(s.ctx, s.closing) {
			return
		}
	}
}

// connect dials and goes through the handshakes.
func (s *Sender) connect() (net.Conn, error) {
	ctx, cancel := context.WithTimeout(s.ctx, patience)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, s.Network, s.Address)
	if err != nil {
		return nil, err
	}
	if s.TLS != nil {
		secure := tls.Client(conn, s.TLS)
		if err := secure.HandshakeContext(ctx); err != nil {
			conn.Close()
			return nil, err
		}
		conn = secure
	}
	defer context.AfterFunc(ctx, func() { conn.SetDeadline(time.Now()) })()
	if err := begin(conn); err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

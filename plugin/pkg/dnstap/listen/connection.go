package listen

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"example.org/pdns/plugin/pkg/dnstap"
)

// A connection is that of one sender.
type connection struct {
	timedConn
	listener *Listener
	begun    bool // the handshake is over
}

// newConnection is about a connection that was accepted under a configuration,
// which counts until the handshake is over.
func (l *Listener) newConnection(raw net.Conn, conf *Config) *connection {
	c := &connection{listener: l, timedConn: timedConn{Conn: raw, limit: conf.frame, pause: conf.pause}}
	if conf.TLS != nil {
		c.Conn = tls.Server(raw, l.paced(conf.TLS))
	}
	c.due = time.Now().Add(conf.handshake)
	return c
}

// serve reads from the sender until it is done, or has to be ended.
func (c *connection) serve() {
	why, err := c.read()
	if why == Shutdown {
		if err = nil; c.overran() {
			err = errStillSending
		}
	}
	c.Close() // why it ended is known
	left := c.listener.forget(c)
	c.listener.inForce().Receiver.Ended(c.RemoteAddr(), left, why, err)
}

// read goes through the handshakes and reads frames. Whatever is wrong with what
// was sent ends this connection alone.
func (c *connection) read() (why End, err error) {
	defer func() {
		if v := recover(); v != nil {
			why, err = Failed, fmt.Errorf("panic: %v", v)
		}
	}()
	if t, ok := c.Conn.(*tls.Conn); ok {
		if err := c.secure(t); err != nil {
			return c.end(err, NoTLS), err
		}
	}
	stream, err := dnstap.NewStream(c, c)
	if err != nil {
		return c.end(err, NotDnstap), err
	}
	c.begun = true
	c.listener.inForce().Receiver.Connected(c.RemoteAddr(), c.listener.Connections())
	stream.Await = c.await
	err = c.frames(stream)
	return c.end(err, Failed), err
}

// errStillSending is about a sender that sends on when the listener is closed.
var errStillSending = fmt.Errorf("was still sending %v after the end: the rest is lost", drainTime)

// secure goes through the handshake of TLS.
func (c *connection) secure(t *tls.Conn) error {
	if err := errors.Join(c.arm(), t.SetWriteDeadline(c.due)); err != nil {
		return err
	}
	err := t.Handshake()
	return errors.Join(err, t.SetWriteDeadline(time.Time{}))
}

// frames hands on what comes, until it ends.
func (c *connection) frames(stream *dnstap.Stream) error {
	l := c.listener
	for {
		before := stream.Counts().Oversized
		err := stream.Wait()
		if n := stream.Counts().Oversized - before; n > 0 {
			l.inForce().Receiver.Oversized(n)
		}
		if err != nil {
			return err
		}
		b := l.workers.Get()
		stream.Fill(b)
		b.Origin = l.take()
		l.workers.Put(b)
	}
}

// end says what an error means, where it may mean anything else than what is
// otherwise wrong.
func (c *connection) end(err error, otherwise End) End {
	switch {
	case c.draining():
		return Shutdown
	case errors.Is(err, os.ErrDeadlineExceeded) && c.begun:
		return FrameTimeout
	case errors.Is(err, os.ErrDeadlineExceeded):
		return HandshakeTimeout
	case errors.Is(err, dnstap.ErrStream):
		return NotDnstap
	case c.begun && err == io.EOF:
		return Finished
	case c.begun && errors.Is(err, io.ErrUnexpectedEOF):
		return CutOff
	}
	return otherwise
}

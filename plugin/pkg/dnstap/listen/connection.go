package listen

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"

	"example.org/pdns/plugin/pkg/dnstap"
)

// A connection is that of one sender.
type connection struct {
	patience
	listener *Listener
	stream   *dnstap.Stream // nil before the handshake
}

// serve reads from the sender until it or the listener ends.
func (c *connection) serve(conf *Config) {
	why, err := c.read(conf)
	if c.draining() {
		why = Shutdown
	}
	c.Close() // why it ended is known
	c.listener.forget(c)
	c.listener.inForce().Receiver.Ended(c.RemoteAddr(), why, err)
}

// read goes through the handshakes and reads frames. Whatever is wrong with what
// was sent ends this connection alone.
func (c *connection) read(conf *Config) (why End, err error) {
	defer func() {
		if v := recover(); v != nil {
			why, err = Failed, fmt.Errorf("panic: %v", v)
		}
	}()
	c.within(conf.Handshake)
	if conf.TLS != nil {
		if err := c.handshake(conf.TLS); err != nil {
			return c.explain(err, NoTLS), err
		}
	}
	if c.stream, err = dnstap.NewStream(c, c); err != nil {
		return c.explain(err, NotDnstap), err
	}
	c.stream.Await = c.await
	err = c.frames()
	return c.explain(err, Failed), err
}

// handshake is that of TLS. From its end on the connection is the one inside.
func (c *connection) handshake(conf *tls.Config) error {
	raw := c.Conn
	if err := raw.SetWriteDeadline(c.due); err != nil {
		return err
	}
	// Reads of the handshake go through c: drain ends them too.
	t := tls.Server(&handshaking{Conn: raw, reads: c}, conf)
	if err := t.Handshake(); err != nil {
		return err
	}
	return nil
}

// frames hands on what comes, until it ends.
func (c *connection) frames() error {
	l := c.listener
	for {
		oversized := c.stream.Counts().Oversized
		err := c.stream.Wait()
		if n := c.stream.Counts().Oversized - oversized; n > 0 {
			l.inForce().Receiver.Oversized(n)
		}
		if err != nil {
			return err
		}
		b := l.workers.Get()
		b.Origin = l.taking()
		c.stream.Fill(b)
		l.workers.Put(b)
	}
}

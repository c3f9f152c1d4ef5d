package sender

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	framestream "github.com/farsightsec/golang-framestream"

	"example.org/pdns/plugin/pkg/dnstap"
)

// patience is how long a collector may take to answer, or to read.
const patience = 20 * time.Second

// begin goes through the handshake of a frame stream.
func begin(conn net.Conn) error {
	content := [][]byte{[]byte(dnstap.ContentType)}
	if err := write(conn, framestream.CONTROL_READY, content); err != nil {
		return err
	}
	var accept framestream.ControlFrame
	if err := read(conn, &accept, framestream.CONTROL_ACCEPT); err != nil {
		return err
	}
	if !accept.MatchContentType(content[0]) {
		return fmt.Errorf("the collector accepts %q, want %q", accept.ContentTypes, content)
	}
	return write(conn, framestream.CONTROL_START, content)
}

func write(w io.Writer, kind uint32, content [][]byte) error {
	c := framestream.ControlFrame{ControlType: kind}
	c.SetContentTypes(content)
	return c.EncodeFlush(bufio.NewWriter(w)) // at once
}

// read reads a control frame. It takes nothing that comes behind it.
func read(r io.Reader, c *framestream.ControlFrame, kind uint32) error {
	if err := c.DecodeTypeEscape(r, kind); err != nil {
		return fmt.Errorf("the collector's reply: %w", err)
	}
	return nil
}

// errClosed is a connection that ended before the stream did.
var errClosed = errors.New("the collector closed the connection")

// serve sends what waits, and what comes, over a connection. It returns nil once
// the sender is closed and all has been sent.
func (s *Sender) serve(conn net.Conn) error {
	defer context.AfterFunc(s.ctx, func() { conn.Close() })()
	finished := make(chan error, 1)
	go func() { finished <- read(conn, new(framestream.ControlFrame), framestream.CONTROL_FINISH) }()
	err := s.pump(conn, finished)
	conn.Close()
	return err
}

func (s *Sender) pump(conn net.Conn, finished <-chan error) error {
	for {
		if err := s.flush(conn); err != nil {
			return err
		}
		select {
		case <-s.queue.ready:
		case err := <-finished:
			return closedEarly(err)
		case <-s.closing:
			return s.end(conn, finished)
		}
	}
}

func closedEarly(err error) error {
	if err == nil || errors.Is(err, io.EOF) {
		return errClosed
	}
	return err
}

// end sends the last of it, and waits until the collector has it all.
func (s *Sender) end(conn net.Conn, finished <-chan error) error {
	if err := s.flush(conn); err != nil {
		return err
	}
	if err := write(conn, framestream.CONTROL_STOP, nil); err != nil {
		return err
	}
	select {
	case <-finished: // some close the connection instead
	case <-time.After(patience):
	case <-s.ctx.Done():
	}
	return nil
}

// flush writes all that waits.
func (s *Sender) flush(conn net.Conn) error {
	for {
		octets := s.queue.take()
		if len(octets) == 0 {
			return nil
		}
		if err := conn.SetWriteDeadline(time.Now().Add(patience)); err != nil {
			return err
		}
		n, err := conn.Write(octets)
		s.sent.Add(s.queue.written(n))
		if err != nil {
			return err
		}
	}
}

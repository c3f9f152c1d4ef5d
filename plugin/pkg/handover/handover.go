// Package handover lets listeners follow one another at a TCP address of this
// process, without a moment in which nobody listens.
//
// A Corefile that is reloaded starts before the one that it replaces stops, and
// both want the same port. Listen gives each a listener. They share the socket,
// and the oldest one accepts; when it is closed the next one does. So a listener of
// a Corefile that turns out not to load is closed again without ever having
// accepted, and what connects in between waits in the socket's queue.
package handover

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"
)

// Listen listens at an address and a port: opens a socket, or takes a place behind
// the listeners of this process that are there already. The address is that of an
// IP or empty, for all of the machine's; each socket at port 0 is another one.
func Listen(address string) (net.Listener, error) {
	addr, err := net.ResolveTCPAddr("tcp", address)
	if err != nil {
		return nil, err
	}
	sockets.Lock()
	defer sockets.Unlock()
	l := &listener{turn: make(chan struct{}), closed: make(chan struct{})}
	i := slices.IndexFunc(sockets.open, func(s *socket) bool { return s.at(addr) })
	if i >= 0 {
		l.socket = sockets.open[i]
		l.socket.queue = append(l.socket.queue, l)
		return l, nil
	}
	tcp, err := net.ListenTCP("tcp", addr)
	if err != nil {
		return nil, ours(addr, err)
	}
	l.socket = &socket{TCPListener: tcp, queue: []*listener{l}}
	sockets.open = append(sockets.open, l.socket)
	close(l.turn)
	return l, nil
}

// sockets are those of this process. The lock is held for moments only.
var sockets struct {
	sync.Mutex
	open []*socket
}

// ours adds to an error of listening that it is this process that has the port, at
// an address that includes the other one, or is included.
func ours(addr *net.TCPAddr, err error) error {
	for _, s := range sockets.open {
		if s.addr().Port == addr.Port {
			return fmt.Errorf("%w: this process listens at %s", err, s.addr())
		}
	}
	return err
}

// A socket is open as long as a listener has a place at it.
type socket struct {
	*net.TCPListener
	queue []*listener // the first one accepts

	// left are connections that came while a listener was being closed. Who has the
	// turn has them, too.
	left []net.Conn
}

func (s *socket) addr() *net.TCPAddr { return s.Addr().(*net.TCPAddr) }

// at reports whether the socket is at an address.
func (s *socket) at(addr *net.TCPAddr) bool {
	a := s.addr()
	if a.Port != addr.Port || a.Zone != addr.Zone {
		return false
	}
	return a.IP.Equal(addr.IP) || everywhere(a.IP) && everywhere(addr.IP)
}

func everywhere(ip net.IP) bool { return ip == nil || ip.IsUnspecified() }

// A listener is a place at a socket.
type listener struct {
	socket *socket
	turn   chan struct{} // closed when it may accept
	closed chan struct{}
	once   sync.Once

	accepting sync.Mutex // held in the socket's Accept
}

// Addr implements net.Listener.
func (l *listener) Addr() net.Addr { return l.socket.Addr() }

// Accept implements net.Listener. It waits for the listener's turn.
func (l *listener) Accept() (net.Conn, error) {
	select {
	case <-l.turn:
	case <-l.closed:
		return nil, net.ErrClosed
	}
	l.accepting.Lock()
	defer l.accepting.Unlock()
	if l.isClosed() {
		return nil, net.ErrClosed
	}
	s := l.socket
	if n := len(s.left); n > 0 {
		c := s.left[n-1]
		s.left = s.left[:n-1]
		return c, nil
	}
	c, err := s.Accept()
	if !l.isClosed() {
		return c, err
	}
	if err == nil {
		s.left = append(s.left, c)
	}
	return nil, net.ErrClosed
}

func (l *listener) isClosed() bool {
	select {
	case <-l.closed:
		return true
	default:
		return false
	}
}

// Close implements net.Listener. The next listener accepts from then on; without
// one the socket is closed.
func (l *listener) Close() error {
	err := net.ErrClosed
	l.once.Do(func() { err = l.close() })
	return err
}

func (l *listener) close() error {
	sockets.Lock()
	defer sockets.Unlock()
	close(l.closed)
	s := l.socket
	first := s.queue[0] == l
	s.queue = slices.DeleteFunc(s.queue, func(other *listener) bool { return other == l })
	switch {
	case !first:
		return nil
	case len(s.queue) == 0:
		return s.end(l)
	}
	err := l.interrupt()
	close(s.queue[0].turn)
	return err
}

// interrupt ends the Accept of l that is under way, and returns when it is over.
func (l *listener) interrupt() error {
	err := l.socket.SetDeadline(time.Unix(1, 0))
	l.accepting.Lock()
	defer l.accepting.Unlock()
	return errors.Join(err, l.socket.SetDeadline(time.Time{}))
}

// end closes the socket, which l was the last one at.
func (s *socket) end(l *listener) error {
	sockets.open = slices.DeleteFunc(sockets.open, func(other *socket) bool { return other == s })
	err := s.Close()
	l.accepting.Lock()
	defer l.accepting.Unlock()
	for _, c := range s.left {
		c.Close()
	}
	s.left = nil
	return err
}

package httpapi

import (
	"crypto/tls"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"

	"example.org/pdns/plugin/pkg/httpapi/dialect"
)

// A listener accepts no more than so many connections at a time. It does not hide
// that they are those of TCP, which reset needs.
type listener struct {
	net.Listener
	slots  chan struct{}
	closed chan struct{}
	close  func() error // once
}

func bound(l net.Listener, most int) *listener {
	b := &listener{Listener: l, slots: make(chan struct{}, most), closed: make(chan struct{})}
	b.close = sync.OnceValue(func() error {
		close(b.closed)
		return l.Close()
	})
	return b
}

// Accept implements net.Listener.
func (l *listener) Accept() (net.Conn, error) {
	select {
	case l.slots <- struct{}{}:
	case <-l.closed:
		return nil, net.ErrClosed
	}
	c, err := l.Listener.Accept()
	if err != nil {
		<-l.slots
		return nil, err
	}
	return &connection{c, sync.OnceFunc(func() { <-l.slots })}, nil
}

// Close implements net.Listener.
func (l *listener) Close() error { return l.close() }

type connection struct {
	net.Conn
	release func()
}

// Close implements net.Conn.
func (c *connection) Close() error {
	defer c.release()
	return c.Conn.Close()
}

// reset ends a connection in the middle of an answer so that the client sees it:
// before HTTP/1.1 an answer has no other end than that of the connection.
func reset(w http.ResponseWriter) {
	c, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return // a writer of tests; net/http ends the connection
	}
	if secure, ok := c.(*tls.Conn); ok {
		c = secure.NetConn() // TLS would say goodbye
	}
	if bounded, ok := c.(*connection); ok {
		if tcp, ok := bounded.Conn.(*net.TCPConn); ok {
			tcp.SetLinger(0)
		}
	}
	c.Close()
}

// A keyless handler answers on this machine who names it so. A page of the web, whose
// name was made to lead here, is asked by its browser for another.
type keyless struct{ *handler }

// ServeHTTP implements http.Handler.
func (k keyless) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !here(r.Host) {
		k.handle(w, r, &elsewhere, "/")
		return
	}
	k.handler.ServeHTTP(w, r)
}

// here reports whether a host, with a port or without, is an address or localhost.
func here(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	_, err := netip.ParseAddr(host)
	return err == nil || host == "" || strings.EqualFold(host, "localhost")
}

// elsewhere is the dialect of what is asked of another host.
var elsewhere = refusing(func(x *dialect.Exchange) error {
	return dialect.Refusal(http.StatusMisdirectedRequest, "host %s: want an address or localhost, as no keys are asked for", dialect.Show(x.Request.Host))
})

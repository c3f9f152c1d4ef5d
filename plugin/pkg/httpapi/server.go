// Package httpapi serves the history over HTTP, in the dialects that tools of
// analysts already speak, and in one of its own.
//
// Each dialect is a package below this one: a few paths, parameters and forms of
// answers over one query type (package ask), which share what package dialect
// holds. Nothing is ever resolved for an answer, and nothing that is asked is
// written into the history.
//
// # Basics
//
//	s, err := httpapi.New(httpapi.Config{Address: "127.0.0.1:8080", Source: source})
//	err = s.Start()
//	...
//	err = s.Stop(ctx)
package httpapi

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"time"

	"example.org/pdns/plugin/pkg/httpapi/keys"
)

// Bounds on what a client sends and how long it takes.
const (
	headerTimeout  = 10 * time.Second
	requestTimeout = 30 * time.Second // header and body
	idleTimeout    = 30 * time.Second
	headerBytes    = 16 << 10
	maxConnections = 4096

	// silence is how long a connection may stay at the end on which nothing has been
	// asked yet: its request may be on the way.
	silence = time.Second / 4
)

// A Server answers over HTTP. Its methods may be called by several goroutines.
type Server struct {
	config   Config
	keys     *keys.File // nil: none are needed
	handler  *handler
	listener net.Listener
	http     *http.Server
	done     chan struct{} // closed when it no longer accepts
	closing  context.Context
	close    context.CancelFunc // of closing
	underway underway
}

// New checks a configuration and reads the files that it names. Nothing is served
// yet, but the file of keys is followed: Stop it, whether it started or not.
func New(c Config) (*Server, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	if c.Limit == 0 {
		c.Limit = DefaultLimit
	}
	if c.Timeout == 0 {
		c.Timeout = DefaultTimeout
	}
	s := &Server{config: c, done: make(chan struct{}), underway: underway{conns: map[net.Conn]bool{}}}
	config, err := c.tls()
	if err != nil {
		return nil, err
	}
	if c.Keys != "" {
		terms := keys.Terms{Limit: c.Limit, Rate: c.Rate}
		if s.keys, err = keys.Open(c.Keys, terms, s.complain); err != nil {
			return nil, err
		}
	}
	s.closing, s.close = context.WithCancel(context.Background())
	s.handler = newHandler(&s.config, s.keys, s.closing.Done())
	var serves http.Handler = s.handler
	if s.keys == nil {
		serves = keyless{s.handler}
	}
	s.http = &http.Server{
		Handler:           serves,
		TLSConfig:         config,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       requestTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    headerBytes,
		ConnState:         s.underway.see,
		HTTP2:             &http.HTTP2Config{WriteByteTimeout: stall},
		ErrorLog:          log.New(io.Discard, "", 0), // it tells addresses of clients
	}
	return s, nil
}

func (s *Server) complain(err error) { s.config.tell(err.Error()) }

func (c *Config) tls() (*tls.Config, error) {
	if c.Cert == "" {
		return nil, nil
	}
	cert, err := tls.LoadX509KeyPair(c.Cert, c.CertKey)
	if err != nil {
		return nil, fmt.Errorf("%s, %s: %w", c.Cert, c.CertKey, err)
	}
	config := &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}}
	if c.ClientCA == "" {
		return config, nil
	}
	pem, err := os.ReadFile(c.ClientCA)
	if err != nil {
		return nil, err
	}
	config.ClientCAs = x509.NewCertPool()
	if !config.ClientCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s: want certificates in PEM", c.ClientCA)
	}
	config.ClientAuth = tls.RequireAndVerifyClientCert
	return config, nil
}

// Start listens and serves, and returns once connections are accepted.
func (s *Server) Start() error {
	l, err := net.Listen("tcp", s.config.Address)
	if err != nil {
		return err
	}
	s.Serve(l)
	return nil
}

// Serve is Start with a listener of the caller's, which Stop closes.
func (s *Server) Serve(l net.Listener) {
	s.listener = l
	bounded := bound(l, maxConnections)
	go func() {
		defer close(s.done)
		var err error
		if s.http.TLSConfig != nil {
			err = s.http.ServeTLS(bounded, "", "")
		} else {
			err = s.http.Serve(bounded)
		}
		if !errors.Is(err, http.ErrServerClosed) {
			s.complain(fmt.Errorf("%s: %w", l.Addr(), err))
		}
	}()
}

// Addr is the address that it listens at.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// Handler is what answers, for a listener of one's own, by whatever host it is asked
// for.
func (s *Server) Handler() http.Handler { return s.handler }

// Stop stops accepting, and waits for the answers under way while the context
// lasts; what is left of them then is cut. Those that follow something end. It also ends
// the use of the keys.
func (s *Server) Stop(ctx context.Context) error {
	var err error
	s.close()
	if s.listener != nil {
		brief, cancel := context.WithTimeout(ctx, silence)
		defer cancel()
		if s.http.Shutdown(brief) != nil {
			// The rest is answers, or connections on which nothing is asked.
			err = errors.Join(s.underway.wait(ctx), s.http.Close())
		}
		<-s.done
	}
	if s.keys != nil {
		err = errors.Join(err, s.keys.Close())
	}
	return err
}

package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"example.org/pdns/plugin/pkg/dnstap/sender"
	"example.org/pdns/plugin/pkg/intake"
	"example.org/pdns/plugin/pkg/observation"
)

// A destination is where the responses of a capture go.
type destination interface {
	// take takes a batch; it is called by several goroutines.
	take(*intake.Batch)
	// figures say what has become of the messages so far.
	figures() []amount
	// dropped counts what was left out, by reason.
	dropped() [observation.Reasons]uint64
	// close returns when all is where it should be.
	close() error
}

// destination reads what may need privileges, and returns how to open where the
// responses go without them.
func (p *program) destination(f *captureFlags) (func() (destination, error), error) {
	if f.to == "" {
		for _, flag := range []string{f.ca, f.cert, f.key, f.identity} {
			if flag != "" {
				return nil, errors.New("--ca, --cert, --key and --identity are for --to")
			}
		}
		p.store = cmp.Or(f.write, p.store)
		if err := p.checkStore(); err != nil {
			return nil, err
		}
		o, err := f.observe(time.Now)
		return func() (destination, error) { return p.recorder(o) }, err
	}
	o, err := f.collector()
	if err != nil {
		return nil, fmt.Errorf("--to %s: %w", f.to, err)
	}
	if o.TLS == nil && o.Network == "tcp" && !onLoopback(o.Address) {
		p.say("warning: %s: not encrypted on its way; tls://%s would be", f.to, f.to)
	}
	o.Report = p.connection(f.to)
	return func() (destination, error) { return &forwarder{sender: sender.New(o)}, nil }, nil
}

// collector is what --to and the flags beside it say.
func (f *captureFlags) collector() (o sender.Options, err error) {
	if f.identity != "" {
		o.Identity = []byte(f.identity)
	}
	scheme, secure := strings.CutPrefix(f.to, "tls://")
	if path, ok := strings.CutPrefix(f.to, "unix:"); ok {
		o.Network, o.Address = "unix", strings.TrimPrefix(path, "//")
	} else {
		o.Network, o.Address = "tcp", scheme
	}
	if !secure && (f.ca != "" || f.cert != "" || f.key != "") {
		return o, errors.New("--ca, --cert and --key are for tls://host:port")
	}
	if o.Network == "unix" {
		return o, nil
	}
	host, port, err := net.SplitHostPort(o.Address)
	if err != nil || host == "" || port == "" {
		return o, errors.New("want host:port, tls://host:port or unix:PATH")
	}
	if secure {
		o.TLS, err = f.tls(host)
	}
	return o, err
}

// tls reads certificates.
func (f *captureFlags) tls(host string) (*tls.Config, error) {
	c := &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}
	if f.ca != "" {
		pem, err := os.ReadFile(f.ca)
		if err != nil {
			return nil, err
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("--ca %s: no certificate in it", f.ca)
		}
	}
	if f.cert == "" && f.key == "" {
		return c, nil
	}
	ours, err := tls.LoadX509KeyPair(f.cert, f.key)
	if err != nil {
		return nil, fmt.Errorf("--cert and --key: %w", err)
	}
	c.Certificates = []tls.Certificate{ours}
	return c, nil
}

func onLoopback(address string) bool {
	host, _, _ := net.SplitHostPort(address)
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// connection tells when there is no connection, and when there is one again, but
// not each try.
func (p *program) connection(to string) func(error) {
	var last string
	return func(err error) {
		text := "connected"
		if err != nil {
			text = err.Error()
		}
		if text != last && !(p.quiet && err == nil) {
			p.say("%s: %s", to, text)
		}
		last = text
	}
}

// A forwarder sends responses to a collector.
type forwarder struct {
	sender *sender.Sender
	mu     sync.Mutex
	drops  [observation.Reasons]uint64
}

func (f *forwarder) take(b *intake.Batch) {
	for wire, at := range b.All {
		var out observation.LeftOut
		if err := f.sender.Send(wire, at); errors.As(err, &out) {
			f.mu.Lock()
			f.drops[out.Why]++
			f.mu.Unlock()
		}
	}
}

func (f *forwarder) figures() []amount {
	s := f.sender.Stats()
	return []amount{{"sent", s.Sent}, {"shed", s.Shed}}
}

func (f *forwarder) dropped() [observation.Reasons]uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.drops
}

// lastWords is how long a collector may take for what waits at the end.
const lastWords = 5 * time.Second

func (f *forwarder) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), lastWords)
	defer cancel()
	f.sender.Close(ctx)
	return nil
}

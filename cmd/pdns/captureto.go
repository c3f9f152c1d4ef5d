package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"

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
	// missed takes how many packets more the kernel has dropped.
	missed(n uint64)
	// dropped counts what was left out, by reason.
	dropped() [observation.Reasons]uint64
	// close returns when all is where it should be.
	close() error
}

// together checks flags that are not for each other.
func (f *captureFlags) together() error {
	if f.to == "" {
		for _, flag := range []string{f.ca, f.cert, f.key, f.identity} {
			if flag != "" {
				return errors.New("--ca, --cert, --key and --identity are for --to")
			}
		}
		return nil
	}
	switch {
	case f.write != "":
		return withHint(errors.New("-w DIR and --to ADDR: want one of them"), "two captures may listen to one interface")
	case f.keep != "":
		return withHint(errors.New("--keep is for -w DIR"), "a collector keeps what its keep says")
	case len(f.exclude) > 0, f.dnssec:
		return withHint(errors.New("--exclude and --dnssec are for -w DIR"), "a collector records what its exclude and dnssec say")
	case f.ecs:
		return withHint(errors.New("--ecs is for -w DIR"), "answers made for one network of clients are never sent")
	}
	return nil
}

// destination reads what may need privileges, and returns how to open where the
// responses go without them.
func (p *program) destination(f *captureFlags) (func(account) (destination, error), error) {
	if err := f.together(); err != nil {
		return nil, err
	}
	if f.to == "" {
		return p.recording(f)
	}
	o, err := f.collector()
	if err != nil {
		return nil, fmt.Errorf("--to %s: %w", f.to, err)
	}
	if o.TLS == nil && o.Network == "tcp" && !onLoopback(o.Address) {
		p.say("warning: %s: not encrypted on its way; tls://%s would be", f.to, f.to)
	}
	return func(a account) (destination, error) { return p.forward(f.to, o, a), nil }, nil
}

// socket is the path of a collector's socket; "" if it has none.
func (f *captureFlags) socket() string {
	path, _ := strings.CutPrefix(f.to, "unix:")
	if path == f.to {
		return ""
	}
	return strings.TrimPrefix(path, "//")
}

// collector is what --to and the flags beside it say.
func (f *captureFlags) collector() (o sender.Options, err error) {
	if f.identity != "" {
		o.Identity = []byte(f.identity)
	}
	scheme, secure := strings.CutPrefix(f.to, "tls://")
	if path := f.socket(); path != "" {
		o.Network, o.Address = "unix", path
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

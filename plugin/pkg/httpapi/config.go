package httpapi

import (
	"errors"
	"fmt"
	"math"
	"net"
	"net/netip"
	"net/url"
	"time"

	"example.org/pdns/plugin/pkg/store"
)

// A Config is how to serve.
type Config struct {
	// Address to listen at, host and port. A host that is not a loopback address
	// needs Keys, and Cert or Insecure.
	Address string

	Cert, CertKey string // files of the certificate and its key: TLS
	ClientCA      string // file of certificates, one of which a client's must be signed by
	Insecure      bool   // beyond loopback without TLS

	Keys string // file of keys; empty: whoever can reach it may ask

	Limit   int           // most results of a request; 0: DefaultLimit
	Rate    float64       // requests a second of a key that has no rate of its own; 0: no bound
	Timeout time.Duration // of a request; 0: DefaultTimeout
	Origin  string        // URI of whoever runs this, in the answers that name it

	Audit Audit
	// Log takes a line about a request, and about what is wrong with the file of
	// keys; about a defect of the program it is several lines. It may be called by several goroutines. Nil: nobody is told.
	Log func(line string)
	// Seen is told of each request when it is over. It may be nil.
	Seen func(Record)

	// Source is what is asked; it returns nil while it is not open.
	Source func() store.Source
	// Version of the program, for status.
	Version string
}

// What a Config means where it does not say.
const (
	DefaultLimit   = 1_000_000
	DefaultTimeout = time.Minute
	maxTimeout     = time.Hour
)

func (c *Config) tell(line string) {
	if c.Log != nil {
		c.Log(line)
	}
}

// Check says what is wrong with a configuration, before anything is opened.
func (c *Config) Check() error {
	host, _, err := net.SplitHostPort(c.Address)
	if err != nil {
		return fmt.Errorf("address %q: want a host and a port, 127.0.0.1:8080", c.Address)
	}
	switch {
	case (c.Cert == "") != (c.CertKey == ""):
		return errors.New("TLS needs a certificate and its key")
	case c.ClientCA != "" && c.Cert == "":
		return errors.New("certificates of clients need TLS: want a certificate and a key too")
	case c.Limit < 0:
		return fmt.Errorf("limit %d: want 1 or more", c.Limit)
	case !(c.Rate >= 0 && c.Rate <= math.MaxInt32): // not a number is none of these
		return fmt.Errorf("rate %g: want requests a second", c.Rate)
	case c.Timeout < 0 || c.Timeout > maxTimeout:
		return fmt.Errorf("timeout %s: want a duration up to %s", c.Timeout, maxTimeout)
	}
	if u, err := url.Parse(c.Origin); c.Origin != "" && (err != nil || u.Scheme == "" || u.Host == "") {
		return fmt.Errorf("origin %q: want a URI such as https://pdns.example/", c.Origin)
	}
	if loopback(host) {
		return nil
	}
	if c.Keys == "" {
		return fmt.Errorf("address %s is not loopback: want a file of keys, so that not all of the network may ask", c.Address)
	}
	if c.Cert == "" && !c.Insecure {
		return fmt.Errorf("address %s is not loopback: want TLS, or insecure for keys and answers in the clear", c.Address)
	}
	return nil
}

// loopback reports whether a host is reached from this machine alone. A name is
// not: it can lead anywhere.
func loopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return err == nil && a.Unmap().IsLoopback() || host == "localhost"
}

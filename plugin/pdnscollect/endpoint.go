package pdnscollect

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"

	"example.org/pdns/plugin/pkg/dnstap/listen"
)

// An endpoint is where resolvers send their dnstap.
type endpoint struct {
	line    int
	label   string // of metrics and in the log, as CoreDNS writes the endpoints that it sends to
	address listen.Address
	mode    fs.FileMode // 0: default
	tls     *tls.Config // nil: none
}

// addEndpoint reads one:
//
//	dnstap unix PATH [MODE]
//	dnstap tcp ADDRESS [insecure]
//	dnstap tls ADDRESS CERT KEY [CLIENT_CA]
func (c *config) addEndpoint(args []string) error {
	read, ok := map[string]func(*endpoint, []string) error{
		"unix": c.unixEndpoint, "tcp": c.tcpEndpoint, "tls": c.tlsEndpoint,
	}[args[0]]
	if !ok {
		return errors.New("want dnstap unix PATH [MODE], dnstap tcp ADDRESS [insecure] or dnstap tls ADDRESS CERT KEY [CLIENT_CA]")
	}
	var e endpoint
	if err := read(&e, args[1:]); err != nil {
		return err
	}
	e.label = args[0] + "://" + e.address.Name
	for _, other := range c.endpoints {
		if other.address == e.address {
			return fmt.Errorf("line %d listens there", other.line)
		}
	}
	c.endpoints = append(c.endpoints, e)
	return nil
}

func (c *config) unixEndpoint(e *endpoint, args []string) (err error) {
	if len(args) > 2 {
		return fmt.Errorf("unexpected argument %q: want PATH [MODE]", args[2])
	}
	if args[0] == "" {
		return errors.New("want the path of a socket")
	}
	if len(args) == 2 {
		mode, err := strconv.ParseUint(args[1], 8, 32)
		if err != nil || mode == 0 || mode > 0o777 {
			return fmt.Errorf("mode %q: want an octal number, such as 0660", args[1])
		}
		e.mode = fs.FileMode(mode)
	}
	e.address, err = listen.UnixAddress(c.path(args[0]))
	return err
}

func (c *config) tcpEndpoint(e *endpoint, args []string) (err error) {
	switch {
	case len(args) > 2:
		return fmt.Errorf("unexpected argument %q: want ADDRESS [insecure]", args[2])
	case len(args) == 2 && args[1] != "insecure":
		return fmt.Errorf("unexpected argument %q: want insecure, or none", args[1])
	}
	if e.address, err = listen.TCPAddress(args[0]); err != nil {
		return err
	}
	if !e.address.Local() && len(args) == 1 {
		return errors.New("other machines could write history: want a loopback address, or tls, or insecure behind it where a firewall decides who may")
	}
	return nil
}

func (c *config) tlsEndpoint(e *endpoint, args []string) (err error) {
	if len(args) < 3 || len(args) > 4 {
		return fmt.Errorf("%d arguments behind tls: want ADDRESS CERT KEY [CLIENT_CA]", len(args))
	}
	if e.address, err = listen.TCPAddress(args[0]); err != nil {
		return err
	}
	cert, err := tls.LoadX509KeyPair(c.path(args[1]), c.path(args[2]))
	if err != nil {
		return err
	}
	e.tls = &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}
	if len(args) == 4 {
		if e.tls.ClientCAs, err = readCAs(c.path(args[3])); err != nil {
			return err
		}
		e.tls.ClientAuth = tls.RequireAndVerifyClientCert
	}
	return nil
}

func readCAs(path string) (*x509.CertPool, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s: no certificate in it: want PEM", path)
	}
	return pool, nil
}

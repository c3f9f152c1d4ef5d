package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"example.org/pdns/plugin/pkg/httpapi"
	"example.org/pdns/plugin/pkg/store"
)

const serveLong = `serve answers over HTTP what pdns lookup shows, to tools that already speak to a
server of passive DNS: dnsdbq and other clients of DNSDB, those of CIRCL, PassiveTotal
and others; and to your own, for which /api/v1/openapi.json describes what there is.
The store may be a directory that CoreDNS records into at the same time, a snapshot,
or one run. CoreDNS serves the same by itself: the line http of its plugin pdnsquery.

At the start it says what a user of dnsdbq sets. Where no --keys are asked for, the key
can be anything.

Without --keys, which pdns key makes, it listens at a loopback address only, and answers
only where the URL has an IP address or localhost, so that no page of the web can read
the history through a browser. At other addresses it also needs TLS, --tls-cert and
--tls-key, or --insecure where something else keeps keys and answers from being read on
the way.

Of each request a line on standard error tells the name of the key, what was asked, how
that ended and how long it took, and never an address: --audit hashed tells only
whether the same was asked before, --audit off nothing. Nothing that is asked is written
into the store, and nothing is resolved.

It ends at SIGINT and SIGTERM with exit status 0. Answers under way get five seconds;
what is left of them then is cut so that a client sees it.`

const serveExample = `  pdns serve
  DNSDB_SERVER=http://127.0.0.1:8053 DNSDB_API_KEY=any dnsdbq -r www.example.com
  pdns serve --store today.pdns --listen 127.0.0.1:8054 --audit off
  pdns serve --listen 192.0.2.53:443 --tls-cert crt.pem --tls-key key.pem --keys keys`

// lastAnswers is how long answers under way get at the end.
const lastAnswers = 5 * time.Second

func newServe(p *program) *cobra.Command {
	var config httpapi.Config
	var audit string
	c := &cobra.Command{
		Use:     "serve",
		Short:   "Answer over HTTP, to dnsdbq and others",
		Long:    serveLong,
		Example: serveExample,
		Args:    takes("flags", 0),
		RunE: func(c *cobra.Command, _ []string) (err error) {
			if config.Audit, err = httpapi.ParseAudit(audit); err != nil {
				return badUse(c, fmt.Errorf("--%w", err))
			}
			if err := config.Check(); err != nil {
				return badUse(c, err)
			}
			return p.serve(c.Context(), config)
		},
	}
	flags := c.Flags()
	flags.SortFlags = false
	flags.StringVar(&config.Address, "listen", "127.0.0.1:8053", "listen at this `address` and port")
	flags.StringVar(&config.Cert, "tls-cert", "", "TLS with the certificate in this `file`")
	flags.StringVar(&config.CertKey, "tls-key", "", "and with its key in this `file`")
	flags.StringVar(&config.ClientCA, "client-ca", "", "only clients with a certificate that one in this `file` signed")
	flags.StringVar(&config.Keys, "keys", "", "only who has one of the keys in this `file`")
	flags.IntVar(&config.Limit, "limit", httpapi.DefaultLimit, "at most `n` results of a request")
	flags.Float64Var(&config.Rate, "rate", 0, "at most `n` requests a second of a key that has no rate of its own, 0 for no bound")
	flags.DurationVar(&config.Timeout, "timeout", httpapi.DefaultTimeout, "longest `time` of a request")
	flags.StringVar(&config.Origin, "origin", "", "the `URI` of whoever runs this, in answers that name it")
	flags.BoolVar(&config.Insecure, "insecure", false, "without TLS beyond this machine too")
	flags.StringVar(&audit, "audit", "plain", "what is told of each request: plain, hashed, off")
	return c
}

func (p *program) serve(ctx context.Context, config httpapi.Config) error {
	src, err := p.source()
	if err != nil {
		return err
	}
	defer src.Close()
	config.Source = func() store.Source { return src }
	config.Log = func(line string) { p.say("%s", line) }
	config.Version = version()
	s, err := httpapi.New(config)
	if err != nil {
		return err
	}
	if err := s.Start(); errors.Is(err, syscall.EADDRINUSE) {
		return withHint(err, "CoreDNS with http may serve there already; another address by --listen")
	} else if err != nil {
		return err
	}
	p.tellClients(&config, s.Addr())
	<-ctx.Done()
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastAnswers)
	defer cancel()
	if err := s.Stop(ending); err != nil {
		p.say("warning: answers under way were cut: %v", err)
	}
	return nil
}

// tellClients says where it listens and what a client must know.
func (p *program) tellClients(config *httpapi.Config, at net.Addr) {
	url := "http://"
	if config.Cert != "" {
		url = "https://"
	}
	host, _, _ := net.SplitHostPort(config.Address)
	_, port, _ := net.SplitHostPort(at.String())
	url += net.JoinHostPort(reachable(host), port)
	key := "any"
	if config.Keys != "" {
		key = "KEY"
	}
	p.say("serving %s at %s", p.store, url)
	if !p.quiet {
		p.say("hint: for dnsdbq: DNSDB_SERVER=%s DNSDB_API_KEY=%s", url, key)
	}
}

// reachable is what a client calls a host to listen at: this machine's name, if
// that is all of its addresses.
func reachable(host string) string {
	if a, err := netip.ParseAddr(host); host != "" && (err != nil || !a.IsUnspecified()) {
		return host
	}
	name, _ := os.Hostname()
	return cmp.Or(name, "localhost")
}

package pdnsquery

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/coredns/caddy"
	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/plugin"
	clog "github.com/coredns/coredns/plugin/pkg/log"

	"example.org/pdns/plugin/pkg/handover"
	"example.org/pdns/plugin/pkg/httpapi"
	"example.org/pdns/plugin/pkg/lease"
)

var log = clog.NewWithPlugin(pluginName)

// lastAnswers is how long answers under way get when a Corefile ends. Tests set it.
var lastAnswers = 5 * time.Second

// A service is the HTTP API of one server block.
type service struct {
	config  httpapi.Config
	address netip.AddrPort // of config, as one of all the ways to write it
	root    string         // relative paths are below it
	file    string         // that has it,
	line    int            // and where

	running atomic.Pointer[httpapi.Server]
}

// parseHTTP reads the property behind its name and arguments:
//
//	http ADDRESS {
//	    tls CERT KEY [CLIENT_CA]
//	    keys FILE
//	    limit N
//	    rate N
//	    timeout DURATION
//	    origin URI
//	    audit plain|hashed|off
//	    insecure
//	}
func parseHTTP(c *caddy.Controller, args []string) (*service, error) {
	s := &service{root: dnsserver.GetConfig(c).Root, file: c.File(), line: c.Line()}
	if len(args) != 1 {
		return nil, c.Errf("http: %d arguments: want one, an IP address and a port", len(args))
	}
	var err error
	if s.address, err = parseAddress(args[0]); err != nil {
		return nil, c.Errf("http %s: %v", args[0], err)
	}
	s.config.Address = args[0]
	if c.NextArg() { // the brace, which ends the arguments
		if err := s.block(c); err != nil {
			return nil, err
		}
	}
	if err := s.config.Check(); err != nil {
		return nil, c.Errf("http: %v", err)
	}
	return s, nil
}

// parseAddress reads an IP address and a port; without the former it is every
// address of the machine. A name could be that of another one tomorrow.
func parseAddress(s string) (netip.AddrPort, error) {
	text := s
	if strings.HasPrefix(s, ":") {
		text = "[::]" + s
	}
	a, err := netip.ParseAddrPort(text)
	if err != nil {
		return a, errors.New("want an IP address and a port, such as 127.0.0.1:8053 or [::1]:8053")
	}
	ip := a.Addr().Unmap()
	if ip.IsUnspecified() {
		ip = netip.IPv6Unspecified()
	}
	return netip.AddrPortFrom(ip, a.Port()), nil
}

// block reads the properties up to the closing brace.
func (s *service) block(c *caddy.Controller) error {
	given := make(map[string]bool)
	for c.Next() && c.Val() != "}" {
		name := c.Val()
		if given[name] {
			return c.Errf("http: property %q given twice", name)
		}
		given[name] = true
		if err := s.property(name, c.RemainingArgs()); err != nil {
			return c.Errf("http: %v", err)
		}
	}
	return nil
}

// An httpProperty is one of the block: what it takes, how many that are, and what
// it does.
type httpProperty struct {
	name, takes string
	min, max    int
	set         func(*service, []string) error
}

var httpProperties = []httpProperty{
	{"tls", "CERT KEY [CLIENT_CA]", 2, 3, (*service).tls},
	{"keys", "FILE", 1, 1, func(s *service, args []string) error { s.config.Keys = s.path(args[0]); return nil }},
	{"limit", "N", 1, 1, (*service).limit},
	{"rate", "N", 1, 1, (*service).rate},
	{"timeout", "DURATION", 1, 1, (*service).timeout},
	{"origin", "URI", 1, 1, func(s *service, args []string) error { s.config.Origin = args[0]; return nil }},
	{"audit", "plain, hashed or off", 1, 1, func(s *service, args []string) (err error) {
		s.config.Audit, err = httpapi.ParseAudit(args[0])
		return err
	}},
	{"insecure", "no argument", 0, 0, func(s *service, _ []string) error { s.config.Insecure = true; return nil }},
}

func (s *service) property(name string, args []string) error {
	i := slices.IndexFunc(httpProperties, func(p httpProperty) bool { return p.name == name })
	if i < 0 {
		return fmt.Errorf("unknown property %q: want tls, keys, limit, rate, timeout, origin, audit or insecure", name)
	}
	p := httpProperties[i]
	if slices.Contains(args, "}") {
		return fmt.Errorf("%s: a brace behind it: want each property, and the brace, in a line of its own", name)
	}
	if n := len(args); n < p.min || n > p.max || slices.Contains(args, "") {
		return fmt.Errorf("%s %s: want %s", name, strings.Join(args, " "), p.takes)
	}
	return p.set(s, args)
}

func (s *service) path(arg string) string {
	if filepath.IsAbs(arg) {
		return arg
	}
	return filepath.Join(s.root, arg)
}

func (s *service) tls(args []string) error {
	s.config.Cert, s.config.CertKey = s.path(args[0]), s.path(args[1])
	if len(args) == 3 {
		s.config.ClientCA = s.path(args[2])
	}
	return nil
}

func (s *service) limit(args []string) (err error) {
	if s.config.Limit, err = strconv.Atoi(args[0]); err != nil || s.config.Limit < 1 {
		return fmt.Errorf("limit %s: want a number of results, 1 or more", args[0])
	}
	return nil
}

func (s *service) rate(args []string) (err error) {
	s.config.Rate, err = strconv.ParseFloat(args[0], 64)
	if r := s.config.Rate; err != nil || !(r > 0) || math.IsInf(r, 0) {
		return fmt.Errorf("rate %s: want requests a second, a number above 0", args[0])
	}
	return nil
}

func (s *service) timeout(args []string) (err error) {
	if s.config.Timeout, err = time.ParseDuration(args[0]); err != nil || s.config.Timeout <= 0 {
		return fmt.Errorf("timeout %s: want a duration above 0s, such as 30s", args[0])
	}
	return nil
}

type servicesKey struct{}

// declare makes the service part of the life of its Corefile, which asks the
// source of a lease. Two server blocks cannot listen at one address: which history
// would be asked?
func (s *service) declare(c *caddy.Controller, l *lease.Lease) error {
	declared, ok := c.Get(servicesKey{}).(map[netip.AddrPort]int)
	if !ok {
		declared = make(map[netip.AddrPort]int)
		c.Set(servicesKey{}, declared)
	}
	if line, ok := declared[s.address]; ok && s.address.Port() != 0 {
		return s.blame(fmt.Errorf("line %d listens there: want another address or port", line))
	}
	declared[s.address] = s.line
	s.config.Source, s.config.Version = l.Source, Version()
	s.config.Log = func(line string) { log.Info(line) }
	s.config.Seen = s.count
	l.Beside(s.start, s.stop)
	return nil
}

// label is the service in metrics and in the log, as CoreDNS writes its own.
func (s *service) label() string {
	if s.config.Cert != "" {
		return "https://" + s.config.Address
	}
	return "http://" + s.config.Address
}

// blame says where the service that an error is about was declared.
func (s *service) blame(err error) error {
	return fmt.Errorf("%s:%d - http %s: %w", s.file, s.line, s.config.Address, err)
}

// start listens. Where the Corefile that this one replaces listens, too, nothing
// is accepted before that has stopped.
func (s *service) start() error {
	server, err := httpapi.New(s.config)
	if err != nil {
		return plugin.Error(pluginName, s.blame(err))
	}
	l, err := handover.Listen(s.config.Address)
	if err != nil {
		return plugin.Error(pluginName, s.blame(errors.Join(err, server.Stop(context.Background()))))
	}
	server.Serve(l)
	s.running.Store(server)
	return nil
}

// stop hands the address over, and returns when the answers under way are given,
// or have had their time.
func (s *service) stop() {
	server := s.running.Swap(nil)
	if server == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), lastAnswers)
	defer cancel()
	if err := server.Stop(ctx); err != nil {
		log.Warningf("%s: answers under way were cut: %v", s.label(), err)
	}
}

package pdnscollect

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/coredns/caddy"
	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/plugin"
	"github.com/dustin/go-humanize"
	"github.com/prometheus/common/model"

	"example.org/pdns/plugin/pkg/dnstap"
	"example.org/pdns/plugin/pkg/dnstap/listen"
	"example.org/pdns/plugin/pkg/exclude"
	"example.org/pdns/plugin/pkg/observation"
	"example.org/pdns/plugin/pkg/store"
)

// A config is what one server block says.
type config struct {
	dir     string
	line    int // that names it
	store   store.Options
	observe observation.Options

	root        string // relative paths are below it
	endpoints   []endpoint
	types       dnstap.Types // of messages that count
	connections int          // that each endpoint serves at a time
	sensor      bool         // senders are told apart by name
}

// parse reads the directive of one server block:
//
//	pdnscollect DIR {
//	    flush DURATION
//	    keep DURATION
//	    memory SIZE
//	    windows UNIT...
//	    exclude ZONE...
//	    dnssec
//	    ecs
//	    negative off
//	    disposable off|count|collapse [children K] [combinations M] [exempt NAME...]
//	    new off|[learn DURATION] [silence DURATION]
//	    dnstap unix|tcp|tls ADDRESS...
//	    types TYPE...
//	    connections N
//	    sensor
//	}
func parse(c *caddy.Controller) (*config, error) {
	c.Next()
	args := c.RemainingArgs()
	if len(args) != 1 {
		return nil, c.Errf("%d arguments: want one, the directory of the store", len(args))
	}
	if args[0] == "" {
		return nil, c.Err("empty argument: want the directory of the store")
	}
	conf := &config{
		line: c.Line(), root: dnsserver.GetConfig(c).Root, types: dnstap.DefaultTypes, connections: listen.DefaultConnections,
		store: store.Options{Flush: store.DefaultFlush, Memory: store.DefaultMemory},
	}
	conf.dir = conf.path(args[0])
	if err := conf.block(c); err != nil {
		return nil, err
	}
	if c.Next() {
		return nil, plugin.ErrOnce
	}
	return conf, nil
}

// block reads the properties.
func (c *config) block(in *caddy.Controller) error {
	given := make(map[string]bool)
	for in.NextBlock() {
		name := in.Val()
		args := in.RemainingArgs()
		if given[name] && name != "dnstap" {
			return in.Errf("property %q given twice", name)
		}
		given[name] = true
		if err := c.property(name, args); err != nil {
			return in.Err(err.Error())
		}
		if name == "dnstap" {
			c.endpoints[len(c.endpoints)-1].line = in.Line()
		}
	}
	for _, name := range []string{"types", "connections", "sensor"} {
		if given[name] && !given["dnstap"] {
			return in.Errf("%s: says nothing without dnstap", name)
		}
	}
	return nil
}

// path is what a path in the Corefile stands for.
func (c *config) path(s string) string {
	if filepath.IsAbs(s) {
		return s
	}
	return filepath.Join(c.root, s)
}

// A property of the block: how many arguments it takes, and what it does.
type property struct {
	name     string
	min, max int
	set      func(*config, []string) error
}

var properties = []property{
	{"flush", 1, 1, func(c *config, args []string) (err error) { c.store.Flush, err = parseDuration(args[0]); return }},
	{"keep", 1, 1, func(c *config, args []string) (err error) { c.store.Keep, err = parseDuration(args[0]); return }},
	{"memory", 1, 1, func(c *config, args []string) (err error) { c.store.Memory, err = parseSize(args[0]); return }},
	{"windows", 1, 4, func(c *config, args []string) (err error) { c.store.Windows, err = store.ParseWindows(args); return }},
	{"exclude", 1, math.MaxInt, func(c *config, args []string) (err error) { c.observe.Exclude, err = exclude.Parse(args); return }},
	{"dnssec", 0, 0, func(c *config, _ []string) error { c.observe.DNSSEC = true; return nil }},
	{"ecs", 0, 0, func(c *config, _ []string) error { c.observe.ECS = true; return nil }},
	{"negative", 1, 1, func(c *config, args []string) error { c.observe.NoNegative = true; return wantOff(args[0]) }},
	{"disposable", 1, math.MaxInt, func(c *config, args []string) (err error) { c.store.Disposable, err = parseDisposable(args); return }},
	{"new", 1, 4, func(c *config, args []string) (err error) { c.store.News, err = parseNew(args); return }},
	{"dnstap", 2, 5, (*config).addEndpoint},
	{"types", 1, math.MaxInt, func(c *config, args []string) (err error) { c.types, err = dnstap.ParseTypes(args); return }},
	{"connections", 1, 1, func(c *config, args []string) (err error) { c.connections, err = parseConnections(args[0]); return }},
	{"sensor", 0, 0, func(c *config, _ []string) error { c.sensor = true; return nil }},
}

func (c *config) property(name string, args []string) error {
	i := slices.IndexFunc(properties, func(p property) bool { return p.name == name })
	if i < 0 {
		return fmt.Errorf("unknown property %q: want flush, keep, memory, windows, exclude, dnssec, ecs, negative, disposable, new, dnstap, types, connections or sensor", name)
	}
	p := properties[i]
	switch n := len(args); {
	case n < p.min:
		return fmt.Errorf("%s: an argument is missing", name)
	case n > p.max:
		return fmt.Errorf("%s: unexpected argument %q", name, args[p.max])
	}
	if err := p.set(c, args); err != nil {
		return fmt.Errorf("%s %s: %w", name, strings.Join(args, " "), err)
	}
	return nil
}

func parseDuration(s string) (time.Duration, error) {
	d, err := model.ParseDuration(s)
	if err != nil || d <= 0 {
		return 0, errors.New("want a duration above zero, such as 10s, 36h or 400d")
	}
	return time.Duration(d), nil
}

// minMemory is less than what one flush needs to be worth it.
const minMemory = 1 << 20

func parseSize(s string) (int, error) {
	n, err := humanize.ParseBytes(s)
	if err != nil || n < minMemory || n > math.MaxInt {
		return 0, errors.New("want a size of 1MiB or more, such as 256MiB")
	}
	return int(n), nil
}

func parseConnections(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		return 0, errors.New("want a number above zero, such as 1000")
	}
	return n, nil
}

func wantOff(s string) error {
	if s != "off" {
		return errors.New("want off")
	}
	return nil
}

package pdnscollect

import (
	"fmt"

	"github.com/coredns/caddy"
	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/plugin"
	clog "github.com/coredns/coredns/plugin/pkg/log"

	"example.org/pdns/plugin/pkg/clock"
	"example.org/pdns/plugin/pkg/dnstap/listen"
	"example.org/pdns/plugin/pkg/exclude"
	"example.org/pdns/plugin/pkg/lease"
	"example.org/pdns/plugin/pkg/observation"
)

const pluginName = "pdnscollect"

var log = clog.NewWithPlugin(pluginName)

func init() { plugin.Register(pluginName, setup) }

func setup(c *caddy.Controller) error {
	conf, err := parse(c)
	if err != nil {
		return plugin.Error(pluginName, err)
	}
	conf.store.Now, conf.store.Events = clock.Now, events
	conf.store.Events.News = (&newsTeller{dir: conf.dir}).tell
	conf.observe.Now, conf.observe.Keep = clock.Now, conf.store.Keep
	if err := declare(c, conf.endpoints); err != nil {
		return plugin.Error(pluginName, err)
	}
	l, err := lease.Writer(c, conf.dir, conf.store)
	if err != nil {
		return plugin.Error(pluginName, c.Err(err.Error()))
	}
	l.DeclaredBy(pluginName, c.File(), conf.line)
	h := &Handler{store: l.Store}
	l.Beside(func() error {
		if err := h.start(conf, c.File(), l.QueryZones()); err != nil {
			return plugin.Error(pluginName, err)
		}
		return nil
	}, func() { listeners.Release(h) })
	dnsserver.GetConfig(c).AddPlugin(func(next plugin.Handler) plugin.Handler {
		h.Next = next
		return h
	})
	return nil
}

// listeners are those of this process, across reloads.
var listeners listen.Pool

type declaredKey struct{}

// declare notes where the Corefile being loaded listens: a second server block
// cannot at the same place.
func declare(c *caddy.Controller, endpoints []endpoint) error {
	declared, ok := c.Get(declaredKey{}).(map[listen.Address]int)
	if !ok {
		declared = make(map[listen.Address]int)
		c.Set(declaredKey{}, declared)
	}
	for _, e := range endpoints {
		if line, ok := declared[e.address]; ok {
			return fmt.Errorf("%s:%d - dnstap %s: line %d listens there", c.File(), e.line, e.label, line)
		}
		declared[e.address] = e.line
	}
	return nil
}

// start runs when the store is open. Which zones are query zones is known then,
// since every server block was read.
func (h *Handler) start(conf *config, file string, queryZones []string) error {
	zones, err := exclude.Zones(queryZones)
	if err != nil {
		return err
	}
	conf.observe.Exclude = append(conf.observe.Exclude, zones...)
	h.observer = observation.New(conf.observe)
	for _, e := range conf.endpoints {
		t := newTap(e.label, h.store(), h.observer, conf.types, conf.sensor)
		how := listen.Config{Receiver: t, TLS: e.tls, Mode: e.mode, Connections: conf.connections}
		if err := listeners.Hold(h, e.address, how); err != nil {
			return fmt.Errorf("%s:%d - dnstap %s: %w", file, e.line, e.label, err)
		}
	}
	return nil
}

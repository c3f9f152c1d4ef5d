package pdnscollect

import (
	"github.com/coredns/caddy"
	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/plugin"
	clog "github.com/coredns/coredns/plugin/pkg/log"

	"example.org/pdns/plugin/pkg/clock"
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
	l, err := lease.Writer(c, conf.dir, conf.store)
	if err != nil {
		return plugin.Error(pluginName, c.Err(err.Error()))
	}
	l.DeclaredBy(pluginName, c.File(), conf.line)
	h := &Handler{store: l.Store}
	// Which zones are query zones is known once every server block was read.
	c.OnStartup(func() error {
		zones, err := exclude.Zones(l.QueryZones())
		if err != nil {
			return plugin.Error(pluginName, err)
		}
		conf.observe.Exclude = append(conf.observe.Exclude, zones...)
		h.observer = observation.New(conf.observe)
		return nil
	})
	dnsserver.GetConfig(c).AddPlugin(func(next plugin.Handler) plugin.Handler {
		h.Next = next
		return h
	})
	return nil
}

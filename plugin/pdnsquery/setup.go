package pdnsquery

import (
	"net/netip"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/coredns/caddy"
	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/plugin"
	"github.com/coredns/coredns/plugin/transfer"

	"example.org/pdns/plugin/pkg/lease"
)

const pluginName = "pdnsquery"

func init() { plugin.Register(pluginName, setup) }

func setup(c *caddy.Controller) error {
	c.Next()
	line := c.Line()
	h, path, err := parse(c)
	if err != nil {
		return plugin.Error(pluginName, err)
	}
	l, err := lease.Reader(c, path, h.zones...)
	if err != nil {
		return plugin.Error(pluginName, err)
	}
	l.DeclaredBy(pluginName, c.File(), line)
	h.source, h.unplaced = l.Source, newUnplaced(l.Path())
	if h.http != nil {
		if err := h.http.declare(c, l); err != nil {
			return plugin.Error(pluginName, err)
		}
	}
	if h.feeds != nil {
		h.feeds.declare(c, l, h.zones)
	}

	c.OnStartup(func() error {
		h.transfer, _ = dnsserver.GetConfig(c).Handler("transfer").(*transfer.Transfer)
		return nil
	})
	dnsserver.GetConfig(c).AddPlugin(func(next plugin.Handler) plugin.Handler {
		h.Next = next
		return h
	})
	return nil
}

// parse reads the directive of one server block, behind its name:
//
//	pdnsquery PATH {
//	    allow CIDR...
//	    ttl SECONDS
//	    timeout DURATION
//	    http ADDRESS { ... }
//	    feed [KIND [AGE...]]
//	}
func parse(c *caddy.Controller) (h *Handler, path string, err error) {
	args := c.RemainingArgs()
	if len(args) != 1 {
		return nil, "", c.Errf("%d arguments: want one, the directory of a store or a snapshot file", len(args))
	}
	path = args[0]
	if root := dnsserver.GetConfig(c).Root; !filepath.IsAbs(path) && root != "" {
		path = filepath.Join(root, path)
	}
	h = newHandler(queryZones(c.ServerBlockKeys))

	given := map[string]bool{}
	for c.NextBlock() {
		property := c.Val()
		if given[property] && property != "feed" {
			return nil, "", c.Errf("property %q given twice", property)
		}
		given[property] = true
		if err := h.property(c, property); err != nil {
			return nil, "", err
		}
	}
	if c.Next() {
		return nil, "", plugin.ErrOnce
	}
	return h, path, nil
}

// queryZones are the zones of the server block, and the default zone where that
// is the root: nobody wants all of the DNS answered from the past.
func queryZones(keys []string) []string {
	zones := plugin.OriginsFromArgsOrServerBlock(nil, keys)
	for i, z := range zones {
		if z == "." {
			zones[i] = defaultZone
		}
	}
	slices.Sort(zones)
	return slices.Compact(zones)
}

func (h *Handler) property(c *caddy.Controller, property string) (err error) {
	args := c.RemainingArgs()
	switch property {
	case "http":
		h.http, err = parseHTTP(c, args)
		return err
	case "feed":
		if h.feeds == nil {
			h.feeds = newFeeds(c)
		}
		if err := h.feeds.add(args); err != nil {
			return c.Errf("feed: %v", err)
		}
		return nil
	}
	if len(args) == 0 || len(args) > 1 && property != "allow" {
		return c.ArgErr()
	}
	switch property {
	case "allow":
		h.allow = nil
		for _, arg := range args {
			p, err := parsePrefix(arg)
			if err != nil {
				return c.Errf("allow %s: want a network such as 192.0.2.0/24 or 2001:db8::/32, or an address", arg)
			}
			h.allow = append(h.allow, p)
		}
	case "ttl":
		n, err := strconv.ParseUint(args[0], 10, 32)
		if err != nil || n > maxTTL {
			return c.Errf("ttl %s: want seconds, 0 to %d", args[0], maxTTL)
		}
		h.ttl = uint32(n)
	case "timeout":
		d, err := time.ParseDuration(args[0])
		if err != nil || d <= 0 || d > maxTimeout {
			return c.Errf("timeout %s: want a duration above 0s and up to %s", args[0], maxTimeout)
		}
		h.timeout = d
	default:
		return c.Errf("unknown property %q: want allow, ttl, timeout, http or feed", property)
	}
	return nil
}

// parsePrefix reads a network without host bits, or an address.
func parsePrefix(s string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(s); err == nil && a.Zone() == "" {
		a = a.Unmap()
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	if err == nil && p != p.Masked() {
		err = strconv.ErrSyntax
	}
	return p, err
}

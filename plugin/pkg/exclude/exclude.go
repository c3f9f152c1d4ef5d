// Package exclude reads what operators say is to be left out of a history: zones,
// and networks that stand for their reverse zones.
package exclude

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"

	"github.com/coredns/coredns/plugin/pkg/cidr"

	"example.org/pdns/plugin/pkg/rrset"
)

// Parse returns the canonical names of the zones that args stand for. Nearly
// everything can be a zone: what was rather meant as something else would leave
// nothing out, and is refused.
func Parse(args []string) ([][]byte, error) {
	var names []string
	for _, arg := range args {
		if network, err := netip.ParsePrefix(arg); err == nil {
			reverse, err := reverseZones(network)
			if err != nil {
				return nil, err
			}
			names = append(names, reverse...)
			continue
		}
		if err := checkZone(arg); err != nil {
			return nil, err
		}
		names = append(names, arg)
	}
	return Zones(names)
}

// checkZone says what s is instead of a zone.
func checkZone(s string) error {
	name := strings.TrimSuffix(s, ".")
	_, noAddress := netip.ParseAddr(name)
	switch {
	case noAddress == nil:
		return fmt.Errorf("%q is an address: want a network such as 192.0.2.0/24, or a zone", s)
	case strings.Contains(s, "://"):
		return fmt.Errorf("%q is a URL: want a zone", s)
	case strings.Contains(s, ","):
		return fmt.Errorf("%q has a comma: want spaces between zones", s)
	case strings.Contains(s, "/") && !strings.HasSuffix(strings.ToLower(name), ".arpa"): // RFC 2317 has it there
		return fmt.Errorf("%q is no network: want one such as 192.0.2.0/24 or 2001:db8::/32", s)
	case strings.Contains(s, ":"):
		return fmt.Errorf("%q has a colon, as before a port: want a zone", s)
	case strings.Trim(name, "0123456789.") == "" && name != "":
		return fmt.Errorf("%q is no address and no zone: want a network such as 192.0.2.0/24, or a zone", s)
	case strings.Contains(s, "*"):
		return fmt.Errorf("%q is a wildcard: want a zone, which covers all names below it", s)
	}
	return nil
}

// reverseZones are the zones of the addresses of a network (RFC 1035, section
// 3.5; RFC 3596, section 2.5), several where it ends between two labels.
func reverseZones(network netip.Prefix) ([]string, error) {
	switch {
	case network != network.Masked():
		return nil, fmt.Errorf("%q is an address in a network: want %s", network, network.Masked())
	case network.Addr().Is4In6():
		return nil, fmt.Errorf("%q is an IPv4 network written as IPv6: want it as IPv4", network)
	case network.Bits() == 0:
		return nil, fmt.Errorf("%q would leave every reverse zone out: want in-addr.arpa or ip6.arpa, if that is meant", network)
	}
	_, n, err := net.ParseCIDR(network.String())
	if err != nil {
		return nil, err
	}
	return cidr.Reverse(cidr.Split(n)), nil
}

// Zones returns the canonical names of zones.
func Zones(names []string) ([][]byte, error) {
	var zones [][]byte
	for _, name := range names {
		zone, err := rrset.ParseName(name)
		if err != nil {
			return nil, fmt.Errorf("%q is no zone: %w", name, err)
		}
		if len(zone) == 1 {
			return nil, errors.New(`"." would leave everything out`)
		}
		zones = append(zones, zone)
	}
	return zones, nil
}

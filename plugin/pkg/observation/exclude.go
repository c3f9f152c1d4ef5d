package observation

import (
	"strconv"

	"example.org/pdns/plugin/pkg/rrset"
)

// LocalZones are left out unasked: names of use in one network only. They are
// localhost, .local (RFC 6762), and the IANA registry of locally served zones
// (RFC 6303, RFC 7793, RFC 8375, RFC 9462), among them the reverse zones of
// private addresses.
var LocalZones = localZones()

func localZones() [][]byte {
	names := []string{
		"localhost", "local", "home.arpa", "resolver.arpa",
		"0.in-addr.arpa", "10.in-addr.arpa", "127.in-addr.arpa", "254.169.in-addr.arpa", "168.192.in-addr.arpa",
		"2.0.192.in-addr.arpa", "100.51.198.in-addr.arpa", "113.0.203.in-addr.arpa", "255.255.255.255.in-addr.arpa",
		zeros31 + "0.ip6.arpa", "1." + zeros31 + "ip6.arpa",
		"d.f.ip6.arpa", "8.e.f.ip6.arpa", "9.e.f.ip6.arpa", "a.e.f.ip6.arpa", "b.e.f.ip6.arpa",
		"8.b.d.0.1.0.0.2.ip6.arpa",
	}
	for i := 16; i < 32; i++ {
		names = append(names, strconv.Itoa(i)+".172.in-addr.arpa")
	}
	for i := 64; i < 128; i++ {
		names = append(names, strconv.Itoa(i)+".100.in-addr.arpa")
	}
	zones := make([][]byte, len(names))
	for i, n := range names {
		zones[i] = rrset.MustName(n)
	}
	return zones
}

const zeros31 = "0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0."

// zones is a set of zones that names are tested against. Few names are in any:
// the top-level domain settles most.
type zones struct {
	tops  map[string]bool // ancestors of one label
	zones map[string]bool
	all   bool // the root is among them
}

func newZones(lists ...[][]byte) zones {
	z := zones{tops: make(map[string]bool), zones: make(map[string]bool)}
	for _, list := range lists {
		for _, zone := range list {
			if top := rrset.Suffix(zone, 1); top != nil {
				z.tops[string(top)] = true
			}
			z.zones[string(zone)] = true
			z.all = z.all || len(zone) == 1
		}
	}
	return z
}

// match reports whether name is in or below one of the zones.
func (z *zones) match(name []byte) bool {
	if z.all || !z.tops[string(rrset.Suffix(name, 1))] {
		return z.all
	}
	for ; len(name) > 1; name = rrset.Parent(name) {
		if z.zones[string(name)] {
			return true
		}
	}
	return false
}

package analysis

import (
	"cmp"
	"fmt"
	"net/netip"
	"strings"

	"example.org/pdns/plugin/pkg/question"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// A Key is a name, an address or a network. Keys can be compared and are keys of
// maps; the zero value is none of these.
type Key struct {
	name string       // canonical wire name; empty for addresses and networks
	net  netip.Prefix // all its bits for an address
}

// NameKey is the key of a canonical wire name.
func NameKey(wire []byte) Key { return Key{name: string(wire)} }

// AddressKey is the key of an address.
func AddressKey(a netip.Addr) Key {
	a = a.Unmap().WithZone("")
	return Key{net: netip.PrefixFrom(a, a.BitLen())}
}

// NetworkKey is the key of a network.
func NetworkKey(p netip.Prefix) Key { return Key{net: p.Masked()} }

// ParseKey reads a name, an address or a network as people type or paste it: see
// question.ParseSubject.
func ParseKey(text string) (Key, error) {
	v, err := question.ParseValue(text)
	if err != nil {
		return Key{}, err
	}
	if v.Name != nil && !v.Below {
		return NameKey(v.Name), nil
	}
	if s, ok := v.Rdata(); ok && v.Addresses() {
		low, high, _ := strings.Cut(s.String(), "-")
		if p, ok := network(low, cmp.Or(high, low)); ok {
			return Key{net: p}, nil
		}
	}
	return Key{}, fmt.Errorf("%q: want one name, an address or a network", text)
}

// network is the one that reaches from one address to another, if there is one.
func network(low, high string) (netip.Prefix, bool) {
	lo, err := netip.ParseAddr(low)
	hi, err2 := netip.ParseAddr(high)
	if err != nil || err2 != nil {
		return netip.Prefix{}, false
	}
	for bits := lo.BitLen(); bits >= 0; bits-- {
		p := netip.PrefixFrom(lo, bits)
		if p.Contains(hi) {
			return p, p == p.Masked() && store.Network(p).String() == store.Range(lo, hi).String()
		}
	}
	return netip.Prefix{}, false
}

// Name is the canonical wire name of a key; nil if it is none.
func (k Key) Name() []byte {
	if k.name == "" {
		return nil
	}
	return []byte(k.name)
}

// Prefix is the network of a key, of an address the one that holds it alone; not
// valid for a name.
func (k Key) Prefix() netip.Prefix { return k.net }

// Type is name, address or network.
func (k Key) Type() string {
	switch {
	case k.name != "":
		return "name"
	case k.net.IsSingleIP():
		return "address"
	}
	return "network"
}

// String is the name in presentation form with its final dot, the address, or the
// network in CIDR form: the id of a node.
func (k Key) String() string {
	switch {
	case k.name != "":
		return rrset.NameString([]byte(k.name))
	case k.net.IsSingleIP():
		return k.net.Addr().String()
	}
	return k.net.String()
}

// MarshalText is String.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

package question

import (
	"fmt"
	"net/netip"
	"strings"

	"example.org/pdns/plugin/pkg/store"
)

const wantAddress = "want an address, a network (192.0.2.0/24, 2001:db8::/32) or a range (192.0.2.1-192.0.2.9)"

// looksLikeAddress tells addresses, networks and ranges, good or bad, from
// names: no name has a colon in a label or is all digits.
func looksLikeAddress(s string) bool {
	digits := strings.Trim(s, "./-") != "" && strings.Trim(s, "0123456789./-") == ""
	return digits && strings.Contains(s, ".") || strings.Contains(s, ":")
}

// endsAddress reports whether a label could be the last one of an address, a
// network or a range: _rdata questions about these are below it.
func endsAddress(label string) bool { return strings.Trim(label, "0123456789/-") == "" }

// parseAddresses reads an address, a network or a range.
func parseAddresses(s string) (store.Subject, error) {
	if low, high, ok := strings.Cut(s, "-"); ok {
		return parseRange(low, high)
	}
	if strings.Contains(s, "/") {
		return parseNetwork(s)
	}
	a, err := parseAddress(s)
	if err != nil {
		return store.Subject{}, err
	}
	return store.Address(a), nil
}

func parseAddress(s string) (netip.Addr, error) {
	a, err := netip.ParseAddr(s)
	if err != nil || a.Zone() != "" {
		return netip.Addr{}, fmt.Errorf("%s is no address: %s", show(s), wantAddress)
	}
	return a.Unmap(), nil
}

func parseNetwork(s string) (store.Subject, error) {
	p, err := netip.ParsePrefix(s)
	switch {
	case err != nil:
		return store.Subject{}, fmt.Errorf("%s is no network: %s", show(s), wantAddress)
	case p.Addr().Is4In6():
		return store.Subject{}, fmt.Errorf("%s is IPv4 mapped into IPv6: want it as IPv4", show(s))
	case p != p.Masked():
		return store.Subject{}, fmt.Errorf("%s has bits set behind the prefix: want %s", show(s), p.Masked())
	}
	return store.Network(p), nil
}

func parseRange(low, high string) (store.Subject, error) {
	lo, err := parseAddress(low)
	if err != nil {
		return store.Subject{}, err
	}
	hi, err := parseAddress(high)
	if err != nil {
		return store.Subject{}, err
	}
	if lo.Is4() != hi.Is4() || hi.Less(lo) {
		return store.Subject{}, fmt.Errorf("%s-%s is no range: want two addresses of one family, the lower first", lo, hi)
	}
	return store.Range(lo, hi), nil
}

package analysis

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/rrset"
)

// A Kind is what an edge says.
type Kind string

// The kinds of edges, each from what has to what is had. All but the last two are
// records of the owner.
const (
	HasAddress Kind = "address" // A and AAAA
	HasServer  Kind = "ns"
	HasMail    Kind = "mx"
	IsAlias    Kind = "cname"   // CNAME and DNAME
	HasService Kind = "https"   // the target of HTTPS and SVCB, where that is another name
	InDomain   Kind = "domain"  // from a name to its registered domain, by the public suffix list
	InNetwork  Kind = "network" // from an address to its /24 or /48
)

// Kinds are all kinds of edges.
func Kinds() []Kind {
	return []Kind{HasAddress, HasServer, HasMail, IsAlias, HasService, InDomain, InNetwork}
}

// DefaultKinds are those that are followed where none are chosen: all but networks.
func DefaultKinds() []Kind { return Kinds()[:6] }

// ParseKinds reads kinds separated by commas.
func ParseKinds(text string) ([]Kind, error) {
	var kinds []Kind
	for name := range strings.SplitSeq(text, ",") {
		k := Kind(strings.ToLower(strings.TrimSpace(name)))
		if err := k.check(); err != nil {
			return nil, err
		}
		kinds = append(kinds, k)
	}
	return kinds, nil
}

func (k Kind) check() error {
	if slices.Contains(Kinds(), k) {
		return nil
	}
	return fmt.Errorf("%q is no kind of edge: want address, ns, mx, cname, https, domain or network", string(k))
}

// types are the types of records that make edges of a kind.
func (k Kind) types() []uint16 {
	switch k {
	case HasAddress:
		return []uint16{dns.TypeA, dns.TypeAAAA}
	case HasServer:
		return []uint16{dns.TypeNS}
	case HasMail:
		return []uint16{dns.TypeMX}
	case IsAlias:
		return []uint16{dns.TypeCNAME, dns.TypeDNAME}
	case HasService:
		return []uint16{dns.TypeHTTPS, dns.TypeSVCB}
	}
	return nil
}

// kindOf is the kind of edge that records of a type make.
func kindOf(t uint16) Kind {
	for _, k := range Kinds() {
		if slices.Contains(k.types(), t) {
			return k
		}
	}
	return ""
}

// target is what rdata leads to; false for a null MX and for a service at the owner
// itself.
func target(t uint16, rdata []byte) (Key, bool) {
	if t == dns.TypeA || t == dns.TypeAAAA {
		a, ok := netip.AddrFromSlice(rdata)
		return AddressKey(a), ok
	}
	var k Key
	err := rrset.RdataNames(t, rdata, func(name []byte) {
		if len(name) > 1 {
			k = NameKey(name)
		}
	})
	return k, err == nil && k.name != ""
}

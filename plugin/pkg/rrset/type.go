package rrset

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/miekg/dns"
)

// Pseudo-types keep what no record says: the negative history of a name, and
// names of which there were too many to keep each. They lie in the range that RFC
// 6895 leaves to private use and are never on the wire.
const (
	// TypeNXDOMAIN: the name did not exist. Its rdata is empty.
	TypeNXDOMAIN uint16 = 65321
	// TypeNODATA: the name existed without the type asked for. Its rdata is
	// that type, two octets, one RRset a type.
	TypeNODATA uint16 = 65322
	// TypeWildcard: names of one shape, of which one record stands for many. It
	// stands at the owner that took their place, whose first label is _wildcard_.
	// Its rdata is the shape, as text; its count is how many names more there
	// were, so that over all of the history it is how many there are.
	TypeWildcard uint16 = 65323
)

// IsNegative reports whether t says that something was not there.
func IsNegative(t uint16) bool { return t == TypeNXDOMAIN || t == TypeNODATA }

// IsPseudo reports whether t is a pseudo-type of this package.
func IsPseudo(t uint16) bool { return TypeNXDOMAIN <= t && t <= TypeWildcard }

// IsDNSSEC reports whether t only serves DNSSEC (RFC 4034, RFC 5155, RFC 7344).
func IsDNSSEC(t uint16) bool {
	switch t {
	case dns.TypeDS, dns.TypeRRSIG, dns.TypeSIG, dns.TypeNSEC, dns.TypeNXT, dns.TypeDNSKEY, dns.TypeKEY, dns.TypeNSEC3,
		dns.TypeNSEC3PARAM, dns.TypeDLV, dns.TypeCDS, dns.TypeCDNSKEY, dns.TypeTA:
		return true
	}
	return false
}

// IsMeta reports whether t cannot be data in a zone: OPT, and what RFC 6895
// calls QTYPEs and Meta-TYPEs.
func IsMeta(t uint16) bool {
	return t == 0 || t == dns.TypeOPT || 128 <= t && t <= 255
}

// TypeString is the mnemonic of t, or TYPEnnn (RFC 3597).
func TypeString(t uint16) string {
	switch t {
	case TypeNXDOMAIN:
		return "NXDOMAIN"
	case TypeNODATA:
		return "NODATA"
	case TypeWildcard:
		return "WILDCARD"
	}
	// The library's name for 65535, Reserved, is no mnemonic.
	if s, ok := dns.TypeToString[t]; ok && t != dns.TypeReserved {
		return s
	}
	return "TYPE" + strconv.Itoa(int(t))
}

// ParseType is the inverse of TypeString, in any letter case.
func ParseType(s string) (uint16, error) {
	s = strings.ToUpper(s)
	switch s {
	case "NXDOMAIN":
		return TypeNXDOMAIN, nil
	case "NODATA":
		return TypeNODATA, nil
	case "WILDCARD":
		return TypeWildcard, nil
	}
	if t, ok := dns.StringToType[s]; ok && t != dns.TypeNone && t != dns.TypeReserved {
		return t, nil
	}
	if n, ok := strings.CutPrefix(s, "TYPE"); ok {
		if t, err := strconv.ParseUint(n, 10, 16); err == nil && t != 0 {
			return uint16(t), nil
		}
	}
	return 0, fmt.Errorf("unknown type %q: want a mnemonic such as A or NS, or TYPE and a number", s)
}

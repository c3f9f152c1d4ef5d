package dnsdb

import (
	"math"
	"strings"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/httpapi/dialect"
	"example.org/pdns/plugin/pkg/rrset"
)

// types are those asked for: some, or all that are not of DNSSEC.
type types struct {
	wanted []uint16 // nil: all but those of DNSSEC, and no pseudo-types
	dnssec bool     // those of DNSSEC
}

// dnssec are the types that ANY leaves out and ANY-DNSSEC is.
var dnssec = func() (all []uint16) {
	for t := range uint16(math.MaxUint16) {
		if rrset.IsDNSSEC(t) {
			all = append(all, t)
		}
	}
	return all
}()

// parseType reads a type in the path; "" is ANY.
func parseType(text string) (types, *dialect.Fault) {
	switch strings.ToUpper(text) {
	case "", "ANY":
		return types{}, nil
	case "ANY-DNSSEC":
		return types{dnssec, true}, nil
	}
	t, err := rrset.ParseType(text)
	if err != nil || rrset.IsMeta(t) {
		return types{}, dialect.Bad("type %s: want ANY, ANY-DNSSEC, a mnemonic of data such as A or NS, or TYPE and a number", dialect.Show(text))
	}
	return types{wanted: []uint16{t}}, nil
}

// named are the types that a name is looked for in, unless others are asked for.
var named = []uint16{dns.TypeNS, dns.TypeCNAME, dns.TypeDNAME, dns.TypePTR, dns.TypeMX, dns.TypeSRV, dns.TypeSOA, dns.TypeRP,
	dns.TypeSVCB, dns.TypeHTTPS}

// namedDNSSEC are those of DNSSEC.
var namedDNSSEC = []uint16{dns.TypeNSEC, dns.TypeNXT}

package dialect

import (
	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/cof"
	"example.org/pdns/plugin/pkg/rrset"
)

// AppendHost appends a wire name as a JSON string without its final dot, as
// dialects want it that know hosts.
func AppendHost(dst, name []byte) []byte {
	dst = cof.AppendName(dst, name)
	if len(name) > 1 {
		dst = append(dst[:len(dst)-2], '"')
	}
	return dst
}

// Kind is what a record leads to.
type Kind int

// Text is all that is neither an address nor the name of a host.
const (
	Text Kind = iota
	Address
	Host
)

// AppendTarget appends as a JSON string what a record leads to, for dialects that
// know addresses and hosts: of MX, SRV and SOA the host alone, which for SOA is
// the primary server.
func AppendTarget(dst []byte, t uint16, rdata []byte) ([]byte, Kind) {
	switch t {
	case dns.TypeA, dns.TypeAAAA:
		return cof.AppendRdata(dst, t, rdata), Address
	case dns.TypeNS, dns.TypeCNAME, dns.TypePTR, dns.TypeDNAME, dns.TypeMX, dns.TypeSRV, dns.TypeSOA:
		var host []byte
		err := rrset.RdataNames(t, rdata, func(name []byte) {
			if host == nil {
				host = name
			}
		})
		if err == nil && host != nil {
			return AppendHost(dst, host), Host
		}
	}
	return cof.AppendRdata(dst, t, rdata), Text
}

// AppendAddress appends as a JSON string the address by which a record was found:
// its own, or what was asked about where an address is only a part of the rdata, as
// in HTTPS.
func AppendAddress(dst []byte, r *rrset.RRset, asked string) []byte {
	if r.Type == dns.TypeA || r.Type == dns.TypeAAAA {
		return cof.AppendRdata(dst, r.Type, r.Rdata[0])
	}
	return cof.AppendText(dst, asked)
}

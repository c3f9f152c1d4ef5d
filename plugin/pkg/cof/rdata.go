package cof

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net/netip"
	"strconv"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/rrset"
)

// AppendRdata appends rdata as a JSON string in presentation form. The
// types that are most of a history are written here; the rest by the library,
// whose form is checked to give the same octets back.
func AppendRdata(dst []byte, t uint16, rdata []byte) []byte {
	start := len(dst)
	dst = append(dst, '"')
	out, ok := appendCommon(dst, t, rdata)
	if !ok {
		out = appendEscaped(dst[:start+1], faithful(t, rdata))
	}
	return append(out, '"')
}

// faithful is the presentation form of rdata that Decode, which reads some types
// more freely than the library, turns back into the same octets.
func faithful(t uint16, rdata []byte) string {
	s := rrset.RdataString(t, rdata)
	if back, err := parseRdata(nil, t, []byte(s)); err != nil || !bytes.Equal(back, rdata) {
		return fmt.Sprintf(`\# %d %x`, len(rdata), rdata)
	}
	return s
}

// appendCommon appends the inside of a JSON string, or says that the type is not
// one of its own or rdata not well formed.
func appendCommon(dst []byte, t uint16, rdata []byte) ([]byte, bool) {
	switch t {
	case dns.TypeA, dns.TypeAAAA:
		addr, ok := netip.AddrFromSlice(rdata)
		if !ok || addr.Is4() != (t == dns.TypeA) {
			return dst, false
		}
		return addr.AppendTo(dst), true
	case dns.TypeNS, dns.TypeCNAME, dns.TypePTR, dns.TypeDNAME:
		return appendLabels(dst, rdata), rrset.CheckName(rdata) == nil
	case dns.TypeMX:
		return appendNumbered(dst, rdata, 1)
	case dns.TypeSRV:
		return appendNumbered(dst, rdata, 3)
	case dns.TypeTXT, dns.TypeSPF:
		return appendTexts(dst, rdata)
	case dns.TypeSOA:
		return appendSOA(dst, rdata)
	}
	return dst, false
}

// appendNumbered appends n 16-bit numbers and the name behind them.
func appendNumbered(dst, rdata []byte, n int) ([]byte, bool) {
	if len(rdata) < 2*n {
		return dst, false
	}
	for ; n > 0; n-- {
		dst = strconv.AppendUint(dst, uint64(binary.BigEndian.Uint16(rdata)), 10)
		dst = append(dst, ' ')
		rdata = rdata[2:]
	}
	return appendLabels(dst, rdata), rrset.CheckName(rdata) == nil
}

func appendSOA(dst, rdata []byte) ([]byte, bool) {
	for range 2 {
		n, err := rrset.NameLen(rdata)
		if err != nil || rrset.CheckName(rdata[:n]) != nil {
			return dst, false
		}
		dst = append(appendLabels(dst, rdata[:n]), ' ')
		rdata = rdata[n:]
	}
	if len(rdata) != 5*4 {
		return dst, false
	}
	for len(rdata) > 0 {
		dst = strconv.AppendUint(dst, uint64(binary.BigEndian.Uint32(rdata)), 10)
		dst = append(dst, ' ')
		rdata = rdata[4:]
	}
	return dst[:len(dst)-1], true
}

// appendTexts appends character strings (RFC 1035, section 3.3), each in
// quotes.
func appendTexts(dst, rdata []byte) ([]byte, bool) {
	if len(rdata) == 0 {
		return dst, false
	}
	for at := 0; at < len(rdata); {
		end := at + 1 + int(rdata[at])
		if end > len(rdata) {
			return dst, false
		}
		if at > 0 {
			dst = append(dst, ' ')
		}
		dst = append(dst, `\"`...)
		for _, c := range rdata[at+1 : end] {
			dst = appendTextOctet(dst, c)
		}
		dst = append(dst, `\"`...)
		at = end
	}
	return dst, true
}

// appendTextOctet escapes c for presentation form, and that for JSON.
func appendTextOctet(dst []byte, c byte) []byte {
	switch {
	case c == '"':
		return append(dst, `\\\"`...)
	case c == '\\':
		return append(dst, `\\\\`...)
	case c < ' ' || c > '~':
		return append(dst, '\\', '\\', '0'+c/100, '0'+c/10%10, '0'+c%10)
	}
	return append(dst, c)
}

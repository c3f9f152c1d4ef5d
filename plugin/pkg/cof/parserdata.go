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

// maxRdata is the longest rdata (RFC 1035, section 3.2.1).
const maxRdata = 1<<16 - 1

// parseRdata appends the canonical wire form of rdata in presentation form. The
// types that are most of a history are read here, the rest by the library.
func parseRdata(dst []byte, t uint16, text []byte) ([]byte, error) {
	n := len(dst)
	out, err := parseByType(dst, t, text)
	if err == nil && len(out)-n > maxRdata {
		err = fmt.Errorf("%w: %d octets, want at most %d", rrset.ErrRdata, len(out)-n, maxRdata)
	}
	return out, err
}

func parseByType(dst []byte, t uint16, text []byte) ([]byte, error) {
	if bytes.HasPrefix(text, []byte(`\# `)) {
		return parseByLibrary(dst, t, text)
	}
	switch t {
	case dns.TypeA:
		a, err := netip.ParseAddr(string(text))
		if err != nil || !a.Is4() {
			return dst, fmt.Errorf("%w: %q is no IPv4 address", rrset.ErrRdata, text)
		}
		four := a.As4()
		return append(dst, four[:]...), nil
	case dns.TypeAAAA:
		a, err := netip.ParseAddr(string(text))
		if err != nil || !a.Is6() || a.Zone() != "" {
			return dst, fmt.Errorf("%w: %q is no IPv6 address", rrset.ErrRdata, text)
		}
		sixteen := a.As16()
		return append(dst, sixteen[:]...), nil
	case dns.TypeNS, dns.TypeCNAME, dns.TypePTR, dns.TypeDNAME:
		return rrset.AppendName(dst, string(text))
	case dns.TypeMX:
		return parseMX(dst, text)
	case dns.TypeTXT, dns.TypeSPF:
		return parseTexts(dst, text)
	}
	return parseByLibrary(dst, t, text)
}

func parseByLibrary(dst []byte, t uint16, text []byte) ([]byte, error) {
	rdata, err := rrset.ParseRdata(t, string(text))
	return append(dst, rdata...), err
}

func parseMX(dst, text []byte) ([]byte, error) {
	preference, host, _ := bytes.Cut(text, []byte{' '})
	n, err := strconv.ParseUint(string(preference), 10, 16)
	if err != nil || bytes.ContainsAny(host, " \t") {
		return dst, fmt.Errorf("%w: %q, want a preference and a name", rrset.ErrRdata, text)
	}
	return rrset.AppendName(binary.BigEndian.AppendUint16(dst, uint16(n)), string(host))
}

// parseTexts reads character strings in quotes with blanks between them. Text
// that does not begin with a quote is one string as a whole, blanks and quotes
// included: many sources leave the quotes out.
func parseTexts(dst, text []byte) ([]byte, error) {
	if len(text) == 0 || text[0] != '"' {
		out, _ := appendText(dst, text, false)
		return out, nil
	}
	for rest := text; len(rest) > 0; {
		if rest[0] != '"' {
			return dst, fmt.Errorf("%w: %q behind a quoted string, want another", rrset.ErrRdata, rest)
		}
		out, n := appendText(dst, rest[1:], true)
		if n == 0 {
			return dst, fmt.Errorf("%w: no closing quote in %q", rrset.ErrRdata, rest)
		}
		dst, rest = out, bytes.TrimLeft(rest[1+n:], " \t")
	}
	return dst, nil
}

// appendText appends text as character strings of at most 255 octets. With
// quoted it ends at an unescaped quote, and returns how many bytes of text it
// took, that quote included; 0 if there is none.
func appendText(dst, text []byte, quoted bool) ([]byte, int) {
	size := len(dst) // of the length octet
	dst = append(dst, 0)
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '"' && quoted:
			return dst, i + 1
		case c == '\\' && i+1 < len(text):
			var n int
			c, n = unescape(text[i+1:])
			i += n
		}
		if dst[size] == 255 {
			size = len(dst)
			dst = append(dst, 0)
		}
		dst = append(dst, c)
		dst[size]++
	}
	return dst, 0
}

// unescape reads what follows a backslash: three digits, or the octet itself.
func unescape(text []byte) (byte, int) {
	if len(text) >= 3 {
		if n, err := strconv.ParseUint(string(text[:3]), 10, 8); err == nil {
			return byte(n), 3
		}
	}
	return text[0], 1
}

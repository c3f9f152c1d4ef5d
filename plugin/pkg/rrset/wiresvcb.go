package rrset

import (
	"encoding/binary"

	"github.com/miekg/dns"
)

// appendWireSVCB appends the canonical rdata of SVCB and HTTPS (RFC 9460), which
// browsers ask for as often as for addresses. It is false for what it does not
// know to be right: the library decides then.
func appendWireSVCB(dst, msg []byte, at int) ([]byte, bool) {
	if at+2 > len(msg) {
		return dst, false
	}
	n := len(dst)
	out, at, err := AppendWireName(append(dst, msg[at:at+2]...), msg, at+2)
	if err != nil {
		return dst[:n], false
	}
	last := -1
	for rest := msg[at:]; len(rest) > 0; {
		if len(rest) < 4 {
			return dst[:n], false
		}
		key, size := int(binary.BigEndian.Uint16(rest)), int(binary.BigEndian.Uint16(rest[2:]))
		if key <= last || 4+size > len(rest) || !knownParam(dns.SVCBKey(key), rest[4:4+size]) {
			return dst[:n], false
		}
		last, rest = key, rest[4+size:]
	}
	return append(out, msg[at:]...), true
}

// knownParam reports whether a parameter is one of those in common use, and as it
// should be.
func knownParam(key dns.SVCBKey, value []byte) bool {
	switch key {
	case dns.SVCB_ALPN:
		for len(value) > 0 {
			n := 1 + int(value[0])
			if n == 1 || n > len(value) {
				return false
			}
			value = value[n:]
		}
		return true
	case dns.SVCB_NO_DEFAULT_ALPN:
		return len(value) == 0
	case dns.SVCB_PORT:
		return len(value) == 2
	case dns.SVCB_IPV4HINT:
		return len(value) > 0 && len(value)%4 == 0
	case dns.SVCB_IPV6HINT:
		return len(value) > 0 && len(value)%16 == 0 && notMapped(value)
	case dns.SVCB_ECHCONFIG, dns.SVCB_DOHPATH:
		return true
	}
	return false
}

// notMapped reports whether none of the addresses in b could be an IPv4 address.
func notMapped(b []byte) bool {
	for ; len(b) > 0; b = b[16:] {
		if binary.BigEndian.Uint64(b) == 0 {
			return false
		}
	}
	return true
}

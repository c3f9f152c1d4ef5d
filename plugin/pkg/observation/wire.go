package observation

import (
	"encoding/binary"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/rrset"
)

// wireHeaderLen is the length of a message's header, and so where the question
// begins.
const wireHeaderLen = 12

// Bits of the header's second pair of octets (RFC 1035, section 4.1.1; RFC 4035,
// section 3.2).
const (
	bitQR = 1 << 15
	bitAA = 1 << 10
	bitTC = 1 << 9
	bitRA = 1 << 7
)

// wireHeader reads the header of a message; false if it is too short for one.
func wireHeader(wire []byte) (header, bool) {
	if len(wire) < wireHeaderLen {
		return header{}, false
	}
	bits := binary.BigEndian.Uint16(wire[2:])
	return header{
		response:           bits&bitQR != 0,
		authoritative:      bits&bitAA != 0,
		truncated:          bits&bitTC != 0,
		recursionAvailable: bits&bitRA != 0,
		opcode:             int(bits>>11) & 0xF,
		rcode:              int(bits & 0xF),
		questions:          int(binary.BigEndian.Uint16(wire[4:])),
	}, true
}

// wireName returns the canonical name at an octet of the message and where it
// ends; nil if it has none.
func (p *pass) wireName(off int) (name []byte, end int) {
	n := len(p.wire)
	var err error
	if p.wire, end, err = rrset.AppendWireName(p.wire, p.Wire, off); err != nil {
		return nil, 0
	}
	return p.wire[n:len(p.wire):len(p.wire)], end
}

// pointer is where the compressed name at an octet of a message leads, or -1 for
// a name that does not begin with a pointer.
func pointer(wire []byte, off int) int {
	if off+1 >= len(wire) || wire[off] < 0xC0 {
		return -1
	}
	return int(wire[off]&0x3F)<<8 | int(wire[off+1])
}

// hasWireScope is hasScope of the rdata of an OPT record.
func hasWireScope(rdata []byte) bool {
	for len(rdata) >= 4 {
		code, n := binary.BigEndian.Uint16(rdata), int(binary.BigEndian.Uint16(rdata[2:]))
		if rdata = rdata[4:]; n > len(rdata) {
			return false
		}
		if code == dns.EDNS0SUBNET && n >= 4 && rdata[3] > 0 {
			return true
		}
		rdata = rdata[n:]
	}
	return false
}

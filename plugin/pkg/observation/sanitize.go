package observation

import (
	"encoding/binary"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/rrset"
)

// Sanitize makes, in place, a response that holds nothing of a client: what a
// sensor may send to a collector. What the message says about names stays; the
// id, the flags that echo the query, OPT with all its options, signatures of the
// transaction, octets behind the message and the letter case of the question go.
//
// The error is a LeftOut: the message cannot be cleaned, or would not be observed,
// and must not be sent.
func Sanitize(wire []byte) ([]byte, error) {
	h, ok := wireHeader(wire)
	if !ok {
		return nil, LeftOut{Malformed}
	}
	if why := h.check(); why != kept {
		return nil, LeftOut{why}
	}
	end, gone, why := cleanRecords(wire)
	if why != kept {
		return nil, LeftOut{why}
	}
	additional := binary.BigEndian.Uint16(wire[10:])
	binary.BigEndian.PutUint16(wire[10:], additional-uint16(gone))
	binary.BigEndian.PutUint16(wire, 0)
	bits := binary.BigEndian.Uint16(wire[2:])
	binary.BigEndian.PutUint16(wire[2:], bits&(bitQR|bitAA|bitRA|0xF))
	return wire[:end], nil
}

// LeftOut is why a response is not to be sent.
type LeftOut struct{ Why Reason }

func (e LeftOut) Error() string { return "response left out: " + e.Why.String() }

// cleanRecords cleans all behind the header. It returns where the records end
// that stay, and how many at the end of the additional section do not.
func cleanRecords(wire []byte) (end, gone int, why Reason) {
	end, err := rrset.SkipWireName(wire, wireHeaderLen)
	if err != nil || end+4 > len(wire) {
		return 0, 0, Malformed
	}
	rrset.LowerWireName(wire, wireHeaderLen)
	end += 4
	signed := false
	for i, at := 0, end; i < 3; i++ {
		for range binary.BigEndian.Uint16(wire[6+2*i:]) {
			r, err := rrset.NextWireRecord(wire, at)
			if err != nil {
				return 0, 0, Malformed
			}
			at = r.End
			switch {
			case signed || i < 2 && ofExchange(r.Type): // a signature comes last (RFC 8945, section 5.1)
				return 0, 0, Malformed
			case ofExchange(r.Type):
				if why := blank(wire, &r); why != kept {
					return 0, 0, why
				}
				signed = r.Type != dns.TypeOPT
				gone++
			default:
				rrset.LowerWireName(wire, r.Owner)
				end, gone = at, 0
			}
		}
	}
	return end, gone, kept
}

// ofExchange reports whether a record is about the exchange of messages, not
// about names.
func ofExchange(t uint16) bool {
	return t == dns.TypeOPT || t == dns.TypeTSIG || t == dns.TypeSIG
}

// blank empties an OPT record, which others may follow, so that it cannot be cut
// out: names behind it may be pointed to. Its options become padding (RFC 7830).
func blank(wire []byte, r *rrset.WireRecord) Reason {
	if r.Type != dns.TypeOPT {
		return kept
	}
	rdata := wire[r.Rdata:r.End]
	switch {
	case wire[r.Owner] != 0 || len(rdata) > 0 && len(rdata) < 4:
		return Malformed
	case r.TTL>>24 != 0:
		return Rcode
	case hasWireScope(rdata):
		return ECS
	}
	clear(wire[r.Owner+3 : r.Owner+9]) // payload size and flags
	clear(rdata)
	if len(rdata) > 0 {
		binary.BigEndian.PutUint16(rdata, dns.EDNS0PADDING)
		binary.BigEndian.PutUint16(rdata[2:], uint16(len(rdata)-4))
	}
	return kept
}

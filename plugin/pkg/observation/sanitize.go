package observation

import (
	"encoding/binary"
	"slices"

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
	c := cleaning{wire: wire}
	if why := c.all(); why != kept {
		return nil, LeftOut{why}
	}
	additional := binary.BigEndian.Uint16(wire[10:])
	binary.BigEndian.PutUint16(wire[10:], additional-uint16(c.gone))
	binary.BigEndian.PutUint16(wire, 0)
	bits := binary.BigEndian.Uint16(wire[2:])
	binary.BigEndian.PutUint16(wire[2:], bits&(bitQR|bitAA|bitRA|0xF))
	return wire[:c.end], nil
}

// LeftOut is why a response is not to be sent.
type LeftOut struct{ Why Reason }

func (e LeftOut) Error() string { return "response left out: " + e.Why.String() }

// A cleaning is the work on all behind the header.
type cleaning struct {
	wire   []byte
	end    int  // of the last record that stays
	gone   int  // how many behind it do not
	signed bool // the signature of the exchange, which comes last, has come
	blanks []rrset.Span
}

func (c *cleaning) all() Reason {
	if why := c.question(); why != kept {
		return why
	}
	for i, at := 0, c.end; i < 3; i++ {
		for range binary.BigEndian.Uint16(c.wire[6+2*i:]) {
			r, err := rrset.NextWireRecord(c.wire, at)
			if err != nil {
				return Malformed
			}
			if why := c.record(&r, i == 2); why != kept {
				return why
			}
			at = r.End
		}
	}
	return kept
}

func (c *cleaning) question() Reason {
	end, err := c.name(wireHeaderLen)
	if err != nil || end+4 > len(c.wire) {
		return Malformed
	}
	c.end = end + 4
	return checkQuestion(binary.BigEndian.Uint16(c.wire[end:]), binary.BigEndian.Uint16(c.wire[end+2:]))
}

func (c *cleaning) record(r *rrset.WireRecord, additional bool) Reason {
	switch {
	case c.signed: // behind the last (RFC 8945, section 5.1)
		return Malformed
	case additional && ofExchange(r.Type):
		c.signed = r.Type != dns.TypeOPT
		c.gone++
		c.blanks = append(c.blanks, r.Span)
		return blank(c.wire, r)
	case ofExchange(r.Type) || rrset.IsMeta(r.Type):
		return MetaType
	}
	if _, err := c.name(r.Owner); err != nil || rrset.WireRdataNames(r.Type, c.wire, r.Span, c.name) != nil {
		return Malformed
	}
	c.end, c.gone = r.End, 0
	return kept
}

// name brings the name at an octet of the message into lower case, as far as it
// stands there: a server may have made any of them from the question. It returns
// where it ends. Pointers must lead back, and to nothing that is cleaned: what is
// said of names must stay what it was.
func (c *cleaning) name(off int) (int, error) {
	end, to, err := rrset.WirePointer(c.wire, off)
	if err != nil {
		return 0, err
	}
	rrset.LowerWireName(c.wire, off)
	for to >= 0 {
		from := to
		var behind int
		if behind, to, err = rrset.WirePointer(c.wire, from); err != nil {
			return 0, err
		}
		if from < wireHeaderLen || behind > off || c.blanked(from, behind) {
			return 0, rrset.ErrName
		}
		off = from
	}
	return end, nil
}

// blanked reports whether some octets are among those that were cleaned.
func (c *cleaning) blanked(from, to int) bool {
	return slices.ContainsFunc(c.blanks, func(s rrset.Span) bool { return s.Owner < to && from < s.End })
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

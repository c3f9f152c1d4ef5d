package capture

import (
	"encoding/binary"

	"github.com/gopacket/gopacket/layers"
)

// A pair of addresses, IPv4 ones as their first four octets. Neither it nor the
// ports ever leave the package.
type pair struct{ from, to [16]byte }

func newPair(from, to []byte) pair {
	var p pair
	copy(p.from[:], from)
	copy(p.to[:], to)
	return p
}

// ip reads IP, whose version is in the packet itself.
func (d *decoder) ip(data []byte) Outcome {
	if len(data) == 0 {
		return Malformed
	}
	switch data[0] >> 4 {
	case 4:
		return d.ipv4(data)
	case 6:
		return d.ipv6(data)
	}
	return Malformed
}

func (d *decoder) ipv4(data []byte) Outcome {
	ip := &d.ip4
	if ip.DecodeFromBytes(data, &d.cut) != nil {
		return Malformed
	}
	between, more := newPair(ip.SrcIP, ip.DstIP), ip.Flags&layers.IPv4MoreFragments != 0
	if ip.FragOffset == 0 && !more {
		return d.extensions(ip.Protocol, between, ip.Payload)
	}
	return d.fragment(fragmentKey{between, uint32(ip.Id), ip.Protocol},
		part{int(ip.FragOffset) * 8, ip.Payload, ip.Protocol, !more})
}

func (d *decoder) ipv6(data []byte) Outcome {
	ip := &d.ip6
	if ip.DecodeFromBytes(data, &d.cut) != nil {
		return Malformed
	}
	protocol := ip.NextHeader
	if ip.HopByHop != nil { // which gopacket has read as a part of the header
		protocol = ip.HopByHop.NextHeader
	}
	return d.extensions(protocol, newPair(ip.SrcIP, ip.DstIP), ip.Payload)
}

// maxExtensions is how many extension headers are followed.
const maxExtensions = 8

// extensions follows extension headers (RFC 8200, section 4) to what they are
// in front of.
func (d *decoder) extensions(protocol layers.IPProtocol, between pair, data []byte) Outcome {
	for range maxExtensions {
		length := 8
		switch protocol {
		case layers.IPProtocolIPv6HopByHop, layers.IPProtocolIPv6Routing, layers.IPProtocolIPv6Destination,
			layers.IPProtocolAH, layers.IPProtocolIPv6Fragment:
		default:
			return d.transport(protocol, between, data)
		}
		if len(data) < 8 {
			return Malformed
		}
		switch protocol {
		case layers.IPProtocolIPv6Fragment:
			if field := binary.BigEndian.Uint16(data[2:]) &^ reservedBits; field != 0 {
				return d.fragment6(between, data, field)
			} // else an atomic fragment (RFC 6946)
		case layers.IPProtocolAH: // RFC 4302, section 2.2
			length += int(data[1]) * 4
		default:
			length += int(data[1]) * 8
		}
		if length > len(data) {
			return Malformed
		}
		protocol, data = layers.IPProtocol(data[0]), data[length:]
	}
	return Malformed
}

// reservedBits of the field of a fragment header that holds offset and flag.
const reservedBits = 6

// fragment6 reads a fragment header (RFC 8200, section 4.5).
func (d *decoder) fragment6(between pair, data []byte, field uint16) Outcome {
	key := fragmentKey{pair: between, id: binary.BigEndian.Uint32(data[4:])}
	return d.fragment(key, part{int(field &^ 7), data[8:], layers.IPProtocol(data[0]), field&1 == 0})
}

// fragment takes a fragment, and reads the datagram if it was the last one
// missing.
func (d *decoder) fragment(key fragmentKey, p part) Outcome {
	switch {
	case bool(d.cut):
		return Cut
	case d.joined: // fragments of what was in fragments already
		return Malformed
	case p.start == 0 && !d.wanted(p.protocol, p.data):
		d.fragments.refuse(key, d.now)
		return NotDNS
	}
	protocol, whole := d.fragments.add(key, p, d.now)
	if whole == nil {
		return Fragment
	}
	d.joined = true
	return d.extensions(protocol, key.pair, whole)
}

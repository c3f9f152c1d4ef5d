package capture

import (
	"encoding/binary"
	"slices"

	"github.com/gopacket/gopacket/layers"
)

// wanted reports whether the first fragment of a datagram comes from a DNS port,
// or may do so.
func (d *decoder) wanted(protocol layers.IPProtocol, data []byte) bool {
	switch protocol {
	case layers.IPProtocolUDP, layers.IPProtocolTCP:
		return len(data) >= 2 && d.serves(binary.BigEndian.Uint16(data))
	case layers.IPProtocolIPv6Destination, layers.IPProtocolAH, layers.IPProtocolIPv6Routing:
		return true
	}
	return false
}

// serves reports whether DNS servers answer from a port.
func (d *decoder) serves(port uint16) bool { return slices.Contains(d.Ports, port) }

// transport reads UDP and TCP.
func (d *decoder) transport(protocol layers.IPProtocol, between pair, data []byte) Outcome {
	switch protocol {
	case layers.IPProtocolUDP:
		return d.udpMessage(between, data)
	case layers.IPProtocolTCP:
		return d.tcpSegment(between, data)
	}
	return NotDNS
}

func (d *decoder) udpMessage(between pair, data []byte) Outcome {
	if d.udp.DecodeFromBytes(data, &d.cut) != nil {
		return Malformed
	}
	f, wire := flow{between, uint16(d.udp.SrcPort), uint16(d.udp.DstPort)}, d.udp.Payload
	switch from, to := d.serves(f.fromPort), d.serves(f.toPort); {
	case to && kind(wire) == Query:
		if d.asked != nil {
			d.asked.query(f, wire, d.now)
		}
		return Query
	case !from:
		return NotDNS
	case bool(d.cut):
		return Cut
	case d.asked != nil && kind(wire) == DNS && !d.asked.answered(f, wire, d.now):
		return Unasked
	}
	return d.give(wire, d.now)
}

func (d *decoder) tcpSegment(between pair, data []byte) Outcome {
	if d.tcp.DecodeFromBytes(data, &d.cut) != nil {
		return Malformed
	}
	f := flow{between, uint16(d.tcp.SrcPort), uint16(d.tcp.DstPort)}
	switch from, to := d.serves(f.fromPort), d.serves(f.toPort); {
	case to && d.asked != nil && d.tcp.SYN && !d.tcp.ACK:
		d.asked.connect(f, d.tcp.Seq, d.now)
		return Query
	case from && bool(d.cut):
		return Cut // what is missing is missing from the stream
	case from:
		return d.streams.take(f, &d.tcp, d.now)
	case to:
		return Query
	}
	return NotDNS
}

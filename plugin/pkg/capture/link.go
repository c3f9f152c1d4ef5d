package capture

import (
	"github.com/gopacket/gopacket/layers"
)

// Raw IP has had several numbers (pcap-linktype(7)).
const (
	rawBSD     layers.LinkType = 12
	rawOpenBSD layers.LinkType = 14
)

// maxTags is how many VLAN tags a frame may have: two with QinQ.
const maxTags = 4

// link reads the link layer.
func (d *decoder) link(p packet) Outcome {
	switch p.link {
	case layers.LinkTypeEthernet:
		if d.ethernet.DecodeFromBytes(p.data, &d.cut) != nil {
			return Malformed
		}
		return d.ether(d.ethernet.EthernetType, d.ethernet.Payload)
	case layers.LinkTypeLinuxSLL:
		if d.cooked.DecodeFromBytes(p.data, &d.cut) != nil {
			return Malformed
		}
		return d.ether(d.cooked.EthernetType, d.cooked.Payload)
	case layers.LinkTypeLinuxSLL2:
		if d.cooked2.DecodeFromBytes(p.data, &d.cut) != nil {
			return Malformed
		}
		return d.ether(d.cooked2.ProtocolType, d.cooked2.Payload)
	case layers.LinkTypeNull, layers.LinkTypeLoop:
		if d.loopback.DecodeFromBytes(p.data, &d.cut) != nil {
			return Malformed
		}
		return d.family(d.loopback.Family, d.loopback.Payload)
	case layers.LinkTypeRaw, rawBSD, rawOpenBSD, layers.LinkTypeIPv4, layers.LinkTypeIPv6:
		return d.ip(p.data)
	}
	return UnknownLink
}

// ether reads what an EtherType says, behind any VLAN tags.
func (d *decoder) ether(kind layers.EthernetType, data []byte) Outcome {
	for range maxTags {
		switch kind {
		case layers.EthernetTypeDot1Q, layers.EthernetTypeQinQ, oldQinQ:
			if d.tag.DecodeFromBytes(data, &d.cut) != nil {
				return Malformed
			}
			kind, data = d.tag.Type, d.tag.Payload
		case layers.EthernetTypeIPv4, layers.EthernetTypeIPv6:
			return d.ip(data)
		default:
			return NotDNS
		}
	}
	return Malformed
}

// oldQinQ was in use before 802.1ad.
const oldQinQ layers.EthernetType = 0x9100

// family reads what the address family of a loopback header says.
func (d *decoder) family(f layers.ProtocolFamily, data []byte) Outcome {
	switch f {
	case layers.ProtocolFamilyIPv4, layers.ProtocolFamilyIPv6BSD, layers.ProtocolFamilyIPv6FreeBSD,
		layers.ProtocolFamilyIPv6Darwin, layers.ProtocolFamilyIPv6Linux:
		return d.ip(data)
	}
	return NotDNS
}

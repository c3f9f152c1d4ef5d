package capture_test

import (
	"encoding/binary"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"

	"example.org/pdns/plugin/pkg/capture"
)

// TestLinks finds a response in every link layer, by both versions of IP.
func TestLinks(t *testing.T) {
	wire := answer(t, "www.example.com.", 3)
	cooked := func(ip []byte) []byte {
		b := make([]byte, 14)
		b[5] = 6 // of the address
		return append(binary.BigEndian.AppendUint16(b, etherType(ip)), ip...)
	}
	cooked2 := func(ip []byte) []byte {
		b := binary.BigEndian.AppendUint16(nil, etherType(ip))
		b = append(b, make([]byte, 18)...)
		b[9], b[11] = 1, 6 // Ethernet, length of the address
		return append(b, ip...)
	}
	loopback := func(order binary.ByteOrder, family6 uint32) func(ip []byte) []byte {
		return func(ip []byte) []byte {
			family := uint32(2)
			if ip[0]>>4 == 6 {
				family = family6
			}
			b := make([]byte, 4)
			order.PutUint32(b, family)
			return append(b, ip...)
		}
	}
	raw := func(ip []byte) []byte { return ip }
	for _, c := range []struct {
		name string
		link layers.LinkType
		wrap func(ip []byte) []byte
	}{
		{"Ethernet", layers.LinkTypeEthernet, func(ip []byte) []byte { return ethernet(ip) }},
		{"a trailer", layers.LinkTypeEthernet, func(ip []byte) []byte { return append(ethernet(ip), 1, 2, 3) }},
		{"VLAN", layers.LinkTypeEthernet, func(ip []byte) []byte { return ethernet(ip, 0x8100) }},
		{"QinQ", layers.LinkTypeEthernet, func(ip []byte) []byte { return ethernet(ip, 0x88a8, 0x8100) }},
		{"old QinQ", layers.LinkTypeEthernet, func(ip []byte) []byte { return ethernet(ip, 0x9100, 0x8100) }},
		{"Linux cooked", layers.LinkTypeLinuxSLL, cooked},
		{"Linux cooked, version 2", layers.LinkTypeLinuxSLL2, cooked2},
		{"null of FreeBSD", layers.LinkTypeNull, loopback(binary.LittleEndian, 28)},
		{"null of macOS", layers.LinkTypeNull, loopback(binary.LittleEndian, 30)},
		{"loop of OpenBSD", layers.LinkTypeLoop, loopback(binary.BigEndian, 24)},
		{"raw", layers.LinkTypeRaw, raw},
		{"raw of BSD", 12, raw},
		{"raw of OpenBSD", 14, raw},
	} {
		t.Run(c.name, func(t *testing.T) {
			stats := mustHold(t, file{c.link, binary.LittleEndian, false}.of(c.wrap(reply4(t, wire)), c.wrap(reply6(t, wire))), wire, wire)
			mustCount(t, stats, map[capture.Outcome]uint64{capture.DNS: 2})
		})
	}
}

// TestExtensions finds a response behind extension headers.
func TestExtensions(t *testing.T) {
	wire := answer(t, "www.example.com.", 1)
	datagram := udp(t, server, asker, wire)
	header := func(next layers.IPProtocol, length byte, rest []byte) []byte {
		b := append([]byte{byte(next), length}, make([]byte, 6+int(length)*8)...)
		if length == 0 {
			b[2], b[3] = 1, 4 // padding
		} else {
			b[2], b[3] = 1, 6+length*8-2
		}
		return append(b, rest...)
	}
	ah := append([]byte{byte(layers.IPProtocolUDP), 4}, append(make([]byte, 22), datagram...)...)
	const udpNext = layers.IPProtocolUDP
	atomic := append([]byte{byte(udpNext), 0, 0, 0, 0, 0, 0, 1}, datagram...)
	for name, ip := range map[string][]byte{
		"hop by hop":            ip6(t, server, asker, layers.IPProtocolIPv6HopByHop, header(udpNext, 0, datagram)),
		"destination":           ip6(t, server, asker, layers.IPProtocolIPv6Destination, header(udpNext, 1, datagram)),
		"routing, destination":  ip6(t, server, asker, layers.IPProtocolIPv6Routing, header(layers.IPProtocolIPv6Destination, 0, header(udpNext, 0, datagram))),
		"authentication":        ip6(t, server, asker, layers.IPProtocolAH, ah),
		"authentication, IPv4":  ip4(t, server, asker, layers.IPProtocolAH, ah),
		"a fragment of its own": ip6(t, server, asker, layers.IPProtocolIPv6Fragment, atomic),
	} {
		t.Run(name, func(t *testing.T) {
			stats := mustHold(t, ethernetFile.of(ethernet(ip)), wire)
			mustCount(t, stats, map[capture.Outcome]uint64{capture.DNS: 1})
		})
	}
}

// TestOutcomes: each packet is counted, and only responses come out.
func TestOutcomes(t *testing.T) {
	wire := answer(t, "www.example.com.", 1)
	web := side{server.four, server.six, 443}
	frame := ethernet(reply4(t, wire))
	options := serialize(t, &layers.IPv4{Version: 4, Protocol: layers.IPProtocolUDP, SrcIP: server.four, DstIP: asker.four,
		Options: []layers.IPv4Option{{OptionType: 7, OptionLength: 7, OptionData: make([]byte, 5)}}}, gopacket.Payload(udp(t, server, asker, wire)))
	for _, c := range []struct {
		name  string
		frame []byte
		want  capture.Outcome
	}{
		{"a response", frame, capture.DNS},
		{"IP options", ethernet(options), capture.DNS},
		{"a query", ethernet(ip4(t, asker, server, layers.IPProtocolUDP, udp(t, asker, server, query(wire)))), capture.Query},
		{"a query from port 53", ethernet(reply4(t, query(wire))), capture.Query},
		{"a response between two servers", ethernet(ip4(t, server, server, layers.IPProtocolUDP, udp(t, server, server, wire))), capture.DNS},
		{"another port", ethernet(ip4(t, web, asker, layers.IPProtocolUDP, udp(t, web, asker, wire))), capture.NotDNS},
		{"too short for DNS", ethernet(reply4(t, wire[:11])), capture.NotDNS},
		{"ICMP", ethernet(ip4(t, server, asker, layers.IPProtocolICMPv4, make([]byte, 8))), capture.NotDNS},
		{"ARP", append(make([]byte, 12), 0x08, 0x06, 1, 2), capture.NotDNS},
		{"a length instead of a type", append(make([]byte, 12), 0, 2, 1, 2), capture.NotDNS},
		{"no IP", append(make([]byte, 12), 0x08, 0x00, 0x99), capture.Malformed},
		{"nothing in IP", append(make([]byte, 12), 0x08, 0x00), capture.Malformed},
		{"half a frame", frame[:13], capture.Malformed},
		{"half an IP header", frame[:30], capture.Malformed},
		{"half a UDP header", frame[:40], capture.Malformed},
		{"half a message", frame[:len(frame)-5], capture.Cut},
		{"tags without end", ethernet(nil4(), 0x8100, 0x8100, 0x8100, 0x8100, 0x8100), capture.Malformed},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, stats, err := read(t, ethernetFile.of(c.frame), capture.Options{})
			if err != nil {
				t.Error(err)
			}
			mustCount(t, stats, map[capture.Outcome]uint64{c.want: 1})
		})
	}
}

func nil4() []byte { return []byte{0x45} }

func TestPorts(t *testing.T) {
	wire := answer(t, "www.example.com.", 1)
	llmnr := side{server.four, server.six, 5355}
	content := ethernetFile.of(ethernet(reply4(t, wire)), ethernet(ip4(t, llmnr, asker, layers.IPProtocolUDP, udp(t, llmnr, asker, wire))))
	got, stats, err := read(t, content, capture.Options{Ports: []uint16{5355}})
	if err != nil || len(got) != 1 {
		t.Errorf("%d messages, %v", len(got), err)
	}
	mustCount(t, stats, map[capture.Outcome]uint64{capture.DNS: 1, capture.NotDNS: 1})
}

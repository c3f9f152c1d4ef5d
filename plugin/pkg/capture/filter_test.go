package capture_test

import (
	"encoding/binary"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"golang.org/x/net/bpf"

	"example.org/pdns/plugin/pkg/capture"
)

// TestFilter runs the program on packets, as the kernel would.
func TestFilter(t *testing.T) {
	wire := answer(t, "www.example.com.", 60)
	datagram := udp(t, server, asker, wire)
	web := side{server.four, server.six, 443}
	high := side{server.four, server.six, 53<<8 | 53}
	tcp := func(from, to side) []byte {
		return serialize(t, &layers.TCP{SrcPort: layers.TCPPort(from.port), DstPort: layers.TCPPort(to.port), SYN: true})
	}
	options := serialize(t, &layers.IPv4{Version: 4, Protocol: layers.IPProtocolUDP, SrcIP: server.four, DstIP: asker.four,
		Options: []layers.IPv4Option{{OptionType: 7, OptionLength: 7, OptionData: make([]byte, 5)}}}, gopacket.Payload(datagram))
	const u, c = layers.IPProtocolUDP, layers.IPProtocolTCP
	query4 := ip4(t, asker, server, u, udp(t, asker, server, query(wire)))
	f4, f6 := fragments4(t, 1, datagram, 512), fragments6(t, 1, datagram, 512)
	webParts := fragments4(t, 1, udp(t, web, asker, wire), 512)
	for _, p := range []struct {
		name          string
		ip            []byte
		pass, matched bool
	}{
		{"UDP, IPv4", reply4(t, wire), true, true},
		{"UDP, IPv6", reply6(t, wire), true, true},
		{"TCP, IPv4", ip4(t, server, asker, c, tcp(server, asker)), true, true},
		{"TCP, IPv6", ip6(t, server, asker, c, tcp(server, asker)), true, true},
		{"IP options", options, true, true},
		{"first fragment, IPv4", f4[0][14:], true, true},
		{"next fragment, IPv4", f4[1][14:], true, true},
		{"last fragment, IPv4", last(f4)[14:], true, true},
		{"first fragment, IPv6", f6[0][14:], true, true},
		{"next fragment, IPv6", f6[1][14:], true, true},
		{"last fragment, IPv6", last(f6)[14:], true, true},
		{"hop by hop", ip6(t, server, asker, layers.IPProtocolIPv6HopByHop, append([]byte{17, 0, 1, 4, 0, 0, 0, 0}, datagram...)), true, true},
		{"a query", query4, false, true},
		{"a query, IPv6", ip6(t, asker, server, u, udp(t, asker, server, query(wire))), false, true},
		{"another port", ip4(t, web, asker, u, udp(t, web, asker, wire)), false, false},
		{"a port like 53", ip4(t, high, asker, u, udp(t, high, asker, wire)), false, false},
		{"another port, IPv6", ip6(t, web, asker, u, udp(t, web, asker, wire)), false, false},
		{"another port, TCP", ip4(t, web, asker, c, tcp(web, asker)), false, false},
		{"another port, first fragment", webParts[0][14:], false, false},
		{"ICMP", ip4(t, server, asker, layers.IPProtocolICMPv4, []byte{0, 53, 0, 53, 0, 0, 0, 0}), false, false},
		{"ICMPv6", ip6(t, server, asker, layers.IPProtocolICMPv6, []byte{0, 53, 0, 53, 0, 0, 0, 0}), false, false},
		{"cut", reply4(t, wire)[:18], false, false},
	} {
		t.Run(p.name, func(t *testing.T) {
			for _, tags := range [][]uint16{nil, {0x8100}, {0x88a8, 0x8100}} {
				check(t, layers.LinkTypeEthernet, ethernet(p.ip, tags...), p.pass, p.matched)
			}
			check(t, layers.LinkTypeRaw, p.ip, p.pass, p.matched)
		})
	}
	check(t, layers.LinkTypeEthernet, append(make([]byte, 12), 0x08, 0x06, 0, 53, 0, 53), false, false)
	check(t, layers.LinkTypeEthernet, ethernet(reply4(t, wire), 0x8100, 0x8100, 0x8100), false, false)
	check(t, layers.LinkTypeRaw, binary.BigEndian.AppendUint32(nil, 0x99000035), false, false)
}

func check(t *testing.T, link layers.LinkType, frame []byte, pass, matched bool) {
	t.Helper()
	for match, want := range map[bool]bool{false: pass, true: matched} {
		program, err := capture.Filter(link, capture.Options{Match: match}, capture.Both)
		if err != nil {
			t.Fatal(err)
		}
		vm, err := bpf.NewVM(program)
		if err != nil {
			t.Fatal(err)
		}
		if n, err := vm.Run(frame); err != nil || (n > 0) != want || n > 0 && n < len(frame) {
			t.Errorf("%v, match %v, %x: passes %d octets, %v", link, match, frame[:min(len(frame), 64)], n, err)
		}
	}
}

func TestFilterOfPorts(t *testing.T) {
	wire := answer(t, "www.example.com.", 1)
	ports := make([]uint16, 100)
	for i := range ports {
		ports[i] = uint16(5300 + i)
	}
	from := side{server.four, server.six, 5399}
	program, err := capture.Filter(layers.LinkTypeEthernet, capture.Options{Ports: ports}, capture.Asked)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := bpf.Assemble(program); err != nil {
		t.Error(err)
	}
	program, err = capture.Filter(layers.LinkTypeEthernet, capture.Options{Ports: ports}, capture.Both)
	if err != nil {
		t.Fatal(err)
	}
	vm, err := bpf.NewVM(program)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := vm.Run(ethernet(ip4(t, from, asker, layers.IPProtocolUDP, udp(t, from, asker, wire)))); n == 0 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if _, err := capture.Filter(layers.LinkTypeEthernet, capture.Options{Ports: make([]uint16, 300)}, capture.Both); err == nil {
		t.Error("300 ports: no error")
	}
}

package capture_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/capture"
)

// began is when the first packet of every capture is seen; the others follow a
// millisecond apart.
var began = time.Unix(1564617600, 123456789).UTC()

// answer is a response about a name, with n addresses.
func answer(t testing.TB, name string, n int) []byte {
	t.Helper()
	m := new(dns.Msg).SetQuestion(name, dns.TypeA)
	m.Response = true
	m.Compress = true
	for i := range n {
		m.Answer = append(m.Answer, &dns.A{
			Hdr: dns.RR_Header{Name: name, Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: 300},
			A:   net.IPv4(192, 0, 2, byte(i)),
		})
	}
	wire, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	return wire
}

// query is the question that answer answers.
func query(wire []byte) []byte {
	q := bytes.Clone(wire)
	q[2] &^= 0x80
	return q
}

// A side is one end of the exchanges in these tests.
type side struct {
	four, six net.IP
	port      uint16
}

var (
	server = side{net.IPv4(198, 51, 100, 53).To4(), net.ParseIP("2001:db8::53"), 53}
	asker  = side{net.IPv4(203, 0, 113, 7).To4(), net.ParseIP("2001:db8::7"), 40007}
)

func serialize(t testing.TB, parts ...gopacket.SerializableLayer) []byte {
	t.Helper()
	buf := gopacket.NewSerializeBuffer()
	if err := gopacket.SerializeLayers(buf, gopacket.SerializeOptions{FixLengths: true}, parts...); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// udp is a datagram without its IP header.
func udp(t testing.TB, from, to side, payload []byte) []byte {
	return serialize(t, &layers.UDP{SrcPort: layers.UDPPort(from.port), DstPort: layers.UDPPort(to.port)}, gopacket.Payload(payload))
}

func ip4(t testing.TB, from, to side, protocol layers.IPProtocol, payload []byte) []byte {
	return serialize(t, &layers.IPv4{Version: 4, TTL: 64, Protocol: protocol, SrcIP: from.four, DstIP: to.four}, gopacket.Payload(payload))
}

func ip6(t testing.TB, from, to side, next layers.IPProtocol, payload []byte) []byte {
	return serialize(t, &layers.IPv6{Version: 6, HopLimit: 64, NextHeader: next, SrcIP: from.six, DstIP: to.six}, gopacket.Payload(payload))
}

// reply4 and reply6 are a response by UDP.
func reply4(t testing.TB, wire []byte) []byte {
	return ip4(t, server, asker, layers.IPProtocolUDP, udp(t, server, asker, wire))
}

func reply6(t testing.TB, wire []byte) []byte {
	return ip6(t, server, asker, layers.IPProtocolUDP, udp(t, server, asker, wire))
}

// ethernet puts frames around IP packets, with VLAN tags of some types.
func ethernet(ip []byte, tags ...uint16) []byte {
	frame := make([]byte, 12, 14+4*len(tags)+len(ip))
	for i, tag := range tags {
		frame = binary.BigEndian.AppendUint16(frame, tag)
		frame = binary.BigEndian.AppendUint16(frame, uint16(i+7))
	}
	return append(binary.BigEndian.AppendUint16(frame, etherType(ip)), ip...)
}

func etherType(ip []byte) uint16 {
	if ip[0]>>4 == 6 {
		return 0x86dd
	}
	return 0x0800
}

// A file writes packets into a pcap file.
type file struct {
	link  layers.LinkType
	order binary.AppendByteOrder
	nano  bool
}

var ethernetFile = file{link: layers.LinkTypeEthernet, order: binary.LittleEndian}

func (f file) of(packets ...[]byte) []byte {
	magic, unit := uint32(0xa1b2c3d4), 1000
	if f.nano {
		magic, unit = 0xa1b23c4d, 1
	}
	b := f.order.AppendUint32(nil, magic)
	b = f.order.AppendUint16(b, 2)
	b = f.order.AppendUint16(b, 4)
	for _, v := range []uint32{0, 0, 262144, uint32(f.link)} {
		b = f.order.AppendUint32(b, v)
	}
	for i, p := range packets {
		at := began.Add(time.Duration(i) * time.Millisecond)
		for _, v := range []int{int(at.Unix()), at.Nanosecond() / unit, len(p), len(p)} {
			b = f.order.AppendUint32(b, uint32(v))
		}
		b = append(b, p...)
	}
	return b
}

// read reads a capture file to its end, and returns what it holds.
func read(t testing.TB, content []byte, o capture.Options) (wires [][]byte, stats capture.Stats, err error) {
	t.Helper()
	r, err := capture.NewReader(bytes.NewReader(content), o)
	if err != nil {
		return nil, capture.Stats{}, err
	}
	for {
		m, err := r.Next()
		if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			err = nil
		} else if err == nil {
			wires = append(wires, bytes.Clone(m.Wire))
			continue
		}
		return wires, r.Stats(), err
	}
}

// mustHold checks that a capture file of frames holds some messages, in order.
func mustHold(t *testing.T, content []byte, want ...[]byte) capture.Stats {
	t.Helper()
	got, stats, err := read(t, content, capture.Options{})
	if err != nil {
		t.Error(err)
	}
	compare(t, got, want)
	return stats
}

func compare(t *testing.T, got, want [][]byte) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d messages, want %d", len(got), len(want))
	}
	for i := range got {
		if !bytes.Equal(got[i], want[i]) {
			t.Errorf("message %d is %x, want %x", i, got[i], want[i])
		}
	}
}

// mustCount checks the outcomes of packets; those that are not named are 0.
func mustCount(t *testing.T, s capture.Stats, want map[capture.Outcome]uint64) {
	t.Helper()
	var total uint64
	for o := range capture.Outcomes() {
		if s.By[o] != want[o] {
			t.Errorf("%s: %d, want %d", o, s.By[o], want[o])
		}
		if o < capture.LostFragments {
			total += s.By[o]
		}
	}
	if total != s.Packets {
		t.Errorf("%d outcomes of %d packets", total, s.Packets)
	}
}

// pcapng writes packets into a pcapng file, one after another from interfaces of
// these link types.
func pcapng(t testing.TB, links []layers.LinkType, packets ...[]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	var w *pcapgo.NgWriter
	for i, link := range links {
		if i == 0 {
			var err error
			if w, err = pcapgo.NewNgWriter(&b, link); err != nil {
				t.Fatal(err)
			}
		} else if _, err := w.AddInterface(pcapgo.NgInterface{Name: fmt.Sprint(i), LinkType: link, SnapLength: 1 << 16}); err != nil {
			t.Fatal(err)
		}
	}
	for i, p := range packets {
		info := gopacket.CaptureInfo{Timestamp: began.Add(time.Duration(i) * time.Millisecond), CaptureLength: len(p),
			Length: len(p), InterfaceIndex: i % len(links)}
		if err := w.WritePacket(info, p); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

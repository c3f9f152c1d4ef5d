package captures

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	framestream "github.com/farsightsec/golang-framestream"
	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
	"github.com/miekg/dns"

	dt "example.org/pdns/plugin/pkg/dnstap"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var noon = time.Date(2019, 8, 1, 12, 0, 0, 0, time.UTC)

// response is the wire form of an answer.
func response(t *testing.T, qname string, qtype uint16, answer ...string) []byte {
	t.Helper()
	m := new(dns.Msg).SetQuestion(qname, qtype)
	m.Response = true
	for _, text := range answer {
		rr, err := dns.NewRR(text)
		must(t, err)
		m.Answer = append(m.Answer, rr)
	}
	wire, err := m.Pack()
	must(t, err)
	return wire
}

// messages are responses of many forms, and some of which nothing is taken.
func messages(t *testing.T) [][]byte {
	texts := make([]string, 40)
	for i := range texts {
		texts[i] = fmt.Sprintf("large.example. 60 TXT %q", fmt.Sprintf("%d %s", i, strings.Repeat("x", 60)))
	}
	wrong := new(dns.Msg).SetQuestion("wrong.example.", dns.TypeA)
	wrong.Response, wrong.Rcode = true, dns.RcodeServerFailure
	failed, err := wrong.Pack()
	must(t, err)
	return [][]byte{
		response(t, "WWW.example.", dns.TypeA, "www.example. 60 CNAME cdn.example.", "cdn.example. 60 A 192.0.2.1", "cdn.example. 60 A 192.0.2.2"),
		response(t, "www.example.", dns.TypeAAAA, "www.example. 60 CNAME cdn.example.", "cdn.example. 60 AAAA 2001:db8::1"),
		response(t, "example.", dns.TypeMX, "example. 60 MX 10 mail.example.", "example. 60 MX 20 mx.example."),
		response(t, "a.example.", dns.TypeA, "a.example. 60 A 192.0.2.3", "victim.test. 60 A 192.0.2.66"),
		response(t, "h.example.", dns.TypeHTTPS, `h.example. 60 HTTPS 1 . alpn="h2" ipv4hint="192.0.2.7"`),
		response(t, "_s._tcp.example.", dns.TypeSRV, "_s._tcp.example. 60 SRV 1 2 443 srv.example."),
		response(t, "c.example.", dns.TypeCAA, `c.example. 60 CAA 0 issue "ca.example"`),
		response(t, "large.example.", dns.TypeTXT, texts...),
		response(t, "a.example.", dns.TypeA, "a.example. 60 A 192.0.2.3"),
		response(t, "host.local.", dns.TypeA, "host.local. 60 A 192.0.2.9"),
		failed,
	}
}

// A wire is where packets go.
type wire struct {
	t     *testing.T
	write func(gopacket.CaptureInfo, []byte) error
	n     int
}

func (w *wire) packet(network gopacket.SerializableLayer, above ...gopacket.SerializableLayer) {
	w.t.Helper()
	kind := layers.EthernetTypeIPv4
	if _, ok := network.(*layers.IPv6); ok {
		kind = layers.EthernetTypeIPv6
	}
	link := []gopacket.SerializableLayer{&layers.Ethernet{SrcMAC: make([]byte, 6), DstMAC: make([]byte, 6), EthernetType: kind}, network}
	if w.n%3 == 1 { // some have a tag
		link = []gopacket.SerializableLayer{
			&layers.Ethernet{SrcMAC: make([]byte, 6), DstMAC: make([]byte, 6), EthernetType: layers.EthernetTypeDot1Q},
			&layers.Dot1Q{VLANIdentifier: 7, Type: kind}, network,
		}
	}
	buf := gopacket.NewSerializeBuffer()
	must(w.t, gopacket.SerializeLayers(buf, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}, append(link, above...)...))
	w.n++
	info := gopacket.CaptureInfo{Timestamp: noon.Add(time.Duration(w.n) * time.Second), CaptureLength: len(buf.Bytes()), Length: len(buf.Bytes())}
	must(w.t, w.write(info, buf.Bytes()))
}

func ip4(protocol layers.IPProtocol) *layers.IPv4 {
	return &layers.IPv4{Version: 4, TTL: 64, Protocol: protocol, SrcIP: []byte{192, 0, 2, 53}, DstIP: []byte{198, 51, 100, 7}}
}

func ip6() *layers.IPv6 {
	server, client := make([]byte, 16), make([]byte, 16)
	copy(server, "\x20\x01\x0d\xb8\x53")
	copy(client, "\x20\x01\x0d\xb8\x07")
	return &layers.IPv6{Version: 6, HopLimit: 64, NextHeader: layers.IPProtocolUDP, SrcIP: server, DstIP: client}
}

// datagram writes a message by UDP.
func (w *wire) datagram(port int, message []byte, v6 bool) {
	udp := &layers.UDP{SrcPort: layers.UDPPort(port), DstPort: 40000}
	if v6 {
		ip := ip6()
		must(w.t, udp.SetNetworkLayerForChecksum(ip))
		w.packet(ip, udp, gopacket.Payload(message))
		return
	}
	ip := ip4(layers.IPProtocolUDP)
	must(w.t, udp.SetNetworkLayerForChecksum(ip))
	w.packet(ip, udp, gopacket.Payload(message))
}

// fragments writes a message by UDP, in fragments of some octets.
func (w *wire) fragments(message []byte, size int) {
	datagram := binary.BigEndian.AppendUint16(nil, 53)
	datagram = binary.BigEndian.AppendUint16(datagram, 40000)
	datagram = binary.BigEndian.AppendUint16(datagram, uint16(8+len(message)))
	datagram = append(binary.BigEndian.AppendUint16(datagram, 0), message...) // without a checksum
	for at := 0; at < len(datagram); at += size {
		ip := ip4(layers.IPProtocolUDP)
		ip.Id, ip.FragOffset = 77, uint16(at/8)
		if at+size < len(datagram) {
			ip.Flags = layers.IPv4MoreFragments
		}
		w.packet(ip, gopacket.Payload(datagram[at:min(at+size, len(datagram))]))
	}
}

// stream writes messages by TCP, in segments that end where they like.
func (w *wire) stream(messages [][]byte, size int) {
	var octets []byte
	for _, m := range messages {
		octets = append(binary.BigEndian.AppendUint16(octets, uint16(len(m))), m...)
	}
	segment := func(tcp *layers.TCP, payload []byte) {
		ip := ip4(layers.IPProtocolTCP)
		tcp.SrcPort, tcp.DstPort, tcp.Window, tcp.ACK = 53, 40001, 65535, true
		must(w.t, tcp.SetNetworkLayerForChecksum(ip))
		w.packet(ip, tcp, gopacket.Payload(payload))
	}
	segment(&layers.TCP{Seq: 1000, SYN: true}, nil)
	for at := 0; at < len(octets); at += size {
		segment(&layers.TCP{Seq: uint32(1001 + at), PSH: true}, octets[at:min(at+size, len(octets))])
	}
	segment(&layers.TCP{Seq: uint32(1001 + len(octets)), FIN: true}, nil)
}

func (w *wire) all() {
	m := messages(w.t)
	for i, message := range m {
		if len(message) < 1400 {
			w.datagram(53, message, i%2 == 1)
		}
	}
	w.datagram(5353, m[0], false)
	w.fragments(response(w.t, "large.example.", dns.TypeTXT, "large.example. 60 TXT \""+strings.Repeat("y", 200)+"\""), 64)
	w.fragments(m[7], 1400)
	w.stream(m, 333)
}

// madeCaptures are captures that the test makes.
func madeCaptures(t *testing.T) []string {
	dir := t.TempDir()
	pcap, err := os.Create(filepath.Join(dir, "made.pcap"))
	must(t, err)
	defer pcap.Close()
	w := pcapgo.NewWriter(pcap)
	must(t, w.WriteFileHeader(65536, layers.LinkTypeEthernet))
	(&wire{t: t, write: w.WritePacket}).all()

	pcapng, err := os.Create(filepath.Join(dir, "made.pcapng"))
	must(t, err)
	defer pcapng.Close()
	ng, err := pcapgo.NewNgWriter(pcapng, layers.LinkTypeEthernet)
	must(t, err)
	(&wire{t: t, write: ng.WritePacket}).all()
	must(t, ng.Flush())
	return []string{pcap.Name(), pcapng.Name()}
}

// madeStreams are frame streams that the test makes.
func madeStreams(t *testing.T) []string {
	f, err := os.Create(filepath.Join(t.TempDir(), "made.fstrm"))
	must(t, err)
	defer f.Close()
	out, err := framestream.NewEncoder(f, &framestream.EncoderOptions{ContentType: []byte(dt.ContentType)})
	must(t, err)
	types := []dt.Type{dt.ResolverResponse, dt.ForwarderResponse, dt.ClientResponse, dt.AuthResponse}
	for i, wire := range messages(t) {
		e := dt.Event{Type: types[i%len(types)], Time: noon.Add(time.Duration(i) * time.Second), Response: wire}
		if e.Type == dt.ResolverResponse {
			e.Zone = []byte("\x07eXample\x00")
		}
		_, err := out.Write(dt.Append(nil, &e))
		must(t, err)
	}
	must(t, out.Close())
	return []string{f.Name()}
}

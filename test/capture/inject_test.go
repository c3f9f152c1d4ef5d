package capture

import (
	"net"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/mdlayher/packet"
	"github.com/miekg/dns"
)

// TestAllThatWaits: what the kernel has when it is told to end gets into the store.
func TestAllThatWaits(t *testing.T) {
	newWire(t, world)
	dir := publicDir(t)
	p := start(t, dir, "-w", "store", "--unmatched")
	p.Signal(syscall.SIGSTOP)
	transmit(t, slices.Repeat([][]byte{flood(t)}, 1000)...)
	p.Signal(syscall.SIGINT)
	p.Signal(syscall.SIGCONT)
	if code := p.ExitCode(); code != 0 {
		t.Errorf("exit %d", code)
	}
	if got := export(t, filepath.Join(dir, "store")); got["flood.example.com. TXT"] != 1000 {
		t.Errorf("the store holds %v", got)
	}
}

// TestKernelDrops: what comes while nobody reads, beyond what the kernel keeps, is
// counted.
func TestKernelDrops(t *testing.T) {
	newWire(t, world)
	dir := publicDir(t)
	p := start(t, dir, "-w", "store")
	p.Signal(syscall.SIGSTOP)
	transmit(t, slices.Repeat([][]byte{flood(t)}, 40_000)...)
	p.Signal(syscall.SIGCONT)
	said := stop(t, p)
	if !strings.Contains(said, " dropped by the kernel") || strings.Contains(said, " 0 dropped by the kernel") {
		t.Error("no drops are counted")
	}
}

// flood is a frame of a large response.
func flood(t *testing.T) []byte {
	t.Helper()
	m := new(dns.Msg).SetQuestion("flood.example.com.", dns.TypeTXT)
	m.Response, m.Authoritative = true, true
	m.Answer = []dns.RR{&dns.TXT{Hdr: dns.RR_Header{Name: "flood.example.com.", Rrtype: dns.TypeTXT, Class: dns.ClassINET},
		Txt: strings.Fields(large)[:5]}}
	return frame(t, server4, client4, 53, 40000, m)
}

// inject puts frames with two VLAN tags on the wire: a response, and the query
// before it if it was asked for.
func inject(t *testing.T, name string, asked bool) {
	t.Helper()
	q := new(dns.Msg).SetQuestion(name, dns.TypeA)
	r := new(dns.Msg).SetReply(q)
	r.Answer = []dns.RR{&dns.A{Hdr: dns.RR_Header{Name: name, Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: 60}, A: net.IPv4(192, 0, 2, 9)}}
	frames := [][]byte{frame(t, server4, client4, 53, 40000, r)}
	if asked {
		frames = slices.Insert(frames, 0, frame(t, client4, server4, 40000, 53, q))
	}
	transmit(t, frames...)
}

// transmit puts frames on the wire.
func transmit(t *testing.T, frames ...[]byte) {
	t.Helper()
	ifi, err := net.InterfaceByName(iface)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := packet.Listen(ifi, packet.Raw, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, f := range frames {
		if _, err := conn.WriteTo(f, &packet.Addr{HardwareAddr: ifi.HardwareAddr}); err != nil {
			t.Fatal(err)
		}
	}
}

func frame(t *testing.T, from, to string, fromPort, toPort int, m *dns.Msg) []byte {
	t.Helper()
	wire, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	ip := &layers.IPv4{Version: 4, TTL: 64, Protocol: layers.IPProtocolUDP, SrcIP: net.ParseIP(from), DstIP: net.ParseIP(to)}
	buf := gopacket.NewSerializeBuffer()
	err = gopacket.SerializeLayers(buf, gopacket.SerializeOptions{FixLengths: true},
		&layers.Ethernet{SrcMAC: net.HardwareAddr{2, 0, 0, 0, 0, 2}, DstMAC: net.HardwareAddr{2, 0, 0, 0, 0, 1}, EthernetType: layers.EthernetTypeQinQ},
		&layers.Dot1Q{VLANIdentifier: 7, Type: layers.EthernetTypeDot1Q}, &layers.Dot1Q{VLANIdentifier: 8, Type: layers.EthernetTypeIPv4},
		ip, &layers.UDP{SrcPort: layers.UDPPort(fromPort), DstPort: layers.UDPPort(toPort)}, gopacket.Payload(wire))
	if err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

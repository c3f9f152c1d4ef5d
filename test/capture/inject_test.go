package capture

import (
	"encoding/binary"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/miekg/dns"
	"golang.org/x/sys/unix"
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
	out, stderr, code := pdns("stat", "--json", "--store", filepath.Join(dir, "store"))
	if code != 0 || !strings.Contains(out, `"kernel_dropped":`) {
		t.Errorf("exit %d, the store tells\n%s%s", code, out, stderr)
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
	q, r := exchange(name)
	frames := [][]byte{frame(t, server4, client4, 53, 40000, r)}
	if asked {
		frames = slices.Insert(frames, 0, frame(t, client4, server4, 40000, 53, q))
	}
	transmit(t, frames...)
}

// injectStream puts on the wire what a forger can send by TCP: a connection that
// nobody asked for, and a response in it.
func injectStream(t *testing.T, name string) {
	t.Helper()
	_, r := exchange(name)
	wire, err := r.Pack()
	if err != nil {
		t.Fatal(err)
	}
	accept := &layers.TCP{SrcPort: 53, DstPort: 40000, Seq: 7, Ack: 9, SYN: true, ACK: true, DataOffset: 5}
	answer := &layers.TCP{SrcPort: 53, DstPort: 40000, Seq: 8, Ack: 9, ACK: true, DataOffset: 5}
	transmit(t,
		packet(t, server4, client4, layers.IPProtocolTCP, accept, nil),
		packet(t, server4, client4, layers.IPProtocolTCP, answer, append(binary.BigEndian.AppendUint16(nil, uint16(len(wire))), wire...)))
}

// exchange is a query about an address, and its answer.
func exchange(name string) (q, r *dns.Msg) {
	q = new(dns.Msg).SetQuestion(name, dns.TypeA)
	r = new(dns.Msg).SetReply(q)
	r.Answer = []dns.RR{&dns.A{Hdr: dns.RR_Header{Name: name, Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: 60}, A: net.IPv4(192, 0, 2, 9)}}
	return q, r
}

// transmit puts frames on the wire.
func transmit(t *testing.T, frames ...[]byte) {
	t.Helper()
	ifi, err := net.InterfaceByName(iface)
	if err != nil {
		t.Fatal(err)
	}
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	for _, f := range frames {
		if err := unix.Sendto(fd, f, 0, &unix.SockaddrLinklayer{Ifindex: ifi.Index}); err != nil {
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
	return packet(t, from, to, layers.IPProtocolUDP, &layers.UDP{SrcPort: layers.UDPPort(fromPort), DstPort: layers.UDPPort(toPort)}, wire)
}

func packet(t *testing.T, from, to string, protocol layers.IPProtocol, transport gopacket.SerializableLayer, payload []byte) []byte {
	t.Helper()
	buf := gopacket.NewSerializeBuffer()
	err := gopacket.SerializeLayers(buf, gopacket.SerializeOptions{FixLengths: true},
		&layers.Ethernet{SrcMAC: net.HardwareAddr{2, 0, 0, 0, 0, 2}, DstMAC: net.HardwareAddr{2, 0, 0, 0, 0, 1}, EthernetType: layers.EthernetTypeQinQ},
		&layers.Dot1Q{VLANIdentifier: 7, Type: layers.EthernetTypeDot1Q}, &layers.Dot1Q{VLANIdentifier: 8, Type: layers.EthernetTypeIPv4},
		&layers.IPv4{Version: 4, TTL: 64, Protocol: protocol, SrcIP: net.ParseIP(from), DstIP: net.ParseIP(to)},
		transport, gopacket.Payload(payload))
	if err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

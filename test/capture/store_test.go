package capture

import (
	"fmt"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/mdlayher/packet"
	"github.com/miekg/dns"
	"golang.org/x/sys/unix"

	"example.org/pdns/test/lab"
)

// TestStore: what passes the interface is in the store, once, and nothing of who
// asked is.
func TestStore(t *testing.T) {
	w := newWire(t, world)
	dir := publicDir(t)
	store := filepath.Join(dir, "store")
	p := start(t, dir, "-w", "store")
	unprivileged(t, p)
	w.ask(t)
	inject(t, "tagged.example.com.", true)
	inject(t, "forged.example.com.", false)
	said := stop(t, p)
	for _, words := range []string{"works as user nobody", " messages, ", " RRsets, 0 dropped by the kernel", "1 unasked"} {
		if !strings.Contains(said, words) {
			t.Errorf("it does not say %q", words)
		}
	}
	got := export(t, store)
	want := map[string]uint64{
		"www.example.com. CNAME": 1, "web.example.net. A": 1, "six.example.com. AAAA": 1, "stream.example.com. A": 1,
		"large.example.com. TXT": 1, "large6.example.com. TXT": 1, "nowhere.example.com. NXDOMAIN": 1, "example.com. SOA": 1,
		strings.ToLower(marker) + ".example.com. A": 2, "tagged.example.com. A": 1,
	}
	if !maps.Equal(got, want) {
		t.Errorf("the store holds %v\nwant %v", got, want)
	}
	if !traces(t).SearchStore(t, store, []byte(strings.ToLower(marker))) {
		t.Error("the search does not even find the name that is there")
	}
}

// export is how often each RRset was seen.
func export(t *testing.T, store string) map[string]uint64 {
	t.Helper()
	out, stderr, code := pdns("export", "--json", "--store", store)
	if code != 0 {
		t.Fatalf("export: exit %d\n%s", code, stderr)
	}
	counts := map[string]uint64{}
	for _, r := range lab.Records(t, out) {
		counts[r.Owner+" "+r.Type] += r.Count
	}
	if out, stderr, code := pdns("verify", "--store", store); code != 0 {
		t.Errorf("verify: exit %d\n%s%s", code, out, stderr)
	}
	return counts
}

// unprivileged checks every thread of a process.
func unprivileged(t *testing.T, p *lab.Process) {
	t.Helper()
	files, _ := filepath.Glob("/proc/" + strconv.Itoa(p.PID()) + "/task/*/status")
	if len(files) == 0 {
		t.Fatal("no threads")
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			continue // a thread that has ended
		}
		fields := map[string]string{}
		for line := range strings.Lines(string(text)) {
			name, value, _ := strings.Cut(line, ":")
			fields[name] = strings.Join(strings.Fields(value), " ")
		}
		const nobody = "65534 65534 65534 65534"
		if fields["Uid"] != nobody || fields["Gid"] != nobody || fields["Groups"] != "" && fields["Groups"] != "65534" ||
			strings.Trim(fields["CapPrm"]+fields["CapEff"], "0") != "" || fields["NoNewPrivs"] != "1" {
			t.Errorf("%s: %v", f, fields)
		}
	}
}

// inject puts frames with two VLAN tags on the wire: a response, and the query
// before it if it was asked for.
func inject(t *testing.T, name string, asked bool) {
	t.Helper()
	ifi, err := net.InterfaceByName(iface)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := packet.Listen(ifi, packet.Raw, unix.ETH_P_ALL, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	q := new(dns.Msg).SetQuestion(name, dns.TypeA)
	r := new(dns.Msg).SetReply(q)
	r.Answer = []dns.RR{&dns.A{Hdr: dns.RR_Header{Name: name, Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: 60}, A: net.IPv4(192, 0, 2, 9)}}
	frames := [][]byte{frame(t, ifi, server4, client4, 53, 40000, r)}
	if asked {
		frames = slices.Insert(frames, 0, frame(t, ifi, client4, server4, 40000, 53, q))
	}
	for _, f := range frames {
		if _, err := conn.WriteTo(f, &packet.Addr{HardwareAddr: ifi.HardwareAddr}); err != nil {
			t.Fatal(err)
		}
	}
}

func frame(t *testing.T, ifi *net.Interface, from, to string, fromPort, toPort int, m *dns.Msg) []byte {
	t.Helper()
	wire, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	ip := &layers.IPv4{Version: 4, TTL: 64, Protocol: layers.IPProtocolUDP, SrcIP: net.ParseIP(from), DstIP: net.ParseIP(to)}
	buf := gopacket.NewSerializeBuffer()
	err = gopacket.SerializeLayers(buf, gopacket.SerializeOptions{FixLengths: true},
		&layers.Ethernet{SrcMAC: ifi.HardwareAddr, DstMAC: net.HardwareAddr{2, 0, 0, 0, 0, 1}, EthernetType: layers.EthernetTypeQinQ},
		&layers.Dot1Q{VLANIdentifier: 7, Type: layers.EthernetTypeDot1Q}, &layers.Dot1Q{VLANIdentifier: 8, Type: layers.EthernetTypeIPv4},
		ip, &layers.UDP{SrcPort: layers.UDPPort(fromPort), DstPort: layers.UDPPort(toPort)}, gopacket.Payload(wire))
	if err != nil {
		t.Fatal(fmt.Errorf("frame: %w", err))
	}
	return buf.Bytes()
}

package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/dnstap"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// disorder is a capture of one TCP connection whose segments came in any order,
// some of them twice and some never; and the octets at which its packets end.
func disorder(t *testing.T, random *rand.Rand) (file []byte, ends []int) {
	var b bytes.Buffer
	out := pcapgo.NewWriter(&b)
	check(t, out.WriteFileHeader(65536, layers.LinkTypeEthernet))
	ends = append(ends, b.Len())
	at := time.Unix(1564653600, 0)
	for _, s := range segments(t, random) {
		at = at.Add(time.Second)
		check(t, out.WritePacket(gopacket.CaptureInfo{Timestamp: at, CaptureLength: len(s), Length: len(s)}, s))
		ends = append(ends, b.Len())
	}
	return b.Bytes(), ends
}

func segments(t *testing.T, random *rand.Rand) (found [][]byte) {
	var octets []byte
	for i := range 6 {
		m := new(dns.Msg).SetQuestion(fmt.Sprintf("n%d.example.com.", random.IntN(4)), dns.TypeA)
		m.Response, m.Id = true, uint16(i)
		m.Answer = []dns.RR{&dns.A{Hdr: dns.RR_Header{Name: m.Question[0].Name, Rrtype: dns.TypeA, Class: dns.ClassINET}, A: []byte{192, 0, 2, 1}}}
		wire, err := m.Pack()
		check(t, err)
		begin := len(octets)
		octets = append(binary.BigEndian.AppendUint16(octets, uint16(len(wire))), wire...)
		found = append(found, tcpSegment(t, uint32(1+begin), false, octets[begin:]))
	}
	random.Shuffle(len(found), func(i, j int) { found[i], found[j] = found[j], found[i] })
	found = append(found[:len(found)-random.IntN(2)], found[random.IntN(4)])
	return slices.Insert(found, 0, tcpSegment(t, 0, true, nil))
}

func tcpSegment(t *testing.T, from uint32, syn bool, data []byte) []byte {
	ip := &layers.IPv4{Version: 4, TTL: 64, Protocol: layers.IPProtocolTCP, SrcIP: []byte{192, 0, 2, 53}, DstIP: []byte{198, 51, 100, 7}}
	tcp := &layers.TCP{SrcPort: 53, DstPort: 40000, Seq: from, SYN: syn, ACK: true}
	check(t, tcp.SetNetworkLayerForChecksum(ip))
	ethernet := &layers.Ethernet{SrcMAC: make([]byte, 6), DstMAC: make([]byte, 6), EthernetType: layers.EthernetTypeIPv4}
	b := gopacket.NewSerializeBuffer()
	check(t, gopacket.SerializeLayers(b, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}, ethernet, ip, tcp, gopacket.Payload(data)))
	return b.Bytes()
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A waiter calls off what says that it waits.
type waiter struct{ cancel func() }

func (w waiter) Write(b []byte) (int, error) {
	if bytes.Contains(b, []byte("waits for more")) {
		w.cancel()
	}
	return len(b), nil
}

// history imports a file as it is when it has grown to each of some lengths, and
// returns what the store holds then. Every so many times it is followed, and that
// interrupted when all is read; 0 is never.
func history(t *testing.T, every int, file []byte, lengths ...int) string {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	p := &program{store: filepath.Join(dir, "store")}
	for i, n := range lengths {
		check(t, os.WriteFile(path, file[:n], 0o600))
		ctx, cancel := context.WithCancel(t.Context())
		p.err = waiter{cancel}
		o := importOptions{types: dnstap.DefaultTypes, ports: []uint16{53}, follow: every > 0 && i%every == every-1 && i < len(lengths)-1}
		if err := p.importFiles(ctx, []string{path}, o); err != nil && err != wentWrong {
			t.Fatal(err)
		}
		cancel()
	}
	r, err := store.OpenReader(p.store)
	check(t, err)
	defer r.Close()
	var b strings.Builder
	for rr, err := range r.Find(context.Background(), store.Query{}) {
		check(t, err)
		fmt.Fprintf(&b, "%s %d %d %d\n", rrset.NameString(rr.Owner), rr.Count, rr.First, rr.Last)
	}
	return b.String()
}

// TestGrownCapture: a capture that is imported again and again while it grows, or
// followed, comes to the same as one imported whole, wherever it ended in between: also in the midst
// of a packet, and where there was a gap that was filled later.
func TestGrownCapture(t *testing.T) {
	for seed := range uint64(8) {
		random := rand.New(rand.NewPCG(seed, 1))
		file, ends := disorder(t, random)
		want := history(t, 0, file, len(file))
		for range 6 {
			lengths := []int{ends[random.IntN(len(ends))], ends[0] + random.IntN(len(file)-ends[0]), ends[random.IntN(len(ends))], len(file)}
			slices.Sort(lengths)
			for every := range 3 {
				if got := history(t, every, file, lengths...); got != want {
					t.Errorf("seed %d, grown by %v, followed every %d times:\n%swant\n%s", seed, lengths, every, got, want)
				}
			}
		}
	}
}

package capture_test

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"github.com/gopacket/gopacket/layers"

	"example.org/pdns/plugin/pkg/capture"
)

// FuzzReader reads any octets as a file, and FuzzPackets as packets of a link
// layer.
func FuzzReader(f *testing.F) {
	wire := answer(f, "www.example.com.", 2)
	frame := ethernet(reply4(f, wire))
	f.Add(ethernetFile.of(frame, ethernet(reply6(f, wire), 0x8100)))
	f.Add(section(binary.LittleEndian, true, frame))
	f.Add(section(binary.BigEndian, false, frame))
	f.Add(pcapng(f, []layers.LinkType{layers.LinkTypeEthernet, layers.LinkTypeRaw}, frame, reply6(f, wire)))
	f.Fuzz(func(t *testing.T, content []byte) { checkRead(t, content) })
}

func FuzzPackets(f *testing.F) {
	wire := answer(f, "www.example.com.", 90)
	datagram := udp(f, server, asker, wire)
	join := func(frames ...[]byte) []byte {
		var b []byte
		for _, frame := range frames {
			b = append(binary.BigEndian.AppendUint16(b, uint16(len(frame))), frame...)
		}
		return b
	}
	ether := uint16(layers.LinkTypeEthernet)
	f.Add(ether, join(fragments4(f, 1, datagram, 1024)...))
	f.Add(ether, join(fragments6(f, 1, datagram, 1024)...))
	f.Add(ether, join(segment(f, 0, syn, nil), segment(f, 101, plain, stream(wire)[100:]), segment(f, 1, fin, stream(wire)[:100])))
	for _, n := range []int{1250, 4000} { // 20 KB, and about the largest there is
		f.Add(ether, join(inSegments(f, 0, stream(answer(f, "large.example.", n), wire))...))
	}
	f.Add(uint16(layers.LinkTypeRaw), join(reply4(f, query(wire)), reply6(f, wire)))
	f.Add(uint16(layers.LinkTypeLinuxSLL), join(append(make([]byte, 14), 8, 0, 0x45)))
	f.Add(uint16(layers.LinkTypeLinuxSLL2), join(make([]byte, 40)))
	f.Add(uint16(layers.LinkTypeNull), join(append([]byte{2, 0, 0, 0}, reply4(f, wire)...)))
	f.Fuzz(func(t *testing.T, link uint16, content []byte) {
		var packets [][]byte
		for len(content) >= 2 {
			n := min(int(binary.BigEndian.Uint16(content)), len(content)-2)
			packets = append(packets, content[2:2+n])
			content = content[2+n:]
		}
		checkRead(t, file{layers.LinkType(link), binary.LittleEndian, false}.of(packets...))
	})
}

// FuzzSegments cuts streams of messages of every size at random.
func FuzzSegments(f *testing.F) {
	f.Add(uint64(1), uint64(2))
	f.Fuzz(func(t *testing.T, a, b uint64) { checkRandomSegments(t, rand.New(rand.NewPCG(a, b))) })
}

// checkRead checks what holds of every file.
func checkRead(t *testing.T, content []byte) {
	for _, match := range []bool{false, true} {
		wires, stats, _ := read(t, bytes.Clone(content), capture.Options{Match: match})
		for _, w := range wires {
			if len(w) < 12 || w[2]&0x80 == 0 {
				t.Errorf("%x is no response", w)
			}
		}
		if stats.Messages != uint64(len(wires)) {
			t.Errorf("%d messages, counted %d", len(wires), stats.Messages)
		}
		if stats.By[capture.Panicked] > 0 {
			t.Error("a panic")
		}
		var total uint64
		for o := range capture.LostFragments {
			total += stats.By[o]
		}
		if total != stats.Packets {
			t.Errorf("%d packets with %d outcomes", stats.Packets, total)
		}
	}
}

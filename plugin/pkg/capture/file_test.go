package capture_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gopacket/gopacket/layers"

	"example.org/pdns/plugin/pkg/capture"
)

func TestFormats(t *testing.T) {
	wire := answer(t, "www.example.com.", 2)
	frame := ethernet(reply4(t, wire))
	micro := began.Truncate(time.Microsecond)
	little, big := binary.LittleEndian, binary.BigEndian
	for _, c := range []struct {
		name    string
		content []byte
		time    time.Time
	}{
		{"pcap", file{layers.LinkTypeEthernet, little, false}.of(frame), micro},
		{"pcap, nanoseconds", file{layers.LinkTypeEthernet, little, true}.of(frame), began},
		{"pcap, big endian", file{layers.LinkTypeEthernet, big, false}.of(frame), micro},
		{"pcap, big endian, nanoseconds", file{layers.LinkTypeEthernet, big, true}.of(frame), began},
		{"pcapng", pcapng(t, []layers.LinkType{layers.LinkTypeEthernet}, frame), began},
		{"pcapng, by hand", section(little, true, frame), micro},
		{"pcapng, big endian", section(big, true, frame), micro},
		{"pcapng, simple packets", section(big, false, frame), time.Time{}},
		{"pcapng, two sections", append(section(little, true), section(big, true, frame)...), micro},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := capture.NewReader(bytes.NewReader(c.content), capture.Options{})
			if err != nil {
				t.Fatal(err)
			}
			m, err := r.Next()
			if err != nil || !bytes.Equal(m.Wire, wire) || !m.Time.Equal(c.time) {
				t.Errorf("%v: %x at %v, want %x at %v", err, m.Wire, m.Time, wire, c.time)
			}
			for range 2 {
				if _, err := r.Next(); err != io.EOF {
					t.Errorf("behind the end: %v", err)
				}
			}
		})
	}
}

// block is a block of a pcapng file.
func block(order binary.AppendByteOrder, kind uint32, body ...[]byte) []byte {
	content := bytes.Join(body, nil)
	for len(content)%4 != 0 {
		content = append(content, 0)
	}
	b := order.AppendUint32(nil, kind)
	b = order.AppendUint32(b, uint32(len(content)+12))
	b = append(b, content...)
	return order.AppendUint32(b, uint32(len(content)+12))
}

func words(order binary.AppendByteOrder, values ...uint32) []byte {
	var b []byte
	for _, v := range values {
		b = order.AppendUint32(b, v)
	}
	return b
}

// section is a section with one interface, blocks that do not matter, and
// packets with a time or without.
func section(order binary.AppendByteOrder, timed bool, packets ...[]byte) []byte {
	version := order.AppendUint16(order.AppendUint16(nil, 1), 0)
	length := []byte{255, 255, 255, 255, 255, 255, 255, 255}
	b := block(order, 0x0a0d0d0a, words(order, 0x1a2b3c4d), version, length)
	b = append(b, block(order, 1, order.AppendUint16(nil, uint16(layers.LinkTypeEthernet)), []byte{0, 0}, words(order, 0))...)
	b = append(b, block(order, 4, bytes.Repeat([]byte{7}, 1000))...) // names of hosts
	for _, p := range packets {
		at := uint64(began.UnixMicro())
		if timed {
			head := words(order, 0, uint32(at>>32), uint32(at), uint32(len(p)), uint32(len(p)))
			b = append(b, block(order, 6, head, p)...)
		} else {
			b = append(b, block(order, 3, words(order, uint32(len(p))), p)...)
		}
	}
	return append(b, block(order, 0x0bad, []byte("what others invent"))...)
}

// TestInterfaces: each interface of a pcapng file has a link layer of its own.
func TestInterfaces(t *testing.T) {
	wire := answer(t, "www.example.com.", 1)
	ip := reply6(t, wire)
	content := pcapng(t, []layers.LinkType{layers.LinkTypeEthernet, layers.LinkTypeRaw, layers.LinkTypeIEEE802_11},
		ethernet(ip), ip, ip, ethernet(ip), ip)
	stats := mustHold(t, content, wire, wire, wire, wire)
	mustCount(t, stats, map[capture.Outcome]uint64{capture.DNS: 4, capture.UnknownLink: 1})
}

// TestCutFiles cuts files behind each octet: what is whole before comes out, and
// the error names the packet.
func TestCutFiles(t *testing.T) {
	one, two := answer(t, "a.example.", 1), answer(t, "b.example.", 1)
	frames := [][]byte{ethernet(reply4(t, one)), ethernet(reply6(t, two))}
	for name, content := range map[string][]byte{
		"pcap":   ethernetFile.of(frames...),
		"pcapng": section(binary.LittleEndian, true, frames...),
	} {
		for n := range content {
			wires, stats, err := read(t, content[:n], capture.Options{})
			if len(wires) > 2 || len(wires) > 0 && !bytes.Equal(wires[0], one) || len(wires) > 1 && !bytes.Equal(wires[1], two) {
				t.Fatalf("%s cut to %d octets: %x", name, n, wires)
			}
			packet := fmt.Sprintf("packet %d: ", stats.Packets+1)
			if err != nil && stats.Packets > 0 && !strings.HasPrefix(err.Error(), packet) {
				t.Errorf("%s cut to %d octets: %v, want %s", name, n, err, packet)
			}
			if err != nil && stats.Packets > 0 && !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("%s cut to %d octets: %v", name, n, err)
			}
			if err == nil && name == "pcap" && n != len(ethernetFile.of(frames[:len(wires)]...)) {
				t.Errorf("%s cut to %d octets: no error", name, n)
			}
		}
	}
}

func TestNoCapture(t *testing.T) {
	for content, want := range map[string]string{
		"":                         "the file is empty",
		"\n":                       "neither pcap nor pcapng: it begins with 0a",
		"{\"rrname\":":             "neither pcap nor pcapng: it begins with 7b227272",
		"\xd4\xc3\xb2\xa1\x02":     "pcap header",
		"\x0a\x0d\x0d\x0a\x1c\x00": "pcapng header",
	} {
		if _, _, err := read(t, []byte(content), capture.Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", content, err, want)
		}
	}
}

// TestBoundedBlocks: lengths that a file cannot have are not believed.
func TestBoundedBlocks(t *testing.T) {
	little := binary.LittleEndian
	huge := func(kind uint32) []byte {
		b := section(little, true)
		return append(append(b, words(little, kind, 0x7ffffffc)...), make([]byte, 16<<20)...)
	}
	interfaces := section(little, true)
	for range 1 << 13 {
		interfaces = append(interfaces, block(little, 1, make([]byte, 8))...)
	}
	option := append(section(little, true), block(little, 1, make([]byte, 8), words(little, 60<<16|2))...)
	long := ethernetFile.of(make([]byte, 16<<20))
	little.PutUint32(long[16:], 1<<30) // as long as packets may be
	for name, c := range map[string]struct {
		content []byte
		want    string
	}{
		"packet":     {huge(6), "longer than"},
		"interface":  {huge(1), "longer than"},
		"unknown":    {huge(0x0bad), io.ErrUnexpectedEOF.Error()},
		"interfaces": {interfaces, "interfaces"},
		"option":     {option, "longer than the block"},
		"pcap":       {long, "longer than"},
	} {
		if _, _, err := read(t, c.content, capture.Options{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// TestForgottenInterfaces: what a file tells about interfaces is not kept.
func TestForgottenInterfaces(t *testing.T) {
	little := binary.LittleEndian
	const name, most = 60_000, 4 << 20
	wire := answer(t, "www.example.com.", 1)
	named := block(little, 1, words(little, uint32(layers.LinkTypeEthernet), 0), words(little, name<<16|2), make([]byte, name))
	file := section(little, true)
	packet := section(little, true, ethernet(reply4(t, wire)))[len(file)-len(block(little, 0x0bad, []byte("what others invent"))):]
	for range 10 {
		file = append(append(file, bytes.Repeat(named, 30)...), packet...)
	}
	r, err := capture.NewReader(bytes.NewReader(file), capture.Options{})
	if err != nil {
		t.Fatal(err)
	}
	before := inUse()
	for range 10 {
		if _, err := r.Next(); err != nil {
			t.Fatal(err)
		}
	}
	if grown := inUse() - before; grown > most {
		t.Errorf("%d octets kept of %d", grown, len(file))
	}
	if _, err := r.Next(); err != io.EOF {
		t.Error(err)
	}
}

func inUse() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

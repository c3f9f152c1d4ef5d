package capture_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"

	"example.org/pdns/plugin/pkg/capture"
)

// flags of a segment.
const (
	plain = 0
	syn   = 1 << iota
	fin
	rst
)

// segment is a part of what server sends, from an octet of the stream on. It
// acknowledges 0.
func segment(t testing.TB, from uint32, flags int, data []byte) []byte {
	return segmentTo(t, asker, from, flags, data)
}

func segmentTo(t testing.TB, to side, from uint32, flags int, data []byte) []byte {
	return tcpFrame(t, server, to, &layers.TCP{Seq: from, ACK: true, SYN: flags&syn != 0, FIN: flags&fin != 0, RST: flags&rst != 0}, data)
}

func tcpFrame(t testing.TB, from, to side, tcp *layers.TCP, data []byte) []byte {
	tcp.SrcPort, tcp.DstPort = layers.TCPPort(from.port), layers.TCPPort(to.port)
	tcp.Options = []layers.TCPOption{{OptionType: layers.TCPOptionKindNop}}
	return ethernet(ip4(t, from, to, layers.IPProtocolTCP, serialize(t, tcp, gopacket.Payload(data))))
}

// inSegments cuts a stream into segments of a usual size, the last of which ends it.
func inSegments(t testing.TB, first uint32, all []byte) [][]byte {
	frames := [][]byte{segment(t, first, syn, nil)}
	first++
	for part := range slices.Chunk(all, 1460) {
		frames = append(frames, segment(t, first, plain, part))
		first += uint32(len(part))
	}
	return append(frames, segment(t, first, fin, nil))
}

// stream is messages as TCP carries them.
func stream(wires ...[]byte) []byte {
	var b []byte
	for _, w := range wires {
		b = append(binary.BigEndian.AppendUint16(b, uint16(len(w))), w...)
	}
	return b
}

func TestStreams(t *testing.T) {
	a, b, c := answer(t, "a.example.", 1), answer(t, "b.example.", 90), answer(t, "c.example.", 2)
	all := stream(a, b, c)
	const first = 0xfffffff0 // so that numbers go around
	// at is a segment of the octets from..to of the stream.
	at := func(from, to int) []byte { return segment(t, first+1+uint32(from), plain, all[from:to]) }
	begin := segment(t, first, syn, nil)
	afterA, afterB, end := 2+len(a), 4+len(a)+len(b), len(all)
	large := answer(t, "large.example.", 1250) // 20 KB
	for _, s := range []struct {
		name   string
		frames [][]byte
		want   [][]byte
		gaps   uint64
	}{
		{"in one segment", [][]byte{begin, at(0, end)}, [][]byte{a, b, c}, 0},
		{"one a segment", [][]byte{begin, at(0, afterA), at(afterA, afterB), at(afterB, end)}, [][]byte{a, b, c}, 0},
		{"across segments", [][]byte{begin, at(0, 1), at(1, 5), at(5, afterA+1), at(afterA+1, 700), at(700, end)}, [][]byte{a, b, c}, 0},
		{"out of order", [][]byte{begin, at(700, end), at(300, 700), at(5, 300), at(0, 5)}, [][]byte{a, b, c}, 0},
		{"sent again", [][]byte{begin, at(0, 300), at(0, 300), at(200, 700), at(600, 700), at(100, end)}, [][]byte{a, b, c}, 0},
		{"again, out of order", [][]byte{begin, at(300, 700), at(300, 800), at(500, 600), at(0, 310), at(790, end)}, [][]byte{a, b, c}, 0},
		{"begun again", [][]byte{begin, begin, at(0, end), begin}, [][]byte{a, b, c}, 0},
		{"data with SYN", [][]byte{segment(t, first, syn, all)}, [][]byte{a, b, c}, 0},
		{"FIN", [][]byte{begin, at(0, afterA), segment(t, first+1+uint32(afterA), fin, all[afterA:])}, [][]byte{a, b, c}, 0},
		{"FIN too early", [][]byte{begin, segment(t, first+1+uint32(afterA), fin, all[afterA:]), at(0, afterA)}, [][]byte{a, b, c}, 0},
		{"RST", [][]byte{begin, at(0, afterA+1), segment(t, first, rst, nil)}, [][]byte{a}, 1},
		{"from its middle", [][]byte{at(afterA, afterB), at(afterB, end)}, [][]byte{b, c}, 0},
		{"from the middle of a message", [][]byte{at(9, afterA), at(afterA, end)}, [][]byte{b, c}, 0},
		{"from the middle, the length alone", [][]byte{at(9, afterA), at(afterA, afterA+2), at(afterA+2, end)}, [][]byte{b, c}, 0},
		{"a gap", [][]byte{begin, at(0, afterA+9), at(afterB, end)}, [][]byte{a, c}, 1},
		{"a gap, messages astray", [][]byte{begin, at(0, afterA), at(700, afterB), at(afterB, end)}, [][]byte{a, c}, 1},
		{"another connection", [][]byte{begin, at(0, afterA+9), segment(t, 99, syn, nil), segment(t, 100, plain, stream(c))}, [][]byte{a, c}, 1},
		{"another connection, unseen", [][]byte{begin, at(0, afterA), segment(t, 1<<30, plain, stream(c))}, [][]byte{a, c}, 1},
		{"cut short", [][]byte{begin, at(0, end-1)}, [][]byte{a, b}, 1},
		{"no DNS", [][]byte{begin, segment(t, first+1, plain, []byte("HTTP/1.1 200 OK\r\n\r\n"))}, nil, 1},
		{"too short a message", [][]byte{begin, at(0, afterA), segment(t, first+1+uint32(afterA), plain, []byte{0, 3, 1, 2, 3}),
			segment(t, first+1+uint32(afterA)+5, plain, stream(c))}, [][]byte{a, c}, 1},
		{"a query", [][]byte{begin, segment(t, first+1, plain, stream(query(a), b))}, [][]byte{b}, 0},
		{"large", inSegments(t, first, stream(large)), [][]byte{large}, 0},
		{"large, then another", inSegments(t, first, stream(large, a)), [][]byte{large, a}, 0},
		{"keep-alive", [][]byte{begin, at(0, afterA), segment(t, first+uint32(afterA), plain, []byte{0}), at(afterA, end)}, [][]byte{a, b, c}, 0},
		{"nothing", [][]byte{segment(t, 7, plain, nil), segment(t, 7, fin, nil)}, nil, 0},
	} {
		t.Run(s.name, func(t *testing.T) {
			stats := mustHold(t, ethernetFile.of(s.frames...), s.want...)
			mustCount(t, stats, map[capture.Outcome]uint64{capture.DNS: uint64(len(s.frames)), capture.Gap: s.gaps})
		})
	}
}

// TestEveryOrder sends the parts of a stream in every order.
func TestEveryOrder(t *testing.T) {
	a, b := answer(t, "a.example.", 3), answer(t, "b.example.", 4)
	all := stream(a, b)
	parts := [][]byte{segment(t, 0, syn, nil)}
	for from := 0; from < len(all); from += 40 {
		parts = append(parts, segment(t, 1+uint32(from), plain, all[from:min(from+40, len(all))]))
	}
	permute(parts[1:], 0, func(order [][]byte) {
		mustHold(t, ethernetFile.of(append([][]byte{parts[0]}, order...)...), a, b)
	})
}

// TestRandomSegments cuts streams at random, sends parts twice and more than once,
// and changes their order.
func TestRandomSegments(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		checkRandomSegments(t, random)
	}
}

func checkRandomSegments(t *testing.T, random *rand.Rand) {
	var wires [][]byte
	for i := range 1 + random.IntN(8) {
		most := 60
		if random.IntN(16) == 0 {
			most = 4000 // about as large as a message may be
		}
		wires = append(wires, answer(t, fmt.Sprintf("n%d.example.", i), random.IntN(most)))
	}
	all, first := stream(wires...), random.Uint32()
	frames := [][]byte{segment(t, first, syn, nil)}
	for from, to := 0, 0; to < len(all); from = max(0, to-random.IntN(30)*random.IntN(2)) {
		to = min(from+1+random.IntN(1460), len(all))
		frames = append(frames, segment(t, first+1+uint32(from), plain, all[from:to]))
	}
	frames = disorder(random, frames)
	mustHold(t, ethernetFile.of(append(frames, segment(t, first+1+uint32(len(all)), fin, nil))...), wires...)
}

// disorder changes the order of all frames but the first, and repeats some.
func disorder(random *rand.Rand, frames [][]byte) [][]byte {
	for i := 2; i < len(frames); i++ {
		j := max(1, i-random.IntN(5))
		frames[i], frames[j] = frames[j], frames[i]
		if random.IntN(10) == 0 {
			frames = slices.Insert(frames, i, frames[1+random.IntN(len(frames)-1)])
			i++
		}
	}
	return frames
}

func permute(s [][]byte, k int, yield func([][]byte)) {
	if k == len(s) {
		yield(slices.Clone(s))
		return
	}
	for i := k; i < len(s); i++ {
		s[k], s[i] = s[i], s[k]
		permute(s, k+1, yield)
		s[k], s[i] = s[i], s[k]
	}
}

// TestFloods: streams, and data behind gaps, that nobody could hold.
func TestFloods(t *testing.T) {
	wire := answer(t, "a.example.", 1)
	var frames [][]byte
	client := asker
	begin := segmentTo(t, client, 0, syn, nil)
	for i := range uint32(70_000) {
		frame := bytes.Clone(begin)
		client.four = binary.BigEndian.AppendUint32(nil, 10<<24+i)
		copy(frame[30:], client.four)
		frames = append(frames, frame)
	}
	big := bytes.Repeat([]byte{1}, 60_000)
	for i := range uint32(64) {
		frames = append(frames, segmentTo(t, client, 1000+i*60_000, plain, big))
	}
	frames = append(frames, segmentTo(t, client, 1000+64*60_000, plain, stream(wire)))
	mustHold(t, ethernetFile.of(frames...), wire)
}

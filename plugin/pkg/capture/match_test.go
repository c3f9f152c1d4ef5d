package capture_test

import (
	"encoding/binary"
	"testing"
	"time"

	"github.com/gopacket/gopacket/layers"

	"example.org/pdns/plugin/pkg/capture"
)

// TestMatch: with Match, a response counts if its query was seen before.
func TestMatch(t *testing.T) {
	wire := answer(t, "www.example.com.", 1)
	asked := ethernet(ip4(t, asker, server, layers.IPProtocolUDP, udp(t, asker, server, query(wire))))
	other := append([]byte{}, wire...)
	other[1] ^= 1 // the id
	shouted := append([]byte{}, wire...)
	shouted[13] = 'W'
	elsewhere := answer(t, "www.example.net.", 1)
	copy(elsewhere, wire[:2])
	port := asker
	port.port++
	content := ethernetFile.of(
		ethernet(reply4(t, wire)), // too early
		asked,
		ethernet(reply4(t, other)), ethernet(reply4(t, elsewhere)), ethernet(reply6(t, wire)),
		ethernet(ip4(t, server, port, layers.IPProtocolUDP, udp(t, server, port, wire))),
		ethernet(reply4(t, wire)), ethernet(reply4(t, wire)), // once
		asked, asked, ethernet(reply4(t, shouted)),
	)
	got, stats, err := read(t, content, capture.Options{Match: true})
	if err != nil {
		t.Error(err)
	}
	compare(t, got, [][]byte{wire, shouted})
	mustCount(t, stats, map[capture.Outcome]uint64{capture.DNS: 2, capture.Query: 3, capture.Unasked: 6})
}

// TestMatchForgets: a query that is not answered soon is not answered any more.
func TestMatchForgets(t *testing.T) {
	wire := answer(t, "www.example.com.", 1)
	frames := [][]byte{ethernet(ip4(t, asker, server, layers.IPProtocolUDP, udp(t, asker, server, query(wire)))), ethernet(reply4(t, wire))}
	for after, want := range map[time.Duration]int{9 * time.Second: 1, 25 * time.Second: 0} {
		content := ethernetFile.of(frames...)
		binary.LittleEndian.PutUint32(content[len(ethernetFile.of(frames[0])):], uint32(began.Add(after).Unix()))
		if got, _, err := read(t, content, capture.Options{Match: true}); err != nil || len(got) != want {
			t.Errorf("after %v: %d messages, %v", after, len(got), err)
		}
	}
}

// TestMatchStreams: with Match, a connection counts if the client was seen to open
// it, and in it what has its place there.
func TestMatchStreams(t *testing.T) {
	a, b, forged := answer(t, "a.example.", 1), answer(t, "b.example.", 2), answer(t, "forged.example.", 1)
	const first, client = 7000, 0xffffffff // so that segment acknowledges what the client sent
	open := func(seq uint32) []byte { return tcpFrame(t, asker, server, &layers.TCP{SYN: true, Seq: seq}, nil) }
	data := func(seq uint32, wires ...[]byte) []byte { return segment(t, seq, plain, stream(wires...)) }
	asked, accepted := open(client), segment(t, first, syn, nil)
	next := uint32(first + 1 + len(stream(a)))
	one, two := data(first+1, a), data(next, b)
	for _, c := range []struct {
		name             string
		frames           [][]byte
		want             [][]byte
		queries, unasked uint64
	}{
		{"opened", [][]byte{asked, accepted, one, two}, [][]byte{a, b}, 1, 0},
		{"asked twice", [][]byte{asked, asked, accepted, one, two}, [][]byte{a, b}, 2, 0},
		{"accepted twice", [][]byte{asked, accepted, asked, accepted, one, two}, [][]byte{a, b}, 2, 0},
		{"data alone", [][]byte{one}, nil, 0, 1},
		{"never asked", [][]byte{accepted, one}, nil, 0, 2},
		{"asked, not accepted", [][]byte{asked, one}, nil, 1, 1},
		{"accepted first", [][]byte{accepted, asked, one}, nil, 1, 2},
		{"another was asked for", [][]byte{open(client - 1), accepted, one}, nil, 1, 2},
		{"no acknowledgement", [][]byte{asked, tcpFrame(t, server, asker, &layers.TCP{SYN: true, Seq: first}, nil), one}, nil, 1, 2},
		{"the server asks", [][]byte{tcpFrame(t, server, asker, &layers.TCP{SYN: true, Seq: client}, nil), accepted, one}, nil, 0, 3},
		{"far ahead", [][]byte{asked, accepted, one, data(next+1<<30, forged), two}, [][]byte{a, b}, 1, 1},
		{"far behind", [][]byte{asked, accepted, one, data(next-1<<30, forged), two}, [][]byte{a, b}, 1, 1},
		{"another acknowledgement", [][]byte{asked, accepted,
			tcpFrame(t, server, asker, &layers.TCP{ACK: true, Seq: first + 1, Ack: 1 << 20}, stream(forged)), one, two}, [][]byte{a, b}, 1, 1},
		{"acknowledges queries", [][]byte{asked, accepted,
			tcpFrame(t, server, asker, &layers.TCP{ACK: true, Seq: first + 1, Ack: 60_000}, stream(a)),
			tcpFrame(t, server, asker, &layers.TCP{ACK: true, Seq: next, Ack: 120_000}, stream(b))}, [][]byte{a, b}, 1, 0},
		{"another reset", [][]byte{asked, accepted, one, segment(t, next+1, rst, nil), two}, [][]byte{a, b}, 1, 1},
		{"a reset", [][]byte{asked, accepted, one, segment(t, next, rst, nil), two}, [][]byte{a}, 1, 1},
		{"begun by a forger", [][]byte{asked, accepted, one, segment(t, 1<<30, syn, nil), data(1<<30+1, forged), two}, [][]byte{a, b}, 1, 2},
		{"opened again", [][]byte{asked, accepted, one, asked, segment(t, 99, syn, nil), data(100, b)}, [][]byte{a, b}, 2, 0},
		{"behind the end", [][]byte{asked, accepted, one, segment(t, next, fin, nil), segment(t, next+1, plain, nil), two}, [][]byte{a}, 1, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, stats, err := read(t, ethernetFile.of(c.frames...), capture.Options{Match: true})
			if err != nil {
				t.Error(err)
			}
			compare(t, got, c.want)
			mustCount(t, stats, map[capture.Outcome]uint64{capture.Query: c.queries, capture.Unasked: c.unasked,
				capture.DNS: uint64(len(c.frames)) - c.queries - c.unasked})
		})
	}
}

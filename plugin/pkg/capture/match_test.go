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

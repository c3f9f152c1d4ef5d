package capture_test

import (
	"encoding/binary"
	"slices"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"

	"example.org/pdns/plugin/pkg/capture"
)

// fragments4 cuts a datagram into IPv4 fragments of at most size octets.
func fragments4(t testing.TB, id uint16, datagram []byte, size int) [][]byte {
	var frames [][]byte
	for at := 0; at < len(datagram); at += size {
		ip := &layers.IPv4{Version: 4, TTL: 64, Id: id, Protocol: layers.IPProtocolUDP, SrcIP: server.four, DstIP: asker.four,
			FragOffset: uint16(at / 8)}
		end := min(at+size, len(datagram))
		if end < len(datagram) {
			ip.Flags = layers.IPv4MoreFragments
		}
		frames = append(frames, ethernet(serialize(t, ip, gopacket.Payload(datagram[at:end]))))
	}
	return frames
}

// fragments6 does the same with IPv6.
func fragments6(t testing.TB, id uint16, datagram []byte, size int) [][]byte {
	var frames [][]byte
	for at := 0; at < len(datagram); at += size {
		end := min(at+size, len(datagram))
		field := uint16(at)
		if end < len(datagram) {
			field |= 1
		}
		h := []byte{byte(layers.IPProtocolUDP), 0}
		h = binary.BigEndian.AppendUint16(h, field)
		h = binary.BigEndian.AppendUint32(h, uint32(id))
		frames = append(frames, ethernet(ip6(t, server, asker, layers.IPProtocolIPv6Fragment, append(h, datagram[at:end]...))))
	}
	return frames
}

func TestFragments(t *testing.T) {
	wire, other := answer(t, "large.example.com.", 100), answer(t, "forged.example.com.", 100)
	datagram, forged := udp(t, server, asker, wire), udp(t, server, asker, other)
	const size = 512
	counted := func(dns, fragment, lost uint64) map[capture.Outcome]uint64 {
		return map[capture.Outcome]uint64{capture.DNS: dns, capture.Fragment: fragment, capture.LostFragments: lost}
	}
	for version, cut := range map[string]func(testing.TB, uint16, []byte, int) [][]byte{"IPv4": fragments4, "IPv6": fragments6} {
		f := cut(t, 1, datagram, size)
		if len(f) != 4 {
			t.Fatalf("%d fragments", len(f))
		}
		bad, shifted := cut(t, 1, forged, size), cut(t, 1, datagram, size/2)
		web := cut(t, 9, udp(t, side{port: 443}, asker, wire), size)
		for _, c := range []struct {
			name  string
			files [][]byte
			want  int
			count map[capture.Outcome]uint64
		}{
			{"in order", f, 1, counted(1, 3, 0)},
			{"reversed", [][]byte{f[3], f[2], f[1], f[0]}, 1, counted(1, 3, 0)},
			{"mixed with another", [][]byte{f[0], cut(t, 2, datagram, size)[0], f[1], f[2], f[3]}, 1, counted(1, 4, 1)},
			{"twice the same", [][]byte{f[0], f[1], f[1], f[0], f[2], f[3]}, 1, counted(1, 5, 0)},
			{"one missing", f[:3], 0, counted(0, 3, 1)},
			{"the first missing", f[1:], 0, counted(0, 3, 0)},
			{"another content", [][]byte{f[0], f[1], bad[1], f[2], f[3]}, 0, counted(0, 5, 1)},
			{"overlap", [][]byte{f[0], f[1], shifted[3], f[2], f[3]}, 0, counted(0, 5, 1)},
			{"beyond the end", [][]byte{f[0], shifted[len(shifted)-1], f[3], f[1], f[2]}, 1, counted(1, 4, 0)},
			{"two ends", [][]byte{f[0], f[3], last(cut(t, 1, append(slices.Clone(datagram), 1), size)), f[1], f[2]}, 0, counted(0, 5, 1)},
			{"the same again", append(slices.Clone(f), f...), 2, counted(2, 6, 0)},
			{"of another service", web, 0, map[capture.Outcome]uint64{capture.NotDNS: 1, capture.Fragment: 3}},
		} {
			t.Run(version+" "+c.name, func(t *testing.T) {
				stats := mustHold(t, ethernetFile.of(c.files...), slices.Repeat([][]byte{wire}, c.want)...)
				mustCount(t, stats, c.count)
			})
		}
	}
}

func last(frames [][]byte) []byte { return frames[len(frames)-1] }

// TestOldFragments: what has waited for too long is given up.
func TestOldFragments(t *testing.T) {
	wire := answer(t, "large.example.com.", 100)
	f := fragments4(t, 1, udp(t, server, asker, wire), 1024)
	content := ethernetFile.of(f...)
	second := len(ethernetFile.of(f[0]))
	binary.LittleEndian.PutUint32(content[second:], uint32(began.Add(time.Minute).Unix()))
	mustCount(t, mustHold(t, content), map[capture.Outcome]uint64{capture.Fragment: 2, capture.LostFragments: 1})
}

// TestManyFragments: first fragments without end are given up, the oldest first.
func TestManyFragments(t *testing.T) {
	wire := answer(t, "large.example.com.", 100)
	datagram := udp(t, server, asker, wire)
	var frames [][]byte
	const n = 6000
	for id := range uint16(n) {
		frames = append(frames, fragments4(t, id, datagram, 1024)[0])
	}
	frames = append(frames, fragments4(t, n-1, datagram, 1024)[1], fragments4(t, 0, datagram, 1024)[1])
	stats := mustHold(t, ethernetFile.of(frames...), wire)
	mustCount(t, stats, map[capture.Outcome]uint64{capture.DNS: 1, capture.Fragment: n + 1, capture.LostFragments: n - 1})
}

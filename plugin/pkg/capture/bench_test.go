package capture_test

import (
	"bytes"
	"fmt"
	"io"
	"testing"

	"example.org/pdns/plugin/pkg/capture"
)

// BenchmarkReader reads responses by UDP out of a pcap file.
func BenchmarkReader(b *testing.B) {
	for _, match := range []bool{false, true} {
		b.Run(fmt.Sprintf("match=%v", match), func(b *testing.B) {
			b.ReportAllocs()
			content := usual(b, 1000)
			b.SetBytes(int64(len(content) / 1000))
			r := open(b, content, match)
			for range b.N {
				_, err := r.Next()
				if err == io.EOF {
					r = open(b, content, match)
				} else if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// usual is a file of n questions and their answers.
func usual(t testing.TB, n int) []byte {
	var frames [][]byte
	for i := range n {
		wire := answer(t, fmt.Sprintf("www%d.example.com.", i), 4)
		frames = append(frames, ethernet(ip4(t, asker, server, 17, udp(t, asker, server, query(wire)))), ethernet(reply4(t, wire)))
	}
	return ethernetFile.of(frames...)
}

func open(t testing.TB, content []byte, match bool) *capture.Reader {
	r, err := capture.NewReader(bytes.NewReader(content), capture.Options{Match: match})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

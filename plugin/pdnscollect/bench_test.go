package pdnscollect

import (
	"bytes"
	"fmt"
	"net"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"example.org/pdns/plugin/pkg/dnstap"
	"example.org/pdns/plugin/pkg/dnstap/listen"
	"example.org/pdns/plugin/pkg/store"
	"example.org/pdns/test/traffic"
)

// BenchmarkDnstap is how many messages a second go from senders at full speed, by
// a unix socket, into the memtable. The senders have the same cores.
func BenchmarkDnstap(b *testing.B) {
	const frames = 200_000
	var stream bytes.Buffer
	if err := traffic.New(1, 50_000).Stream(&stream, frames); err != nil {
		b.Fatal(err)
	}
	for _, senders := range []int{1, 4} {
		b.Run(fmt.Sprintf("senders=%d", senders), func(b *testing.B) {
			s, err := store.Open(b.TempDir(), store.Options{Flush: time.Hour, Memory: 1 << 30})
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			addr, err := listen.UnixAddress(filepath.Join(b.TempDir(), "s"))
			if err != nil {
				b.Fatal(err)
			}
			taps := newTap("bench", s, observer(), dnstap.AllTypes, false)
			var pool listen.Pool
			if err := pool.Hold(b, addr, listen.Config{Receiver: taps}); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				sendAll(b, addr.Name, senders, stream.Bytes())
			}
			pool.Release(b) // and everything is taken
			b.ReportMetric(float64(b.N*senders*frames)/b.Elapsed().Seconds(), "messages/s")
		})
	}
}

func sendAll(b *testing.B, path string, senders int, stream []byte) {
	var sending sync.WaitGroup
	for range senders {
		sending.Go(func() {
			c, err := net.Dial("unix", path)
			if err != nil {
				b.Error(err)
				return
			}
			defer c.Close()
			if _, err := c.Write(stream); err != nil {
				b.Error(err)
			}
		})
	}
	sending.Wait()
}

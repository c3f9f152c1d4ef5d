package pdnscollect

import (
	"bytes"
	"fmt"
	"net"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"example.org/pdns/plugin/pkg/dnstap"
	"example.org/pdns/plugin/pkg/dnstap/listen"
	"example.org/pdns/plugin/pkg/intake"
	"example.org/pdns/plugin/pkg/store"
	"example.org/pdns/test/lab"
	"example.org/pdns/test/traffic"
)

// BenchmarkDnstap has senders at full speed at a socket, which are made to wait.
// Figures are messages a second into the memtable, and how many were lost.
func BenchmarkDnstap(b *testing.B) {
	const frames = 400_000
	var octets bytes.Buffer
	if err := traffic.New(1, 50_000).Stream(&octets, frames); err != nil {
		b.Fatal(err)
	}
	for _, network := range []string{"unix", "tcp"} {
		for _, senders := range []int{1, 4} {
			b.Run(fmt.Sprintf("%s/senders=%d", network, senders), func(b *testing.B) {
				t, addr := receive(b, network)
				sent := int64(0)
				for b.Loop() {
					sent += int64(frames * senders)
					t.due.Store(sent)
					sendAll(b, addr, octets.Bytes(), senders)
					<-t.all
				}
				b.ReportMetric(float64(sent)/b.Elapsed().Seconds(), "messages/s")
				listeners.Release(b)
				b.ReportMetric(float64(sent-t.taken.Load()), "lost")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

// A countingTap tells when all that is due has been taken.
type countingTap struct {
	*tap
	taken, due atomic.Int64
	all        chan struct{}
}

func (t *countingTap) Take(b *intake.Batch) {
	n := int64(b.Len())
	t.tap.Take(b)
	if t.taken.Add(n) == t.due.Load() {
		t.all <- struct{}{}
	}
}

// receive opens a listener into a store of its own.
func receive(b *testing.B, network string) (*countingTap, listen.Address) {
	b.Helper()
	s, err := store.Open(b.TempDir(), store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	addr, err := listen.UnixAddress(filepath.Join(b.TempDir(), "socket"))
	if network == "tcp" {
		addr, err = listen.TCPAddress("127.0.0.1:" + lab.FreePort(b, "127.0.0.1"))
	}
	if err != nil {
		b.Fatal(err)
	}
	t := &countingTap{tap: newTap(b.Name(), s, observer(), dnstap.DefaultTypes, false), all: make(chan struct{})}
	if err := listeners.Hold(b, addr, listen.Config{Receiver: t}); err != nil {
		b.Fatal(err)
	}
	return t, addr
}

// sendAll sends the same stream from so many senders at once.
func sendAll(b *testing.B, addr listen.Address, octets []byte, senders int) {
	b.Helper()
	var sending sync.WaitGroup
	for range senders {
		sending.Go(func() {
			c, err := net.Dial(addr.Network, addr.Name)
			if err != nil {
				b.Error(err)
				return
			}
			defer c.Close()
			if _, err := c.Write(octets); err != nil {
				b.Error(err)
			}
		})
	}
	sending.Wait()
}

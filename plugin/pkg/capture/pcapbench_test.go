package capture_test

import (
	"bytes"
	"context"
	"io"
	"runtime"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/intake"
	"example.org/pdns/plugin/pkg/observation"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
	"example.org/pdns/test/traffic"
)

// BenchmarkPcap takes a file of responses by UDP into a memtable. Its peer is the
// plain way: gopacket's packets, the library's unpacking, one goroutine.
func BenchmarkPcap(b *testing.B) {
	const responses = 100_000
	g := traffic.New(1, 50_000)
	packets := make([][]byte, responses)
	for i := range packets {
		wire, _, err := g.Response()
		if err != nil {
			b.Fatal(err)
		}
		packets[i] = ethernet(reply4(b, wire))
	}
	content := ethernetFile.of(packets...)
	for name, take := range map[string]func(*testing.B, []byte, *observation.Observer, toStore){"ours": ourWay, "plain": plainWay} {
		b.Run(name, func(b *testing.B) {
			s, err := store.Open(b.TempDir(), store.Options{Flush: time.Hour, Memory: 1 << 30})
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			o := observation.New(observation.Options{})
			for b.Loop() {
				take(b, content, o, toStore{s})
			}
			b.ReportMetric(float64(b.N*responses)/b.Elapsed().Seconds(), "messages/s")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// toStore is a Sink into a memtable.
type toStore struct{ *store.Store }

func (s toStore) Observe(r *rrset.RRset) { s.AddWait(context.Background(), r) }

func (s toStore) Drop(observation.Reason) {}

func ourWay(b *testing.B, content []byte, o *observation.Observer, sink toStore) {
	workers := intake.Start(runtime.GOMAXPROCS(0), func(batch *intake.Batch) {
		for wire, at := range batch.All {
			o.Observe(observation.Message{Wire: wire, Time: at, Source: rrset.FromImport}, sink)
		}
	})
	defer workers.Close()
	r := open(b, content, false)
	batch := workers.Get()
	for {
		m, err := r.Next()
		if err == io.EOF {
			workers.Put(batch)
			return
		} else if err != nil {
			b.Fatal(err)
		}
		if batch.Full(len(m.Wire)) {
			workers.Put(batch)
			batch = workers.Get()
		}
		batch.Append(m.Wire, m.Time)
	}
}

func plainWay(b *testing.B, content []byte, o *observation.Observer, sink toStore) {
	r, err := pcapgo.NewReader(bytes.NewReader(content))
	if err != nil {
		b.Fatal(err)
	}
	source := gopacket.NewPacketSource(r, r.LinkType())
	source.DecodeOptions = gopacket.DecodeOptions{Lazy: true, NoCopy: true}
	for {
		p, err := source.NextPacket()
		if err == io.EOF {
			return
		} else if err != nil {
			b.Fatal(err)
		}
		udp, ok := p.Layer(layers.LayerTypeUDP).(*layers.UDP)
		if !ok || udp.SrcPort != 53 {
			continue
		}
		m := new(dns.Msg)
		if m.Unpack(udp.Payload) == nil {
			o.Observe(observation.Message{Response: m, Time: p.Metadata().Timestamp, Source: rrset.FromImport}, sink)
		}
	}
}

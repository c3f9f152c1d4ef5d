package dnstap_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"runtime"
	"testing"
	"time"

	golang "github.com/dnstap/golang-dnstap"
	framestream "github.com/farsightsec/golang-framestream"
	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/dnstap"
	"example.org/pdns/plugin/pkg/intake"
	"example.org/pdns/plugin/pkg/observation"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
	"example.org/pdns/test/traffic"
)

// The stream of the benchmarks: made here, or the file that PDNS_BENCH_FRAMES
// names, which is not compressed.
const (
	benchFrames = 200_000
	benchNames  = 50_000
)

func benchStream(b *testing.B) []byte {
	b.Helper()
	if path := os.Getenv("PDNS_BENCH_FRAMES"); path != "" {
		octets, err := os.ReadFile(path)
		if err != nil {
			b.Fatal(err)
		}
		return octets
	}
	var octets bytes.Buffer
	if err := traffic.New(1, benchNames).Stream(&octets, benchFrames); err != nil {
		b.Fatal(err)
	}
	return octets.Bytes()
}

// toStore is a Sink into a memtable.
type toStore struct{ *store.Store }

func (s toStore) Observe(r *rrset.RRset) { s.AddWait(context.Background(), r) }

func (s toStore) Drop(observation.Reason) {}

func openStore(b *testing.B) *store.Store {
	b.Helper()
	s, err := store.Open(b.TempDir(), store.Options{Flush: time.Hour, Memory: 1 << 30})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	return s
}

// BenchmarkStream takes a frame stream into a memtable. Its peer is the plain
// way: the decoder of golang-dnstap, the library's unpacking, one goroutine.
// Figures are messages a second; what each left in the store is the same.
func BenchmarkStream(b *testing.B) {
	octets := benchStream(b)
	types := dnstap.DefaultTypes | dnstap.NewTypes(dnstap.ClientResponse)
	for name, take := range map[string]func(*testing.B, []byte, dnstap.Types, toStore) int{
		"ours": ourWay, "plain": plainWay, "plain, nothing kept": plainWayDecoding,
	} {
		b.Run(name, func(b *testing.B) {
			sink := toStore{openStore(b)}
			take(b, octets, types, sink) // from now on RRsets are held
			messages := 0
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			for b.Loop() {
				messages += take(b, octets, types, sink)
			}
			runtime.ReadMemStats(&after)
			b.ReportMetric(float64(messages)/b.Elapsed().Seconds(), "messages/s")
			b.ReportMetric(float64(after.Mallocs-before.Mallocs)/float64(messages), "allocs/message")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func ourWay(b *testing.B, octets []byte, types dnstap.Types, sink toStore) int {
	taker := &dnstap.Taker{Observer: observation.New(observation.Options{}), Types: types, Source: rrset.FromDnstap}
	workers := intake.Start(runtime.GOMAXPROCS(0), func(batch *intake.Batch) { taker.Take(batch, sink) })
	s, err := dnstap.NewStream(bytes.NewReader(octets), nil)
	if err != nil {
		b.Fatal(err)
	}
	for err = s.Wait(); err == nil; err = s.Wait() {
		batch := workers.Get()
		s.Fill(batch)
		workers.Put(batch)
	}
	if err != io.EOF {
		b.Fatal(err)
	}
	workers.Close()
	return int(s.Counts().Frames)
}

func plainWay(b *testing.B, octets []byte, types dnstap.Types, sink toStore) int {
	o := observation.New(observation.Options{})
	return plain(b, octets, func(d *golang.Dnstap, m *dns.Msg) {
		zone := d.Message.GetQueryZone()
		if types.Has(dnstap.Type(d.Message.GetType())) && (zone == nil || rrset.Canonicalize(zone) == nil) {
			at := time.Unix(int64(d.Message.GetResponseTimeSec()), int64(d.Message.GetResponseTimeNsec()))
			o.Observe(observation.Message{Response: m, Time: at, Source: rrset.FromDnstap, Zone: zone}, sink)
		}
	})
}

func plainWayDecoding(b *testing.B, octets []byte, _ dnstap.Types, _ toStore) int {
	return plain(b, octets, func(*golang.Dnstap, *dns.Msg) {})
}

func plain(b *testing.B, octets []byte, each func(*golang.Dnstap, *dns.Msg)) int {
	r, err := golang.NewReader(bytes.NewReader(octets), &golang.ReaderOptions{})
	if err != nil {
		b.Fatal(err)
	}
	dec := golang.NewDecoder(r, int(golang.MaxPayloadSize))
	for n := 0; ; n++ {
		d := new(golang.Dnstap)
		if err := dec.Decode(d); err == framestream.EOF || err == io.EOF {
			return n
		} else if err != nil {
			b.Fatal(err)
		}
		m := new(dns.Msg)
		if m.Unpack(d.Message.GetResponseMessage()) == nil {
			each(d, m)
		}
	}
}

package store_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// benchRRsets is how many RRsets the store of the look-up benchmarks holds, and
// how many BenchmarkIngest takes in: PDNS_BENCH_RRSETS, or 200,000.
var benchRRsets = func() int {
	if n, err := strconv.Atoi(os.Getenv("PDNS_BENCH_RRSETS")); err == nil {
		return n
	}
	return 200_000
}()

// A traffic makes distinct RRsets that are spread as a resolver's are: few
// zones with many names, hosts with familiar labels, one-off names, addresses
// that many names share.
type traffic struct {
	rng   *rand.Rand
	zones *rand.Zipf
	hosts *rand.Zipf
	now   int64
	n     uint64
	buf   []byte
	set   rrset.RRset
}

func newTraffic() *traffic {
	rng := rand.New(rand.NewPCG(7, 7))
	return &traffic{rng: rng, zones: rand.NewZipf(rng, 1.1, 20, 500_000), hosts: rand.NewZipf(rng, 1.3, 4, 5_000), now: 1_700_000_000}
}

// word is a label that looks as if someone had chosen it.
func word(n uint64) string {
	syllables := []string{"ba", "co", "der", "el", "fi", "gra", "ho", "in", "ja", "ku", "lo", "mar", "net", "or", "pla", "qui", "ro", "sa", "ter", "web"}
	s := ""
	for ; n > 0 || s == ""; n /= uint64(len(syllables)) {
		s += syllables[n%uint64(len(syllables))]
	}
	return s
}

var topLevel = []string{"com", "com", "com", "net", "org", "de", "co.uk", "example"}

// next returns an RRset that is valid until the next call.
func (tr *traffic) next() *rrset.RRset {
	tr.n++
	if tr.n%1000 == 0 {
		tr.now++
	}
	zone := tr.zones.Uint64()
	domain := word(zone+400) + "." + topLevel[zone%uint64(len(topLevel))]
	host := "www"
	switch tr.rng.IntN(10) {
	case 0, 1, 2, 3, 4, 5: // used once
		host = fmt.Sprintf("%x", tr.rng.Uint64())
	case 6, 7, 8:
		host = word(tr.hosts.Uint64())
	}
	r := &tr.set
	r.Owner, _ = rrset.AppendName(r.Owner[:0], host+"."+domain+".")
	r.Bailiwick = rrset.Suffix(r.Owner, 2)
	r.Type = dns.TypeA
	tr.buf = binary.BigEndian.AppendUint32(tr.buf[:0], uint32(198<<24|18<<16)+uint32(zone*7%131072))
	if tr.rng.IntN(4) == 0 {
		r.Type = dns.TypeAAAA
		tr.buf = append(append(tr.buf[:0], 0x20, 0x01, 0x0d, 0xb8), make([]byte, 4)...)
		tr.buf = binary.BigEndian.AppendUint64(tr.buf, zone*31+tr.rng.Uint64N(4))
	}
	r.Rdata = append(r.Rdata[:0], tr.buf)
	r.Figures = rrset.Figures{First: tr.now, Last: tr.now, Count: 1, TTLMin: 300, TTLMax: 300,
		Marks: rrset.HasTTL | rrset.FromForward | rrset.BailiwickKnown}
	return r
}

// BenchmarkAddHeld is an observation of an RRset that the memtable holds.
func BenchmarkAddHeld(b *testing.B) {
	s := benchOpen(b, b.TempDir())
	var sets []*rrset.RRset
	for tr := newTraffic(); len(sets) < 10_000; {
		sets = append(sets, tr.next().Clone())
	}
	for _, r := range sets {
		must(b, s.Add(r))
	}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			if err := s.Add(sets[i%len(sets)]); err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "obs/s")
}

// BenchmarkIngest takes in RRsets, nearly all new, with flush and merge going
// on beside it, and ends when all that is on disk and in order.
func BenchmarkIngest(b *testing.B) {
	for b.Loop() {
		dir := b.TempDir()
		s := benchOpen(b, dir)
		start := time.Now()
		fill(b, s, benchRRsets)
		took := time.Since(start)
		must(b, s.Merge(context.Background(), true, nil))
		st, err := s.Stats()
		must(b, err)
		r := st.Runs[0]
		b.ReportMetric(float64(benchRRsets)/took.Seconds(), "new/s")
		b.ReportMetric(float64(r.Bytes)/float64(r.Records), "bytes/RRset")
		b.ReportMetric(float64(r.Records), "RRsets")
		must(b, s.Close())
	}
}

func fill(b *testing.B, s *store.Store, n int) {
	ctx := context.Background()
	for tr, i := newTraffic(), 0; i < n; i++ {
		must(b, s.AddWait(ctx, tr.next()))
	}
	must(b, s.Merge(ctx, false, nil))
}

func benchOpen(b *testing.B, dir string) *store.Store {
	s, err := store.Open(dir, store.Options{Flush: time.Hour})
	must(b, err)
	b.Cleanup(func() { s.Close() })
	return s
}

// filled is a store that the look-up benchmarks share.
var filled = sync.OnceValue(func() string {
	dir, err := os.MkdirTemp("", "pdns-bench")
	if err != nil {
		panic(err)
	}
	return dir
})

func benchSource(b *testing.B) store.Source {
	dir := filled()
	if _, err := os.Stat(filepath.Join(dir, "MANIFEST")); err != nil {
		s := benchOpen(b, dir)
		fill(b, s, benchRRsets)
		must(b, s.Close())
	}
	src, err := store.OpenReader(dir)
	must(b, err)
	b.Cleanup(func() { src.Close() })
	return src
}

// BenchmarkOwner is an exact look-up, warm.
func BenchmarkOwner(b *testing.B) {
	src := benchSource(b)
	var owners [][]byte
	for tr := newTraffic(); len(owners) < 10_000; {
		owners = append(owners, tr.next().Clone().Owner)
	}
	var took []time.Duration
	b.ReportAllocs()
	b.ResetTimer()
	for i := 0; b.Loop(); i++ {
		start := time.Now()
		if consume(b, src, store.Query{Subject: store.Owner(owners[i%len(owners)])}, 0) == 0 {
			b.Fatal("nothing found")
		}
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2]), "p50-ns")
	b.ReportMetric(float64(took[len(took)*99/100]), "p99-ns")
}

// BenchmarkAddress is a look-up of an address, warm.
func BenchmarkAddress(b *testing.B) {
	src := benchSource(b)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		a := netip.AddrFrom4([4]byte{198, 18, byte(i >> 8), byte(i)})
		consume(b, src, store.Query{Subject: store.Address(a)}, 10)
	}
}

// BenchmarkPivot streams the names of one address that many share.
func BenchmarkPivot(b *testing.B) {
	stream(b, store.Query{Subject: store.Address(netip.MustParseAddr("198.18.0.0"))})
}

// BenchmarkNetwork streams what a large network holds, address by address.
func BenchmarkNetwork(b *testing.B) {
	stream(b, store.Query{Subject: store.Network(netip.MustParsePrefix("198.18.0.0/15"))})
}

// BenchmarkWalk streams everything.
func BenchmarkWalk(b *testing.B) { stream(b, store.Query{}) }

func stream(b *testing.B, q store.Query) {
	src := benchSource(b)
	n := 0
	b.ReportAllocs()
	for b.Loop() {
		n += consume(b, src, q, 0)
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "RRsets/s")
	b.ReportMetric(float64(n)/float64(b.N), "RRsets")
}

// BenchmarkOpen opens a directory for reading.
func BenchmarkOpen(b *testing.B) {
	benchSource(b)
	for b.Loop() {
		src, err := store.OpenReader(filled())
		must(b, err)
		must(b, src.Close())
	}
}

// BenchmarkSnapshot writes everything into one file.
func BenchmarkSnapshot(b *testing.B) {
	src := benchSource(b)
	i := 0
	for b.Loop() {
		i++
		must(b, store.Snapshot(context.Background(), src, filepath.Join(b.TempDir(), strconv.Itoa(i)), store.SnapshotOptions{}))
	}
}

func consume(b *testing.B, src store.Source, q store.Query, limit int) int {
	n := 0
	for _, err := range src.Find(context.Background(), q) {
		must(b, err)
		if n++; n == limit {
			break
		}
	}
	return n
}

func TestMain(m *testing.M) {
	code := m.Run()
	os.RemoveAll(filled())
	os.Exit(code)
}

package dnsdb_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/httpapi"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// crowd is how many names of big.test the store of the benchmarks holds, each with
// an address of one network and half of them with a second.
const crowd = 200_000

func crowded(b *testing.B) store.Source {
	s := open(b)
	for i := range crowd {
		r := &rrset.RRset{
			Owner:     rrset.MustName(fmt.Sprintf("host-%d.department-%d.big.test.", i, i/200)),
			Type:      dns.TypeA,
			Bailiwick: rrset.MustName("big.test."),
			Rdata:     [][]byte{{10, byte(i >> 16), byte(i >> 8), byte(i)}},
			Figures:   rrset.Figures{First: 1_700_000_000 + int64(i), Last: 1_710_000_000 + int64(i), Count: uint64(i%1000 + 1)},
		}
		if i%2 == 1 {
			r.Rdata = append(r.Rdata, []byte{172, 16, byte(i >> 8), byte(i)})
		}
		if err := s.Add(r); err != nil {
			b.Fatal(err)
		}
	}
	if err := s.Flush(context.Background()); err != nil {
		b.Fatal(err)
	}
	return s
}

// BenchmarkStream tells the objects a second that one client is sent over
// loopback, and after how long the first octet is there.
func BenchmarkStream(b *testing.B) {
	source := crowded(b)
	for _, bench := range []struct {
		name, path string
		header     http.Header
	}{
		{"RRsets", "/dnsdb/v2/lookup/rrset/name/*.big.test?limit=0", nil},
		{"records", "/dnsdb/v2/lookup/rdata/ip/10.0.0.0,8?limit=0", nil},
		{"names", "/dnsdb/v2/regex/rrnames/%5Ehost-.%2Abig%5C.test%5C.$?limit=0", nil},
		{"gzip", "/dnsdb/v2/lookup/rrset/name/*.big.test?limit=0", http.Header{"Accept-Encoding": {"gzip"}}},
		{"zstd", "/dnsdb/v2/lookup/rrset/name/*.big.test?limit=0", http.Header{"Accept-Encoding": {"zstd"}}},
	} {
		b.Run(bench.name, func(b *testing.B) { stream(b, source, bench.path, bench.header) })
	}
}

func stream(b *testing.B, source store.Source, path string, header http.Header) {
	s, err := httpapi.New(httpapi.Config{Address: "127.0.0.1:0", Source: func() store.Source { return source }})
	if err == nil {
		err = s.Start()
	}
	if err != nil {
		b.Fatal(err)
	}
	defer s.Stop(context.Background())
	client := &http.Client{Transport: &http.Transport{DisableCompression: true}}
	request, err := http.NewRequest(http.MethodGet, "http://"+s.Addr().String()+path, nil)
	if err != nil {
		b.Fatal(err)
	}
	request.Header = header
	var first time.Duration
	for b.Loop() {
		start := time.Now()
		resp, err := client.Do(request)
		if err != nil {
			b.Fatal(err)
		}
		begin := make([]byte, 1)
		if _, err := io.ReadFull(resp.Body, begin); err != nil {
			b.Fatal(err)
		}
		first += time.Since(start)
		lines, err := countLines(resp.Body)
		resp.Body.Close()
		if header == nil && (err != nil || lines != crowd+2) {
			b.Fatalf("%d lines, %v: want %d", lines, err, crowd+2)
		}
	}
	b.ReportMetric(crowd*float64(b.N)/b.Elapsed().Seconds(), "objects/s")
	b.ReportMetric(float64(first.Microseconds())/float64(b.N), "µs-first")
}

func countLines(r io.Reader) (lines int, err error) {
	buf := make([]byte, 64<<10)
	for err == nil {
		var n int
		n, err = r.Read(buf)
		lines += bytes.Count(buf[:n], []byte("\n"))
	}
	if err == io.EOF {
		err = nil
	}
	return lines, err
}

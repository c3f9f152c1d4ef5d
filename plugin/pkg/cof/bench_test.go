package cof_test

import (
	"strings"
	"testing"

	"example.org/pdns/plugin/pkg/cof"
)

// mixed is one line of each of the types that a history mostly holds.
const mixed = `{"count":2,"time_first":1541428715,"time_last":1541442964,"rrname":"www.example.com.","rrtype":"A","bailiwick":"example.com.","rdata":["192.0.2.1","192.0.2.2"],"ttl_min":60,"ttl_max":300,"sources":["import"]}
{"count":46,"time_first":1541423746,"time_last":1541453627,"rrname":"data.example.com.","rrtype":"CNAME","bailiwick":"example.com.","rdata":["proxy.l.example.com."]}
{"count":9,"time_first":1541423746,"time_last":1541453627,"rrname":"example.net.","rrtype":"NS","bailiwick":"net.","rdata":["ns1.example.net.","ns2.example.net."]}
{"count":9,"time_first":1541423746,"time_last":1541453627,"rrname":"www.example.net.","rrtype":"AAAA","bailiwick":"net.","rdata":["2001:db8::1"]}
`

func BenchmarkDecode(b *testing.B) {
	b.SetBytes(int64(len(mixed) / 4))
	b.ReportAllocs()
	lines := cof.NewLines(strings.NewReader(strings.Repeat(mixed, b.N/4+1)))
	d := cof.NewDecoder()
	b.ResetTimer()
	for range b.N {
		line, err := lines.Next()
		if err != nil {
			b.Fatal(err)
		}
		if _, err := d.Decode(line); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppend(b *testing.B) {
	r := sample(b, strings.SplitN(mixed, "\n", 2)[0])
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = cof.Append(buf[:0], r)
	}
	b.SetBytes(int64(len(buf)))
}

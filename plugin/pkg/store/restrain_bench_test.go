package store_test

import (
	"encoding/binary"
	"testing"
	"time"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
	"example.org/pdns/plugin/pkg/store/disposable"
)

// BenchmarkAddNew is an observation of an RRset that the memtable does not hold,
// with what is done about names that are used once.
func BenchmarkAddNew(b *testing.B) {
	var sets []*rrset.RRset
	for tr := newTraffic(); len(sets) < 200_000; {
		sets = append(sets, tr.next().Clone())
	}
	for _, mode := range []disposable.Mode{disposable.Off, disposable.Count, disposable.Collapse} {
		b.Run(string(mode), func(b *testing.B) {
			o := store.Options{Flush: time.Hour, Memory: 512 << 20, Disposable: disposable.Policy{Mode: mode}}
			var s *store.Store
			b.ReportAllocs()
			for i := 0; i < b.N; i++ {
				if i%len(sets) == 0 {
					b.StopTimer()
					if s != nil {
						must(b, s.Close())
					}
					var err error
					s, err = store.Open(b.TempDir(), o)
					must(b, err)
					b.StartTimer()
				}
				must(b, s.Add(sets[i%len(sets)]))
			}
			b.StopTimer()
			must(b, s.Close())
		})
	}
}

// BenchmarkAddLarge is an observation of an RRset of 4,000 addresses, as many as a
// message holds, that differs each time. At first they are kept whole, then nearly
// all are taken in address by address.
func BenchmarkAddLarge(b *testing.B) {
	s := benchOpen(b, b.TempDir())
	r := &rrset.RRset{Owner: rrset.MustName("big.example.com"), Type: dns.TypeA, Figures: rrset.Figures{First: 100, Last: 100, Count: 1}}
	for i := range 4000 {
		r.Rdata = append(r.Rdata, binary.BigEndian.AppendUint32(nil, uint32(10<<24+2*i)))
	}
	for i := 0; b.Loop(); i++ {
		r.Rdata[i%4000][3] ^= 1
		must(b, s.Add(r))
	}
}

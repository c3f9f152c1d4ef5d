package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

func TestFindRecords(t *testing.T) {
	s := historic(t)
	tests := []struct {
		name  string
		query store.Query
		want  []string
	}{
		{"of an address", store.Query{Subject: store.Address(netip.MustParseAddr("192.0.2.2"))}, []string{
			"new.example.com. A 300 310 1 192.0.2.2",
			"www.example.com. A 205 206 1 192.0.2.2",
		}},
		{"of a network", store.Query{Subject: store.Network(netip.MustParsePrefix("192.0.2.0/28")), Types: []uint16{dns.TypeA}}, []string{
			"www.example.com. A 100 210 5 192.0.2.1",
			"new.example.com. A 300 310 1 192.0.2.2",
			"www.example.com. A 205 206 1 192.0.2.2",
			"www.example.com. A 205 206 1 192.0.2.3",
			"mail.example.com. A 100 100 1 192.0.2.9",
		}},
		{"of a name", store.Query{Subject: store.Target(rrset.MustName("ns2.example.net"))}, []string{
			"example.com. NS 100 100 1 ns2.example.net.",
		}},
		{"of two names in one", store.Query{Subject: store.TargetBelow([]byte{0}), Types: []uint16{dns.TypeSOA}}, []string{
			"example.com. SOA 400 400 1 ns1.example.net. hostmaster.example.com. 1 2 3 4 5",
		}},
		{"of octets", store.Query{Subject: store.Raw([]byte("\x03ns1"))}, []string{
			"example.com. SOA 400 400 1 ns1.example.net. hostmaster.example.com. 1 2 3 4 5",
			"example.com. NS 100 100 1 ns1.example.net.",
		}},
		{"within fences", store.Query{Subject: store.Network(netip.MustParsePrefix("192.0.2.0/24")), Fences: store.Fences{LastBefore: 210}}, []string{
			"www.example.com. A 100 210 5 192.0.2.1",
			"www.example.com. A 205 206 1 192.0.2.2",
			"www.example.com. A 205 206 1 192.0.2.3",
			"mail.example.com. A 100 100 1 192.0.2.9",
		}},
		{"as of a time", store.Query{Subject: store.Network(netip.MustParsePrefix("192.0.2.0/24")), At: 205}, []string{
			"www.example.com. A 100 210 5 192.0.2.1",
			"www.example.com. A 205 206 1 192.0.2.2",
			"www.example.com. A 205 206 1 192.0.2.3",
		}},
		{"by slices", store.Query{Subject: store.Address(netip.MustParseAddr("192.0.2.1")), Slices: true}, []string{
			"www.example.com. A 100 110 2 192.0.2.1",
			"www.example.com. A 200 210 3 192.0.2.1",
		}},
		{"sifted by name", store.Query{Subject: store.Raw(nil), Types: []uint16{dns.TypeNS, dns.TypeCNAME}, Sift: func(_ uint16, reversed []byte) bool {
			name, _, err := rrset.AppendUnreversed(nil, reversed)
			return err == nil && strings.HasPrefix(rrset.NameString(name), "ns2")
		}}, []string{"example.com. NS 100 100 1 ns2.example.net."}},
		{"sifted by type", store.Query{Subject: store.Raw(nil), Sift: func(rtype uint16, reversed []byte) bool { return reversed == nil && rtype == dns.TypeTXT }},
			[]string{"example.com. TXT 300 300 1 \"v=spf1 -all\""}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.query.Records = true
			if got := answer(t, s, tt.query); !slices.Equal(got, tt.want) {
				t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
		})
	}
	for _, err := range s.Find(context.Background(), store.Query{Subject: store.Owner(rrset.MustName("example.com")), Records: true}) {
		if err == nil || !strings.Contains(err.Error(), "example.com.: single records are found by rdata") {
			t.Errorf("records of an owner: %v", err)
		}
	}
}

// crowded is thousands of names on the addresses of one network, in three runs and
// the memtable, one of them on all; and each of the records of it.
func crowded(t *testing.T) (s *store.Store, all []*rrset.RRset) {
	s = open(t, t.TempDir(), store.Options{Flush: time.Hour})
	rng := rand.New(rand.NewPCG(1, 2))
	add := func(r *rrset.RRset) {
		r.Rdata = rrset.SortRdata(r.Rdata)
		must(t, s.Add(r))
		all = append(all, r)
	}
	for i := range 4000 {
		owner := rrset.MustName(fmt.Sprintf("n%d.z%d.test", rng.IntN(2000), rng.IntN(3)))
		r := &rrset.RRset{Owner: owner, Type: dns.TypeA, Figures: rrset.Figures{First: int64(100 + i), Last: int64(200 + i), Count: 1}}
		for range 1 + rng.IntN(3) {
			r.Rdata = append(r.Rdata, []byte{192, 0, 2, byte(rng.IntN(256))})
		}
		add(r)
		if i%1000 == 999 {
			large := &rrset.RRset{Owner: rrset.MustName("large.test"), Type: dns.TypeA, Figures: rrset.Figures{First: 1, Last: 2, Count: 1}}
			for j := range 256 {
				large.Rdata = append(large.Rdata, []byte{192, 0, 2, byte(j)})
			}
			add(large)
			if i < 3000 {
				must(t, s.Flush(context.Background()))
			}
		}
	}
	return s, all
}

// A search that finds so much that it reads ahead finds the same.
func TestFindMany(t *testing.T) {
	s, all := crowded(t)
	sets, records := map[string]rrset.Figures{}, map[string]rrset.Figures{}
	note := func(m map[string]rrset.Figures, key string, f rrset.Figures) {
		if g, ok := m[key]; ok {
			f.Add(&g)
		}
		m[key] = f
	}
	for _, r := range all {
		note(sets, fmt.Sprintf("%q %q", r.Owner, r.Rdata), r.Figures)
		for _, rd := range r.Rdata {
			note(records, fmt.Sprintf("%q %q", r.Owner, [][]byte{rd}), r.Figures)
		}
	}
	for _, tt := range []struct {
		name    string
		records bool
		want    map[string]rrset.Figures
	}{{"RRsets", false, sets}, {"records", true, records}} {
		t.Run(tt.name, func(t *testing.T) {
			n := 0
			for r, err := range s.Find(context.Background(), store.Query{Subject: store.Network(netip.MustParsePrefix("192.0.2.0/24")), Records: tt.records}) {
				must(t, err)
				n++
				key := fmt.Sprintf("%q %q", r.Owner, r.Rdata)
				if want, ok := tt.want[key]; !ok || r.Figures != want {
					t.Fatalf("%s: %+v, want %+v", key, r.Figures, want)
				}
			}
			if n != len(tt.want) {
				t.Errorf("%d results, want %d", n, len(tt.want))
			}
		})
	}
}

// Who stops, or is told to, while a search reads ahead waits for nothing.
func TestFindManyStops(t *testing.T) {
	s, _ := crowded(t)
	q := store.Query{Subject: store.Network(netip.MustParsePrefix("192.0.2.0/24"))}
	for stop := 100; stop < 2000; stop += 150 {
		ctx, cancel := context.WithCancel(context.Background())
		n := 0
		for _, err := range s.Find(ctx, q) {
			must(t, err)
			if n++; n == stop {
				break
			}
		}
		cancel()
		if n != stop {
			t.Errorf("%d results, want %d", n, stop)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var last error
	n := 0
	for _, err := range s.Find(ctx, q) {
		if n++; n == 1000 {
			cancel()
		}
		last = err
	}
	if last != context.Canceled || n > 1100 {
		t.Errorf("%d results after cancelling at 1000, the last error %v", n, last)
	}
}

// Thousands of records under one key, as the SOAs of a zone whose serial moves
// make, come each once.
func TestFindRecordsOfOneKey(t *testing.T) {
	s := open(t, t.TempDir(), store.Options{Flush: time.Hour})
	const n = 5000
	for i := range 2 * n {
		must(t, s.Add(line(t, fmt.Sprintf("example.com. SOA %d %d 1 ns.example.net. admin.example.com. %d 1 1 1 1", 100+i, 100+i, i%n))))
	}
	got := answer(t, s, store.Query{Subject: store.Target(rrset.MustName("ns.example.net")), Records: true})
	if len(got) != n || got[0] != "example.com. SOA 100 5100 2 ns.example.net. admin.example.com. 0 1 1 1 1" {
		t.Errorf("%d records, the first %q: want %d", len(got), got[0], n)
	}
}

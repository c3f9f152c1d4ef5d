package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// A name whose answer is another at each query has the RRsets of a sample of them,
// and each of its addresses.
func TestManyCombinations(t *testing.T) {
	s := open(t, t.TempDir(), collapsing)
	rng := rand.New(rand.NewPCG(1, 1))
	const n = 5000
	for range n {
		r := &rrset.RRset{Owner: rrset.MustName("cdn.example.com"), Type: dns.TypeA, Figures: rrset.Figures{First: 100, Last: 100, Count: 1}}
		for range 4 {
			r.Rdata = append(r.Rdata, []byte{192, 0, 2, byte(rng.IntN(200))})
		}
		r.Rdata = rrset.SortRdata(r.Rdata)
		must(t, s.Add(r))
	}
	st, err := s.Stats()
	must(t, err)
	if st.Memtable.Records > 200+50*12 { // about 480
		t.Errorf("%d records", st.Memtable.Records)
	}
	addresses := 0
	for i := range 200 {
		for range s.Find(context.Background(), store.Query{Subject: store.Address(netip.AddrFrom4([4]byte{192, 0, 2, byte(i)}))}) {
			addresses++
			break
		}
	}
	c, err := s.Coverage()
	must(t, err)
	if split := c.Reduced.Observations["split"]; addresses != 200 || split < n*8/10 || c.Dropped["hot_name"] != 0 {
		t.Errorf("%d addresses of 200; %d of %d observations split, %d dropped", addresses, split, n, c.Dropped["hot_name"])
	}
}

// A name with another address at each query has a sample of them, always the same
// one: what is kept has its figures right.
func TestManyMembers(t *testing.T) {
	s := open(t, t.TempDir(), collapsing)
	ctx := context.Background()
	const n, times = 20_000, 4
	for range times {
		for i := range n {
			must(t, s.Add(line(t, fmt.Sprintf("flux.example.com. A 100 100 1 10.0.%d.%d", i/256, i%256))))
		}
		must(t, s.Flush(ctx))
	}
	records, right := 0, 0
	for r, err := range s.Find(ctx, store.Query{}) {
		must(t, err)
		if records++; r.Count == times {
			right++
		}
	}
	if records > 50*8*8 || right < 200 {
		t.Errorf("%d of %d RRsets recorded, %d of them each time", records, n, right)
	}
	c, err := s.Coverage()
	must(t, err)
	if d := c.Dropped["hot_name"]; d < n*times*9/10 || c.Recorded+d != n*times {
		t.Errorf("%d recorded, %d dropped of %d", c.Recorded, d, n*times)
	}
}

// Each observation of a name that has too many addresses is told of once, whichever
// part of it was recorded, and however many observations stand in one line.
func TestPartsOfMany(t *testing.T) {
	s := open(t, t.TempDir(), collapsing)
	const n, count = 5000, 3
	for i := range n {
		must(t, s.Add(line(t, fmt.Sprintf("flux.example.com. A 100 100 %d 10.0.%d.%d,10.1.%d.%d", count, i/256, i%256, i/256, i%256))))
	}
	c, err := s.Coverage()
	must(t, err)
	split, partly, dropped := c.Reduced.Observations["split"], c.Reduced.Observations["split_part"], c.Dropped["hot_name"]
	if c.Recorded+dropped != n*count || split == 0 || partly == 0 || dropped < n*count/2 || split+partly > c.Recorded {
		t.Errorf("%d recorded, of these %d split, %d in part; %d dropped of %d", c.Recorded, split, partly, dropped, n*count)
	}
}

// Of RRsets with thousands of rdata few are kept whole: each takes as much memory as
// hundreds of others.
func TestManyLargeRRsets(t *testing.T) {
	s := open(t, t.TempDir(), store.Options{Flush: time.Hour})
	for i := range 200 {
		r := &rrset.RRset{Owner: rrset.MustName("big.example.com"), Type: dns.TypeA, Figures: rrset.Figures{First: 100, Last: 100, Count: 1}}
		for j := range 4000 {
			r.Rdata = append(r.Rdata, []byte{10, byte(j % 2), byte(j / 2 % 16), byte(i + j/32)})
		}
		r.Rdata = rrset.SortRdata(r.Rdata)
		must(t, s.Add(r))
	}
	st, err := s.Stats()
	must(t, err)
	if st.Memtable.Bytes > 16<<20 { // about 9 MB; all of them are 23 MB
		t.Errorf("%d octets of memory", st.Memtable.Bytes)
	}
	c, err := s.Coverage()
	must(t, err)
	near(t, "split", c.Reduced.Observations["split"]+c.Reduced.Observations["split_part"], 170)
}

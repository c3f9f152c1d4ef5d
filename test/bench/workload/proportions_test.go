package workload_test

import (
	"testing"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store/record"
	"example.org/pdns/test/bench/workload"
)

// A census counts the distinct RRsets among observations.
type census struct {
	seen       map[string]bool
	types      map[uint16]int
	sizes      map[int]int         // of A and AAAA
	owners     map[string]int      // RRsets of each
	answers    map[string]*answers // to A, by owner
	known      int                 // with a bailiwick that the resolver named
	estimated  int
	ttls       map[uint32]int
	disposable uint64
}

// answers are the RRsets of a type at one name.
type answers struct {
	sets, members int
	pool          map[string]bool // distinct members
}

func take(g *workload.Generator) *census {
	c := &census{
		seen: map[string]bool{}, types: map[uint16]int{}, sizes: map[int]int{}, owners: map[string]int{},
		answers: map[string]*answers{}, ttls: map[uint32]int{},
	}
	for r := g.Next(); r != nil; r = g.Next() {
		if key := string(record.AppendKey(nil, r)); !c.seen[key] {
			c.seen[key] = true
			c.count(r)
		}
	}
	c.disposable = g.Disposable()
	return c
}

func (c *census) count(r *rrset.RRset) {
	c.types[r.Type]++
	c.ttls[r.TTLMax]++
	c.owners[string(r.Owner)]++
	switch {
	case r.Marks&rrset.BailiwickKnown != 0:
		c.known++
	case r.Bailiwick != nil:
		c.estimated++
	}
	if r.Type == dns.TypeA || r.Type == dns.TypeAAAA {
		c.sizes[len(r.Rdata)]++
	}
	if r.Type == dns.TypeA {
		c.countAnswer(r)
	}
}

func (c *census) countAnswer(r *rrset.RRset) {
	a := c.answers[string(r.Owner)]
	if a == nil {
		a = &answers{pool: map[string]bool{}}
		c.answers[string(r.Owner)] = a
	}
	a.sets++
	a.members += len(r.Rdata)
	for _, rdata := range r.Rdata {
		a.pool[string(rdata)] = true
	}
}

// within reports a share, in percent, that is out of bounds.
func within(t *testing.T, what string, part, whole int, least, most float64) {
	t.Helper()
	if share := 100 * float64(part) / float64(whole); share < least || share > most {
		t.Errorf("%s: %.2f%%, want %v to %v", what, share, least, most)
	}
}

func TestProportions(t *testing.T) {
	const total = 200_000
	c := take(workload.NewGenerator(workload.Config{Seed: 3, Total: total, Names: names(t)}))
	within(t, "distinct", len(c.seen), total, 99, 100)
	within(t, "names used once", int(c.disposable), len(c.seen), 58, 62)
	within(t, "owners with one RRset", countOwners(c, 1), len(c.owners), 75, 95)
	within(t, "bailiwick known", c.known, total, 60, 80)
	within(t, "bailiwick estimated", c.estimated, total, 8, 25)
	within(t, "TTL of 300", c.ttls[300], total, 20, 40)
	for typ, bounds := range map[uint16][2]float64{
		dns.TypeA: {45, 58}, dns.TypeAAAA: {9, 16}, dns.TypeCNAME: {7, 13}, rrset.TypeNXDOMAIN: {4, 10},
		dns.TypeTXT: {4, 8}, dns.TypeNS: {3, 6}, dns.TypePTR: {2, 5}, dns.TypeMX: {1, 3}, dns.TypeSOA: {0.8, 2.5},
		dns.TypeHTTPS: {0.5, 2.5}, rrset.TypeNODATA: {0.2, 2}, dns.TypeSRV: {0.05, 0.5}, dns.TypeCAA: {0.05, 0.5},
	} {
		within(t, rrset.TypeString(typ), c.types[typ], len(c.seen), bounds[0], bounds[1])
		delete(c.types, typ)
	}
	if len(c.types) > 0 {
		t.Errorf("other types: %v", c.types)
	}
}

func countOwners(c *census, rrsets int) (n int) {
	for _, has := range c.owners {
		if has == rrsets {
			n++
		}
	}
	return n
}

func TestSizes(t *testing.T) {
	c := take(workload.NewGenerator(workload.Config{Seed: 4, Total: 200_000, Names: names(t)}))
	addresses := c.types[dns.TypeA] + c.types[dns.TypeAAAA]
	within(t, "one address", c.sizes[1], addresses, 65, 85)
	within(t, "two addresses", c.sizes[2], addresses, 8, 20)
	tail, largest := 0, 0
	for size, n := range c.sizes {
		if size > 13 {
			tail += n
		}
		largest = max(largest, size)
	}
	if tail < 5 || tail > 100 || largest < 1000 || largest > 4000 {
		t.Errorf("%d RRsets with more than 13 addresses, up to %d", tail, largest)
	}
}

// TestRotation: there are names whose answers are parts of a pool.
func TestRotation(t *testing.T) {
	for _, mode := range []workload.Mode{workload.New, workload.Observations} {
		c := take(workload.NewGenerator(workload.Config{Mode: mode, Total: 200_000, PerDay: 200_000, Names: names(t)}))
		rotating := 0
		for _, a := range c.answers {
			if a.sets >= 8 && a.members > 2*a.sets && len(a.pool) <= 256 {
				rotating++
			}
		}
		if rotating < 2 {
			t.Errorf("%s: %d names rotate", mode, rotating)
		}
	}
}

// TestRepeats: day by day there are more observations of each RRset, up to about
// 300, and of a day's RRsets three in five have a name used once.
func TestRepeats(t *testing.T) {
	const perDay, days = 200_000, 6
	g := workload.NewGenerator(workload.Config{Mode: workload.Observations, PerDay: perDay, Total: days * perDay, Names: names(t)})
	all, today := map[string]bool{}, map[string]bool{}
	var disposable uint64
	var ratios []float64
	for n := 1; n <= days*perDay; n++ {
		key := string(record.AppendKey(nil, g.Next()))
		all[key], today[key] = true, true
		if n%perDay == 0 {
			within(t, "names used once", int(g.Disposable()-disposable), len(today), 50, 70)
			disposable = g.Disposable()
			clear(today)
			ratios = append(ratios, float64(n)/float64(len(all)))
		}
	}
	for i, ratio := range ratios {
		if i > 0 && ratio < ratios[i-1] {
			t.Errorf("after day %d %v observations an RRset, fewer than before", i, ratio)
		}
	}
	if last := ratios[days-1]; last < 230 || last > 330 {
		t.Errorf("in the end %v observations an RRset", last)
	}
}

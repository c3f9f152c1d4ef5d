package main

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"net/netip"
	"slices"
	"time"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// A world is a year of history, and what its names are.
type world struct {
	dice     *rand.Rand
	net      *internet
	begin    int64
	seen     []sighting
	subjects []subject
	nodes    []node
	listed   []netip.Addr // of CDNs that publish where they are
	serial   int
}

const (
	hour = 3600
	day  = 24 * hour
	year = 365 * day
)

// A sighting is an RRset in an answer.
type sighting struct {
	owner string
	rtype uint16
	rdata []string
	at    int64
	ttl   uint32
}

// A subject is a name and what it is.
type subject struct {
	name string
	kind *kind
}

// A node is what a map may meet, and whether it serves parties that have nothing to do
// with each other.
type node struct {
	id     string
	kind   string
	shared bool
}

// newWorld makes a world with so many names of each kind. The same seed makes the same.
func newWorld(seed uint64, each int) *world {
	dice := rand.New(rand.NewPCG(seed, 0x666c7578))
	w := &world{dice: dice, net: newInternet(dice), begin: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC).Unix()}
	w.everydayHomes()
	for i := range kinds {
		kinds[i].make(w, &kinds[i], each)
	}
	return w
}

// name is one that nothing else has.
func (w *world) name(prefix string) string {
	w.serial++
	return fmt.Sprintf("%s%d.%s", prefix, w.serial, []string{"test", "example"}[w.dice.IntN(2)])
}

// see notes an answer of addresses or names.
func (w *world) see(at int64, owner string, rtype uint16, ttl uint32, rdata ...string) {
	w.seen = append(w.seen, sighting{owner, rtype, rdata, at, ttl})
}

func (w *world) address(at int64, owner string, ttl uint32, addrs ...netip.Addr) {
	var rdata []string
	for _, a := range addrs {
		rdata = append(rdata, a.String())
	}
	w.see(at, owner, dns.TypeA, ttl, rdata...)
}

// looks are times at which somebody asks, so often a day on the mean.
func (w *world) looks(from, until int64, daily float64) (times []int64) {
	for at := from; ; {
		at += int64(w.dice.ExpFloat64() * day / daily)
		if at >= until {
			return times
		}
		times = append(times, at)
	}
}

// between is a number from a to b, each order of magnitude as likely as another.
func (w *world) between(a, b float64) float64 { return a * math.Pow(b/a, w.dice.Float64()) }

// judge says what a name is.
func (w *world) judge(name string, k *kind) { w.subjects = append(w.subjects, subject{name, k}) }

// served tells the name servers of a domain, and where they are.
func (w *world) served(domain string, from, until int64, servers []server) {
	for _, at := range append(w.looks(from, until, 0.1), from) {
		var names []string
		for _, s := range servers {
			names = append(names, s.name+".")
			w.address(at, s.name, 86400, s.addr)
		}
		w.see(at, domain, dns.TypeNS, 86400, names...)
	}
}

// A server is a name server.
type server struct {
	name string
	addr netip.Addr
}

func (w *world) servers(in *system) (all []server) {
	zone := w.name("dns")
	for i := range 2 + w.dice.IntN(3) {
		all = append(all, server{fmt.Sprintf("ns%d.%s", i+1, zone), w.net.at(in, 0)})
	}
	return all
}

// store fills a store, a run for each month.
func (w *world) store(ctx context.Context, dir string) (*store.Store, error) {
	s, err := store.Open(dir, store.Options{Windows: []store.Window{store.Day}})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(w.seen, func(a, b sighting) int { return cmp.Compare(a.at, b.at) })
	month := w.begin + 30*day
	for i := range w.seen {
		if w.seen[i].at >= month {
			month += 30 * day
			if err := s.Flush(ctx); err != nil {
				return nil, err
			}
		}
		r, err := w.seen[i].rrset()
		if err == nil {
			err = s.AddWait(ctx, r)
		}
		if err != nil {
			return nil, err
		}
	}
	w.seen = nil
	return s, s.Flush(ctx)
}

func (s *sighting) rrset() (*rrset.RRset, error) {
	owner, err := rrset.ParseName(s.owner)
	if err != nil {
		return nil, err
	}
	r := &rrset.RRset{Owner: owner, Type: s.rtype}
	r.First, r.Last, r.Count, r.TTLMin, r.TTLMax, r.Marks = s.at, s.at, 1, s.ttl, s.ttl, rrset.HasTTL
	for _, text := range s.rdata {
		rd, err := rrset.ParseRdata(s.rtype, text)
		if err != nil {
			return nil, err
		}
		r.Rdata = append(r.Rdata, rd)
	}
	r.Rdata = rrset.SortRdata(r.Rdata)
	return r, nil
}

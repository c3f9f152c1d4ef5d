// Package script is what a program does to a store while it is disturbed, and
// what it promises meanwhile: its observations are numbered, so that what is
// found afterwards can be held against the promise to the last figure.
package script

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/rrset"
)

// An era is a part of the observations with years of its own: no merge by
// windows mixes two, and a retention drops one as a whole.
const (
	eras   = 3
	perEra = 120
	total  = eras * perEra
)

// eraStart is when the first observation of an era was made.
func eraStart(era int) time.Time {
	return time.Date(2020+2*era, time.March, 3, 10, 30, 0, 0, time.UTC)
}

// madeAt is when an observation was made: a minute after the one before, so that
// an era has several hours.
func madeAt(i int) time.Time {
	return eraStart(i / perEra).Add(time.Duration(i%perEra) * time.Minute)
}

// A series is a sequence of observations.
type series string

const (
	plain   series = ""        // few RRsets, so that figures add up across runs
	machine series = "machine" // names that a machine makes, which collapse
	heavy   series = "heavy"   // RRsets that fill transactions of a run
	bulky   series = "bulky"   // RRsets that fill blocks
)

// observation is the one with a number.
func (s series) observation(i int) *rrset.RRset {
	rng := rand.New(rand.NewPCG(uint64(i%(perEra/2)), 7))
	at := madeAt(i).Unix()
	zone := one(rng, "a.test", "b.test")
	r := &rrset.RRset{Owner: rrset.MustName(fmt.Sprintf("h%d.%s", rng.IntN(20), zone))}
	r.Figures = rrset.Figures{First: at, Last: at, Count: 1, TTLMin: uint32(i), TTLMax: uint32(i), Marks: rrset.HasTTL}
	switch rng.IntN(4) {
	case 0:
		r.Type = dns.TypeA
		r.Rdata = [][]byte{{192, 0, 2, byte(rng.IntN(8))}, {198, 51, 100, byte(rng.IntN(8))}}
	case 1:
		r.Type = dns.TypeNS
		r.Bailiwick = rrset.MustName("test")
		r.Rdata = [][]byte{rrset.MustName(fmt.Sprintf("ns%d.test", rng.IntN(5)))}
	case 2:
		r.Type = dns.TypeTXT
		r.Rdata = [][]byte{noise(rng, 1)}
	default:
		r.Type = rrset.TypeNXDOMAIN
	}
	r.Rdata = rrset.SortRdata(r.Rdata)
	own := rand.New(rand.NewPCG(uint64(i), 8))
	switch s {
	case machine:
		r.Owner = rrset.MustName(fmt.Sprintf("%016x.%s", own.Uint64(), zone))
	case heavy:
		r.Type, r.Rdata = dns.TypeTXT, [][]byte{noise(own, 250)}
	case bulky:
		r.Type, r.Rdata = dns.TypeTXT, [][]byte{noise(own, 6)}
	}
	return r
}

func one(rng *rand.Rand, of ...string) string { return of[rng.IntN(len(of))] }

// noise is rdata of TXT that does not compress: so many strings of 200 octets.
func noise(rng *rand.Rand, strings int) (rdata []byte) {
	for range strings {
		rdata = append(rdata, 200)
		for range 25 {
			rdata = binary.BigEndian.AppendUint64(rdata, rng.Uint64())
		}
	}
	return rdata
}

// A history is what a store should answer: figures by all that makes an RRset one.
type history map[string]rrset.Figures

// identity is what makes an RRset one. Names that collapse are one by their zone:
// which of them do is for the store to say.
func (s series) identity(r *rrset.RRset) string {
	owner := r.Owner
	if s == machine {
		owner = rrset.Parent(owner)
	}
	h := xxhash.New()
	for _, rd := range r.Rdata {
		h.Write(rd)
	}
	return fmt.Sprintf("%s %s %x %x", rrset.NameString(owner), rrset.TypeString(r.Type), r.Bailiwick, h.Sum64())
}

func (h history) add(id string, f *rrset.Figures) {
	sum, held := h[id]
	if held {
		sum.Add(f)
	} else {
		sum = *f
	}
	h[id] = sum
}

// A sight is what an observation adds to a history.
type sight struct {
	id string
	rrset.Figures
}

// sights are those of all observations of a series, and of one more.
func (s series) sights() []sight {
	if known, ok := allSights.Load(s); ok {
		return known.([]sight)
	}
	all := make([]sight, total+1)
	for i := range all {
		r := s.observation(i)
		all[i] = sight{s.identity(r), r.Figures}
	}
	allSights.Store(s, all)
	return all
}

var allSights sync.Map // series -> []sight

// between is the history of the observations from one number to below another.
func (s series) between(from, to int) history {
	h := history{}
	for _, seen := range s.sights()[from:to] {
		h.add(seen.id, &seen.Figures)
	}
	return h
}

// count is how many observations a history is made of.
func (h history) count() (n int) {
	for _, f := range h {
		n += int(f.Count)
	}
	return n
}

// diff says where a history differs from what it should be.
func (h history) diff(want history) error {
	for id, f := range want {
		if h[id] != f {
			return fmt.Errorf("%s: figures %+v, want %+v", id, h[id], f)
		}
	}
	for id := range h {
		if _, ok := want[id]; !ok {
			return fmt.Errorf("%s: was never seen", id)
		}
	}
	return nil
}

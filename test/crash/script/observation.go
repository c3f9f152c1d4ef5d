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

// observation is the one with a number. There are fewer RRsets than observations,
// so that figures add up across runs.
func observation(i int) *rrset.RRset {
	rng := rand.New(rand.NewPCG(uint64(i%(perEra/2)), 7))
	at := madeAt(i).Unix()
	r := &rrset.RRset{Owner: rrset.MustName(fmt.Sprintf("h%d.%s.test", rng.IntN(20), []string{"a", "b"}[rng.IntN(2)]))}
	r.Figures = rrset.Figures{First: at, Last: at, Count: 1, TTLMin: uint32(i), TTLMax: uint32(i), Marks: rrset.HasTTL}
	switch rng.IntN(4) {
	case 0:
		r.Type = 1 // A
		r.Rdata = [][]byte{{192, 0, 2, byte(rng.IntN(8))}, {198, 51, 100, byte(rng.IntN(8))}}
	case 1:
		r.Type = 2 // NS
		r.Bailiwick = rrset.MustName("test")
		r.Rdata = [][]byte{rrset.MustName(fmt.Sprintf("ns%d.test", rng.IntN(5)))}
	case 2:
		r.Type = 16 // TXT, which does not compress
		txt := []byte{200}
		for len(txt) < 201 {
			txt = binary.BigEndian.AppendUint64(txt, rng.Uint64())
		}
		r.Rdata = [][]byte{txt[:201]}
	default:
		r.Type = rrset.TypeNXDOMAIN
	}
	r.Rdata = rrset.SortRdata(r.Rdata)
	return r
}

// A history is what a store should answer: figures by all that makes an RRset one.
type history map[string]rrset.Figures

func identity(r *rrset.RRset) string {
	return fmt.Sprintf("%s %d %x %x", rrset.NameString(r.Owner), r.Type, r.Bailiwick, r.Rdata)
}

// A sight is what an observation adds to a history.
type sight struct {
	id string
	rrset.Figures
}

// sights are those of all observations, and of one more.
var sights = sync.OnceValue(func() []sight {
	s := make([]sight, total+1)
	for i := range s {
		r := observation(i)
		s[i] = sight{identity(r), r.Figures}
	}
	return s
})

// between is the history of the observations from one number to below another.
func between(from, to int) history {
	h := history{}
	for _, s := range sights()[from:to] {
		f, held := h[s.id]
		if held {
			f.Add(&s.Figures)
		} else {
			f = s.Figures
		}
		h[s.id] = f
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
			return fmt.Errorf("%.60s: figures %+v, want %+v", id, h[id], f)
		}
	}
	for id := range h {
		if _, ok := want[id]; !ok {
			return fmt.Errorf("%.60s: was never seen", id)
		}
	}
	return nil
}

package observation

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/rrset"
)

// A section is records ordered by owner and type, so that those of an RRset
// stand together; within one, they keep the order of the message.
type section []record

type record struct {
	owner []byte
	t     uint16
	raw   int // its place among all records of the message
}

// Bounds on the work that whoever made the message can cause. A run is records of
// one owner and type after one another: in an answer, two for each link of a
// signed chain; elsewhere, at most two for each of 13 name servers.
const (
	maxAnswerRuns = 2 * maxChain
	maxRuns       = 32
	maxSignatures = 64 // in an RRset of RRSIG: at the apex, one for each type and key
)

// read fills s, which is empty, with the records of raws[from:to] that can be
// data: those of the first runs, at most so many.
func (p *pass) read(s section, from, to, most int) section {
	var (
		last  *raw
		owner []byte
	)
	runs := 0
	for i := from; i < to; i++ {
		r := &p.raws[i]
		switch {
		case r.Type == dns.TypeOPT || r.Type == dns.TypeTSIG:
			continue
		case noData(r.Type):
			p.drop(MetaType)
			continue
		case r.Class != dns.ClassINET:
			p.drop(Class)
			continue
		case runs > most:
			p.drop(TooMany)
			continue
		}
		goesOn := last != nil && last.Type == r.Type
		if last == nil || !p.sameOwner(last, r) {
			before := owner
			owner = p.owner(r)
			goesOn = goesOn && bytes.Equal(before, owner)
		}
		if last = r; !goesOn {
			runs++
		}
		switch {
		case runs > most:
			p.drop(TooMany)
		case owner == nil:
			p.drop(MalformedName)
		default:
			s = append(s, record{owner, r.Type, i})
		}
	}
	slices.SortStableFunc(s, func(a, b record) int { return compare(a, b.owner, b.t) })
	return s
}

func compare(r record, owner []byte, t uint16) int {
	if c := bytes.Compare(r.owner, owner); c != 0 {
		return c
	}
	return cmp.Compare(r.t, t)
}

// first returns the records of the RRset that s begins with.
func (s section) first() section {
	n := 1
	for n < len(s) && compare(s[n], s[0].owner, s[0].t) == 0 {
		n++
	}
	return s[:n]
}

// find returns the records of one RRset; none if it is not there.
func (s section) find(owner []byte, t uint16) section {
	at := s.place(owner, t)
	if at == len(s) || compare(s[at], owner, t) != 0 {
		return nil
	}
	return s[at:].first()
}

// owns reports whether there are records at owner, of whatever type.
func (s section) owns(owner []byte) bool {
	at := s.place(owner, 0)
	return at < len(s) && bytes.Equal(s[at].owner, owner)
}

// place is where the records of one RRset are, or would be.
func (s section) place(owner []byte, t uint16) int {
	lo, hi := 0, len(s)
	for lo < hi {
		if mid := (lo + hi) / 2; compare(s[mid], owner, t) < 0 {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// deepest returns the records of the RRset of a type whose owner is name or the
// closest above it.
func (s section) deepest(name []byte, t uint16) section {
	if len(s) == 0 {
		return nil
	}
	for ; ; name = rrset.Parent(name) {
		if g := s.find(name, t); g != nil {
			return g
		}
		if len(name) <= 1 {
			return nil
		}
	}
}

// reset empties s; only owners, which lie in a buffer of the pass, are left behind.
func (s section) reset() section { return s[:0] }

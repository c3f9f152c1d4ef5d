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
	rr    dns.RR
}

// Bounds on the work that whoever made the message can cause. A run is records of
// one owner and type after one another: in an answer, two for each link of a
// signed chain; elsewhere, at most two for each of 13 name servers.
const (
	maxAnswerRuns = 2 * maxChain
	maxRuns       = 32
	maxSignatures = 64 // in an RRset of RRSIG: at the apex, one for each type and key
)

// read fills s, which is empty, with the records that can be data: those of
// the first runs, at most so many.
func (p *pass) read(s section, rrs []dns.RR, most int) section {
	name, owner := p.Response.Question[0].Name, p.qname // most records are at the question
	runs, t := 0, uint16(0)
	for _, rr := range rrs {
		h := rr.Header()
		switch {
		case h.Rrtype == dns.TypeOPT || h.Rrtype == dns.TypeTSIG:
			continue
		case noData(h.Rrtype):
			p.drop(MetaType)
			continue
		case h.Class != dns.ClassINET:
			p.drop(Class)
			continue
		}
		if h.Name != name || h.Rrtype != t {
			runs++
		}
		if runs > most {
			p.drop(TooMany)
			continue
		}
		if h.Name != name || owner == nil {
			name, owner = h.Name, p.name(h.Name)
		}
		t = h.Rrtype
		if owner == nil {
			p.drop(MalformedName)
			continue
		}
		s = append(s, record{owner, h.Rrtype, rr})
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

func (s section) reset() section {
	clear(s)
	return s[:0]
}

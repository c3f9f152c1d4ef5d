package store

import (
	"bytes"
	"slices"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store/record"
)

// gathered keeps the records of one owner and type that were found under one
// posting key, until every RRset that can hold them has been: these follow each
// other.
type gathered struct {
	rank, prefix []byte // the posting key; the record key up to the type
	owner        []byte
	records      []rrset.RRset // of one rdata each; their buffers are used again
	n            int
	bytes        int            // of their rdata
	at           map[string]int // where each is, once there are many
}

const (
	// manyRecords are too many to look through for each that comes.
	manyRecords = 16
	// gatheredBytes of rdata are given though more of the same may come: whoever
	// owns a zone chooses how much there is.
	gatheredBytes = 4 << 20
)

// offerRecords takes apart an RRset that a search for records has found.
func (s *search) offerRecords(f *rrset.Figures) bool {
	g := &s.gathered
	prefix := s.keyBuf[:min(record.OwnerLen(s.keyBuf)+2, len(s.keyBuf))]
	if s.p.Slices || !bytes.Equal(g.prefix, prefix) || !bytes.Equal(g.rank, s.rankBuf) {
		if !s.giveRecords() {
			return false
		}
		g.rank = append(g.rank[:0], s.rankBuf...)
		g.prefix = append(g.prefix[:0], prefix...)
		g.owner = g.owner[:0]
	}
	r, ok := s.decode()
	if !ok || s.p.Bailiwick != nil && !bytes.Equal(s.p.Bailiwick, r.Bailiwick) {
		return true
	}
	if len(g.owner) == 0 {
		g.owner = append(g.owner, r.Owner...)
	}
	s.eachFound(r, func(rdata []byte) { g.add(r.Type, rdata, f) })
	return g.bytes < gatheredBytes || s.giveRecords()
}

// eachFound calls yield with the rdata of r that the search finds under the
// posting key it stands at: no rdata is found twice.
func (s *search) eachFound(r *rrset.RRset, yield func(rdata []byte)) {
	if r.Type == dns.TypeA || r.Type == dns.TypeAAAA {
		// The key is the address: no need to make those of thousands of others.
		i, ok := slices.BinarySearchFunc(r.Rdata, s.rankBuf[1:len(s.rankBuf)-2], bytes.Compare)
		if ok && s.p.holdsRaw(r.Rdata[i]) {
			yield(r.Rdata[i])
		}
		return
	}
	for _, rd := range r.Rdata {
		found, earlier := false, false
		s.buf = record.RdataKeys(s.buf, r.Type, rd, func(key []byte) {
			switch c := bytes.Compare(key, s.rankBuf); {
			case c == 0:
				found = true
			case c < 0 && bytes.Compare(key, s.p.lo) >= 0 && s.p.wantsPosting(key):
				earlier = true
			}
		})
		if found && !earlier && s.p.holdsRaw(rd) {
			yield(rd)
		}
	}
}

// holdsRaw reports whether rdata begins as a search for octets wants it to.
func (p *plan) holdsRaw(rdata []byte) bool {
	return p.Subject.kind != raw || bytes.HasPrefix(rdata, p.Subject.raw)
}

func (g *gathered) add(t uint16, rdata []byte, f *rrset.Figures) {
	if i, ok := g.find(rdata); ok {
		g.records[i].Add(f)
		return
	}
	if g.n == len(g.records) {
		g.records = append(g.records, rrset.RRset{Rdata: make([][]byte, 1)})
	}
	r := &g.records[g.n]
	r.Type, r.Figures = t, *f
	r.Rdata[0] = append(r.Rdata[0][:0], rdata...)
	g.bytes += len(rdata)
	if g.at != nil {
		g.at[string(rdata)] = g.n
	}
	g.n++
}

// find is where a record is among those gathered.
func (g *gathered) find(rdata []byte) (at int, ok bool) {
	if g.n < manyRecords {
		at = slices.IndexFunc(g.records[:g.n], func(r rrset.RRset) bool { return bytes.Equal(r.Rdata[0], rdata) })
		return at, at >= 0
	}
	if g.at == nil {
		g.at = make(map[string]int)
		for i := range g.records[:g.n] {
			g.at[string(g.records[i].Rdata[0])] = i
		}
	}
	at, ok = g.at[string(rdata)]
	return at, ok
}

// giveRecords gives the caller what was gathered and lies inside the fences. It
// is false when the caller has stopped.
func (s *search) giveRecords() bool {
	g := &s.gathered
	n := g.n
	g.n, g.bytes, g.at = 0, 0, nil
	if n > manyRecords { // what was much is not kept for the next
		defer func() { g.records = g.records[:min(manyRecords, len(g.records))] }()
	}
	for i := range g.records[:n] {
		r := &g.records[i]
		r.Owner = g.owner
		if !s.p.Match(&r.Figures) || s.p.At != 0 && (r.First > s.p.At || r.Last < s.p.At) {
			continue
		}
		if !s.yield(r, nil) {
			return false
		}
	}
	return true
}

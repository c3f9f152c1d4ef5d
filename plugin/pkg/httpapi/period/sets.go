package period

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"
	"slices"

	"example.org/pdns/plugin/pkg/rrset"
)

var seed = maphash.MakeSeed()

// sets holds each set of records once, however often the name had it. The zero value
// is empty.
type sets struct {
	byHash map[uint64][]set
	number int // of them
	bytes  int // of memory that they take, nearly
}

type set struct {
	number int
	rtype  uint16
	rdata  [][]byte
}

// find is the set that an RRset has; a copy of it, if it is new.
func (s *sets) find(r *rrset.RRset) set {
	h := hash(r)
	for _, known := range s.byHash[h] {
		if known.rtype == r.Type && slices.EqualFunc(known.rdata, r.Rdata, bytes.Equal) {
			return known
		}
	}
	if s.byHash == nil {
		s.byHash = map[uint64][]set{}
	}
	found := set{number: s.number, rtype: r.Type, rdata: r.Clone().Rdata}
	s.byHash[h] = append(s.byHash[h], found)
	s.number++
	for _, rdata := range found.rdata {
		const header = 24 // of a slice
		s.bytes += header + len(rdata)
	}
	return found
}

func hash(r *rrset.RRset) uint64 {
	var h maphash.Hash
	h.SetSeed(seed)
	for _, rdata := range r.Rdata {
		h.Write(binary.BigEndian.AppendUint16(nil, uint16(len(rdata))))
		h.Write(rdata)
	}
	return h.Sum64()
}

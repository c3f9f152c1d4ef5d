package peer

import (
	"bytes"
	"encoding/binary"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store/record"
)

// An Entry is an RRset as a peer is given it. ID and Tail together are its record
// key: the tail of an RRset with much rdata may be longer than peers like keys to
// be, and its ID has a digest of it.
type Entry struct {
	ID, Tail []byte
	Postings [][]byte // the keys under which it is found by its rdata
	rrset.Figures
}

// Place is owner and type: how the ID begins.
func (e *Entry) Place() []byte { return e.ID[:placeLen(e.ID)] }

func placeLen(key []byte) int { return record.OwnerLen(key) + 2 }

// digested is what of a record key with much rdata is its ID: the owner and the
// type, a mark, and 16 octets of digest.
const (
	digestMark = 0xff
	digested   = 1 + 16
)

// split cuts a record key into ID and tail.
func split(key []byte) (id, tail []byte) {
	n := placeLen(key)
	if key[n] != digestMark {
		return key, nil
	}
	return key[:n+digested], key[n+digested:]
}

// cut reports whether an ID has a tail.
func cut(id []byte) bool { return id[placeLen(id)] == digestMark }

// NewEntry makes an entry of an RRset, which is not kept.
func NewEntry(r *rrset.RRset, key []byte) Entry {
	e := Entry{Figures: r.Figures}
	e.ID, e.Tail = split(bytes.Clone(key))
	var buf []byte
	for _, rd := range r.Rdata {
		buf = record.RdataKeys(buf, r.Type, rd, func(posting []byte) {
			e.Postings = append(e.Postings, bytes.Clone(posting))
		})
	}
	return e
}

// appendInverse appends the key of the inverse tree: posting, place, and the
// length of the place.
func appendInverse(dst, posting, place []byte) []byte {
	dst = append(append(dst, posting...), place...)
	return binary.BigEndian.AppendUint16(dst, uint16(len(place)))
}

// Package rrset is the vocabulary that every other package shares: one RRset
// as passive DNS keeps it, its figures, and the canonical forms of names and
// rdata.
//
// Names are held in canonical wire form: uncompressed, lower case, ending in
// the zero octet of the root (RFC 4034, section 6.2). Rdata is held in
// canonical wire form too, with every name inside it in lower case; the rdata
// of one RRset is sorted bytewise and holds no duplicates. Presentation form is
// made only for people and for interchange formats.
//
// An RRset has no field that could hold a client: neither its address nor
// anything else of the query that led to it.
package rrset

import (
	"bytes"
	"slices"
)

// An RRset is a set of records that were seen together, with when and how
// often. Two RRsets are the same one when owner, type, bailiwick and rdata are.
type RRset struct {
	Owner     []byte   // canonical wire name
	Type      uint16   // RR type, or one of the pseudo-types of this package
	Bailiwick []byte   // the zone that answered, at or above Owner; nil when not known
	Rdata     [][]byte // canonical wire rdata, sorted, without duplicates
	Figures
}

// Figures say when, how often and how an RRset was seen.
type Figures struct {
	First, Last    int64  // Unix seconds, both inclusive
	Count          uint64 // observations
	TTLMin, TTLMax uint32 // seconds; only with the mark HasTTL
	Marks          Marks
}

// Marks are facts that stay true once any observation has shown them.
type Marks uint8

const (
	// HasTTL says that TTLMin and TTLMax hold what was seen.
	HasTTL Marks = 1 << iota
	// BailiwickKnown says that the resolver named the bailiwick; without it a
	// bailiwick is estimated from the message.
	BailiwickKnown
	// FromForward, FromDnstap and FromImport say where observations came from.
	FromForward
	FromDnstap
	FromImport
)

// Add takes the figures of more observations of the same RRset into f.
func (f *Figures) Add(g *Figures) {
	f.First = min(f.First, g.First)
	f.Last = max(f.Last, g.Last)
	f.Count = addSaturated(f.Count, g.Count)
	switch {
	case g.Marks&HasTTL == 0:
	case f.Marks&HasTTL == 0:
		f.TTLMin, f.TTLMax = g.TTLMin, g.TTLMax
	default:
		f.TTLMin, f.TTLMax = min(f.TTLMin, g.TTLMin), max(f.TTLMax, g.TTLMax)
	}
	f.Marks |= g.Marks
}

func addSaturated(a, b uint64) uint64 {
	if a+b < a {
		return ^uint64(0)
	}
	return a + b
}

// Clone returns a copy of r that shares no memory with it.
func (r *RRset) Clone() *RRset {
	c := *r
	c.Owner = bytes.Clone(r.Owner)
	c.Bailiwick = bytes.Clone(r.Bailiwick)
	c.Rdata = make([][]byte, len(r.Rdata))
	for i, rd := range r.Rdata {
		c.Rdata[i] = bytes.Clone(rd)
	}
	return &c
}

// SortRdata brings rdata into canonical order in place and returns it without
// duplicates. It allocates nothing.
func SortRdata(rdata [][]byte) [][]byte {
	slices.SortFunc(rdata, bytes.Compare)
	out := rdata[:0]
	for i, rd := range rdata {
		if i == 0 || !bytes.Equal(rd, out[len(out)-1]) {
			out = append(out, rd)
		}
	}
	return out
}

package store

import (
	"context"
	"fmt"
	"iter"
	"net/netip"

	"example.org/pdns/plugin/pkg/rrset"
)

// A Source can be asked about the past: a live store, a store's directory
// opened beside its writer, a snapshot. It is safe for concurrent use.
type Source interface {
	// Find streams the RRsets that q matches. Nothing is collected: memory does
	// not grow with the result, and the search ends when the caller stops.
	//
	// An RRset is valid until the next step; keep a Clone. Results come ordered
	// by reversed owner, type, bailiwick and rdata; those of a Subject by rdata
	// come ordered by that rdata first. The order does not depend on how records
	// are spread over runs.
	//
	// An error ends the stream. One that matches ErrIncomplete comes last, after
	// every RRset that could still be read: a run was damaged or unreadable.
	Find(ctx context.Context, q Query) iter.Seq2[*rrset.RRset, error]

	// Coverage says what the history can know: since when, until when, and what
	// was left out.
	Coverage() (Coverage, error)

	// Stats describes the runs behind the answers.
	Stats() (Stats, error)

	// Close ends the source once the searches under way have ended.
	Close() error
}

// A Query says which RRsets are wanted. Its zero value, with Subject All, finds
// everything but negative history.
type Query struct {
	Subject Subject

	// Types wanted, pseudo-types included. Empty: every type, but pseudo-types
	// only with Negative.
	Types    []uint16
	Negative bool

	// Bailiwick, if not nil, is the canonical name of the only one wanted.
	Bailiwick []byte

	Fences

	// At, if not zero, is a Unix time: RRsets as they stood then. An RRset stood
	// at a time if it was first seen at or before it and last seen at or after
	// it. Where the subject is an owner and no RRset of that owner and type
	// stood, the one that was seen last before that time counts.
	At int64

	// Slices asks for one RRset a run that holds it, with the figures of that
	// run alone, instead of one with merged figures; fences and At then apply to
	// each slice.
	Slices bool

	// Records asks for single records instead of RRsets, where the subject is
	// rdata: those whose rdata matches, each once with the figures of all RRsets
	// of its owner that hold it, and without a bailiwick. Fences and At apply to
	// these figures. With Slices records are not put together.
	Records bool

	// Sift, if not nil, is asked about each entry of the index by rdata before
	// what it leads to is read, where the subject is rdata: the type, and the name
	// that the rdata holds, reversed (rrset.AppendUnreversed), or nil if it holds
	// none. False leaves the entry out.
	Sift func(t uint16, reversed []byte) bool
}

// Fences bound the times of an RRset, in Unix seconds, both ends inclusive;
// zero is no bound. They apply to merged figures.
type Fences struct {
	FirstAfter, FirstBefore int64
	LastAfter, LastBefore   int64
}

// Match reports whether figures lie inside the fences.
func (f *Fences) Match(g *rrset.Figures) bool {
	return (f.FirstAfter == 0 || g.First >= f.FirstAfter) &&
		(f.FirstBefore == 0 || g.First <= f.FirstBefore) &&
		(f.LastAfter == 0 || g.Last >= f.LastAfter) &&
		(f.LastBefore == 0 || g.Last <= f.LastBefore)
}

// A Subject is what a query is about. Make one with Owner, Below, Leading,
// Address, Network, Range, Target, TargetBelow, Raw or All.
type Subject struct {
	kind   subjectKind
	name   []byte     // owner, below, target, targetBelow: canonical wire name
	labels [][]byte   // leading: canonical labels
	lo, hi netip.Addr // addresses
	raw    []byte     // raw
}

type subjectKind uint8

const (
	all subjectKind = iota
	owner
	below
	leading
	addresses
	target
	targetBelow
	raw
)

// All is every RRset.
func All() Subject { return Subject{} }

// Owner is the RRsets at a canonical wire name.
func Owner(name []byte) Subject { return Subject{kind: owner, name: name} }

// Below is the RRsets at a canonical wire name and at every name below it.
func Below(name []byte) Subject { return Subject{kind: below, name: name} }

// Leading is the RRsets at names of more labels than these that begin with
// them: the right-hand wildcard, as www.example.*.
func Leading(labels ...[]byte) Subject { return Subject{kind: leading, labels: labels} }

// Address is the RRsets that hold an address.
func Address(a netip.Addr) Subject { return Range(a, a) }

// Network is the RRsets that hold an address of a network.
func Network(p netip.Prefix) Subject {
	return Range(p.Masked().Addr(), lastAddr(p))
}

// Range is the RRsets that hold an address from lo to hi, both inclusive and of
// one family. IPv4 addresses mapped into IPv6 are IPv4.
func Range(lo, hi netip.Addr) Subject {
	return Subject{kind: addresses, lo: lo.Unmap().WithZone(""), hi: hi.Unmap().WithZone("")}
}

// Target is the RRsets whose rdata holds a name: NS, CNAME, the exchange of MX,
// the target of SRV and HTTPS, both names of SOA and so on.
func Target(name []byte) Subject { return Subject{kind: target, name: name} }

// TargetBelow is the RRsets whose rdata holds a name or one below it.
func TargetBelow(name []byte) Subject { return Subject{kind: targetBelow, name: name} }

// Raw is the RRsets one of whose rdata, in canonical wire form, begins with
// prefix.
func Raw(prefix []byte) Subject { return Subject{kind: raw, raw: prefix} }

// Exact reports whether the subject is one owner: such a search is over soon.
func (s Subject) Exact() bool { return s.kind == owner }

// String names the subject for messages, in the form of the query zone.
func (s Subject) String() string {
	switch s.kind {
	case owner:
		return rrset.NameString(s.name)
	case below:
		return belowString(s.name)
	case leading:
		var str string
		for _, l := range s.labels {
			str += rrset.LabelString(l) + "."
		}
		return str + "*"
	case addresses:
		if s.lo == s.hi {
			return s.lo.String()
		}
		return s.lo.String() + "-" + s.hi.String()
	case target:
		return rrset.NameString(s.name) + "_rdata"
	case targetBelow:
		return belowString(s.name) + "_rdata"
	case raw:
		return fmt.Sprintf("%x", s.raw)
	}
	return "*"
}

// belowString is "*" for the root: all names.
func belowString(name []byte) string {
	if len(name) == 1 {
		return "*"
	}
	return "*." + rrset.NameString(name)
}

func lastAddr(p netip.Prefix) netip.Addr {
	b := p.Masked().Addr().AsSlice()
	for i := p.Bits(); i < len(b)*8; i++ {
		b[i/8] |= 0x80 >> (i % 8)
	}
	a, _ := netip.AddrFromSlice(b)
	return a
}

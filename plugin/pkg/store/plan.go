package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store/record"
)

// A plan is how a query is carried out: which keys to walk, in records or in an
// index, and what to check of each record found.
type plan struct {
	Query
	types   map[uint16]bool
	pulse   pulse
	reading context.Context // of goroutines that read ahead

	// In owner order: records whose key begins with prefix.
	prefix []byte
	exact  bool // prefix is a whole owner

	// Through the index by rdata: postings from lo, up to and including those that begin
	// with hi, where candidate holds.
	indexed   bool
	lo, hi    []byte
	single    bool // one posting key, but for its type
	candidate func(key []byte) bool

	// In owner order, by leading labels: reversed owners with hashes from leadingLo
	// to leadingHi that end in suffix.
	leadingLo, leadingHi uint32
	suffix               []byte
}

// errSubject is wrapped by errors about a subject that cannot be searched.
var errSubject = errors.New("store: subject")

func newPlan(ctx context.Context, q Query) (*plan, error) {
	p := &plan{Query: q, pulse: pulse{ctx: ctx}}
	if len(q.Types) > 0 {
		p.types = make(map[uint16]bool, len(q.Types))
		for _, t := range q.Types {
			p.types[t] = true
		}
	}
	if err := p.setSubject(q.Subject); err != nil {
		return p, err
	}
	if p.Records && !p.indexed {
		return p, fmt.Errorf("%w: %s: single records are found by rdata", errSubject, q.Subject)
	}
	return p, nil
}

func (p *plan) setSubject(s Subject) error {
	switch s.kind {
	case owner, below:
		if err := rrset.CheckName(s.name); err != nil {
			return fmt.Errorf("%w: %w", errSubject, err)
		}
		p.prefix = rrset.AppendReversed(nil, s.name)
		if p.exact = s.kind == owner; !p.exact {
			p.prefix = p.prefix[:len(p.prefix)-1]
		}
	case leading:
		if len(s.labels) == 0 {
			return fmt.Errorf("%w: no labels", errSubject)
		}
		p.leadingLo, p.leadingHi, p.suffix = record.LeadingHashes(s.labels)
	case addresses:
		return p.setAddresses(s)
	case target, targetBelow:
		if err := rrset.CheckName(s.name); err != nil {
			return fmt.Errorf("%w: %w", errSubject, err)
		}
		key := rrset.AppendReversed([]byte{record.ClassName}, s.name)
		if p.single = s.kind == target; !p.single {
			key = key[:len(key)-1]
		}
		p.throughIndex(key)
	case raw:
		p.setRaw(s.raw)
	}
	return nil
}

func (p *plan) throughIndex(key []byte) {
	p.indexed, p.lo, p.hi = true, key, key
}

func (p *plan) setAddresses(s Subject) error {
	if !s.lo.IsValid() || s.lo.BitLen() != s.hi.BitLen() || s.hi.Less(s.lo) {
		return fmt.Errorf("%w: no range of addresses: %s to %s", errSubject, s.lo, s.hi)
	}
	class := byte(record.ClassIPv4)
	if s.lo.Is6() {
		class = record.ClassIPv6
	}
	p.throughIndex(append([]byte{class}, s.lo.AsSlice()...))
	p.hi = append([]byte{class}, s.hi.AsSlice()...)
	p.single = s.lo == s.hi
	return nil
}

// setRaw walks every posting key that rdata beginning with prefix can have. The
// names among them lie reversed: they are all walked, and told by their first
// octets where the type says where the name stands.
func (p *plan) setRaw(prefix []byte) {
	p.throughIndex([]byte{0})
	p.hi = []byte{0xff}
	rawKey := record.AppendRaw([]byte{record.ClassRaw}, prefix)
	p.candidate = func(key []byte) bool {
		switch body := key[1:]; key[0] {
		case record.ClassIPv4, record.ClassIPv6:
			// The hints of HTTPS are found by what else it holds.
			return bytes.HasPrefix(body, prefix[:min(len(prefix), len(body)-2)]) || !isAddressType(key)
		case record.ClassRaw:
			return bytes.HasPrefix(key, rawKey)
		}
		return true
	}
}

func isAddressType(key []byte) bool {
	t := postingType(key)
	return t == 1 || t == 28
}

// postingType is the type at the end of an rdata posting key.
func postingType(key []byte) uint16 {
	if len(key) < 2 {
		return 0
	}
	return uint16(key[len(key)-2])<<8 | uint16(key[len(key)-1])
}

// beyond reports whether a posting key lies behind the range.
func (p *plan) beyond(key []byte) bool {
	n := min(len(key), len(p.hi))
	return bytes.Compare(key[:n], p.hi) > 0
}

// wantsPosting reports whether records are to be fetched for a posting key.
func (p *plan) wantsPosting(key []byte) bool {
	t := postingType(key)
	if !p.wantsType(t) {
		return false
	}
	if p.Sift != nil {
		var name []byte
		if key[0] == record.ClassName {
			name = key[1 : len(key)-2]
		}
		if !p.Sift(t, name) {
			return false
		}
	}
	return p.candidate == nil || p.candidate(key)
}

func (p *plan) wantsType(t uint16) bool {
	if p.types != nil {
		return p.types[t]
	}
	return p.Negative || !rrset.IsPseudo(t)
}

// wantsKey reports whether a record's type is wanted.
func (p *plan) wantsKey(key []byte) bool {
	return p.wantsType(record.Type(key, record.OwnerLen(key)))
}

// endsRight reports whether the owner in a record key begins with the labels wanted.
func (p *plan) endsRight(key []byte) bool {
	return p.suffix == nil || bytes.HasSuffix(key[:record.OwnerLen(key)], p.suffix)
}

// accepts checks what a decoded record says, other than its times. rank is the
// posting key under which it was found.
func (p *plan) accepts(r *rrset.RRset, rank []byte, buf *[]byte) bool {
	if p.Bailiwick != nil && !bytes.Equal(p.Bailiwick, r.Bailiwick) {
		return false
	}
	switch p.Subject.kind {
	case raw:
		match := func(rd []byte) bool { return bytes.HasPrefix(rd, p.Subject.raw) }
		return slices.ContainsFunc(r.Rdata, match) && p.firstPosting(r, rank, buf)
	case addresses, targetBelow:
		return p.single || p.firstPosting(r, rank, buf)
	}
	return true
}

// firstPosting reports whether rank is the least of the posting keys under
// which this search finds an RRset: it is found under each, and given once.
func (p *plan) firstPosting(r *rrset.RRset, rank []byte, buf *[]byte) bool {
	first := true
	for _, rd := range r.Rdata {
		*buf = record.RdataKeys(*buf, r.Type, rd, func(key []byte) {
			if bytes.Compare(key, rank) < 0 && bytes.Compare(key, p.lo) >= 0 && p.wantsPosting(key) {
				first = false
			}
		})
	}
	return first
}

package flex

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
	"example.org/pdns/plugin/pkg/store/record"
)

// compileRdata checks the types and finds out which part of the index is enough.
func (s *Search) compileRdata() error {
	if s.types == nil {
		s.types = rdataTypes
	}
	for _, t := range s.types {
		if !slices.Contains(rdataTypes, t) {
			var known []string
			for _, k := range rdataTypes {
				known = append(known, rrset.TypeString(k))
			}
			return fmt.Errorf("rdata of %s is not searched by its text: want one of %v", rrset.TypeString(t), known)
		}
	}
	s.subject = store.Raw(nil)
	if zone := zoneAtEnd(s.match.ends); zone != nil {
		s.subject = store.TargetBelow(zone)
		s.prefix = rrset.AppendReversed([]byte{record.ClassName}, zone)
		s.prefix = s.prefix[:len(s.prefix)-1]
	}
	return nil
}

// sift returns what tells of the index alone that rdata does not match: where it
// is a name and nothing else.
func (s *Search) sift() func(t uint16, reversed []byte) bool {
	return func(t uint16, reversed []byte) bool {
		switch t {
		case dns.TypeNS, dns.TypeCNAME, dns.TypePTR, dns.TypeDNAME:
		default:
			return true
		}
		if reversed == nil {
			return true
		}
		var room [256]byte
		var text [1024]byte
		name, _, err := rrset.AppendUnreversed(room[:0], reversed)
		return err != nil || s.accepts(rrset.AppendNameString(text[:0], name))
	}
}

// maxAlike bounds, in octets, how much rdata is gathered at a time: what the index
// finds under one key, such as texts whose first 64 octets are the same. More than
// that is given in parts, so that some of it comes twice.
const maxAlike = 4 << 20

// contents puts records together that have type and rdata in common. Those that
// the index has under one key follow each other.
type contents struct {
	search  *Search
	page    *page
	rank    []byte
	order   []string // of what is gathered: type and rdata
	found   map[string]*rrset.Figures
	bytes   int    // of these
	refused []byte // type and rdata of the record that matched last not
	key     []byte
	keys    []byte
	least   []byte
}

func newContents(s *Search, p *page) *contents {
	return &contents{search: s, page: p, found: map[string]*rrset.Figures{}}
}

func (c *contents) add(r *rrset.RRset) error {
	rdata := r.Rdata[0]
	c.key = append(append(c.key[:0], byte(r.Type>>8), byte(r.Type)), rdata...)
	if f := c.found[string(c.key)]; f != nil {
		f.Add(&r.Figures)
		return nil
	}
	if bytes.Equal(c.key, c.refused) {
		return nil
	}
	if !c.search.accepts([]byte(rrset.RdataString(r.Type, rdata))) {
		c.refused = append(c.refused[:0], c.key...)
		return nil
	}
	c.setLeast(r.Type, rdata)
	if !bytes.Equal(c.least, c.rank) {
		if err := c.end(); err != nil {
			return err
		}
		c.rank = append(c.rank[:0], c.least...)
	}
	key, f := string(c.key), r.Figures
	c.order, c.found[key] = append(c.order, key), &f
	if c.bytes += len(key); c.bytes > maxAlike {
		return c.end()
	}
	return nil
}

// setLeast finds the key under which the search has found a record: the least of
// its keys that the search walks over.
func (c *contents) setLeast(t uint16, rdata []byte) {
	c.least = c.least[:0]
	c.keys = record.RdataKeys(c.keys, t, rdata, func(key []byte) {
		if bytes.HasPrefix(key, c.search.prefix) && (len(c.least) == 0 || bytes.Compare(key, c.least) < 0) {
			c.least = append(c.least[:0], key...)
		}
	})
}

// end gives what was gathered.
func (c *contents) end() error {
	order := c.order
	c.order, c.bytes = c.order[:0], 0
	defer clear(c.found)
	for _, key := range order {
		t := uint16(key[0])<<8 | uint16(key[1])
		if err := c.page.add(Result{Rdata: []byte(key[2:]), Type: t, Figures: *c.found[key]}); err != nil {
			return err
		}
	}
	return nil
}

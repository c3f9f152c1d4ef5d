package main

import (
	"fmt"
	"math/rand/v2"
	"net/netip"

	"example.org/pdns/plugin/pkg/asn"
)

// A system is an autonomous system with its blocks, /20 each: of large ones most of
// several /16, of small ones a part of one that others share, so that the /16 is the
// poor proxy for it that it is in truth.
type system struct {
	number uint32
	blocks []netip.Addr
}

// An internet is who announces what. Its database lacks some blocks, as all do.
type internet struct {
	dice    *rand.Rand
	next    int // the first /20 that nobody has
	owner   map[netip.Addr]*system
	unknown map[netip.Addr]bool
	access  []*system // where people are at home
	number  uint32
}

const accessSystems = 400

func newInternet(dice *rand.Rand) *internet {
	n := &internet{dice: dice, next: 0x1000, owner: map[netip.Addr]*system{}, unknown: map[netip.Addr]bool{}, number: 64500}
	for range accessSystems {
		n.access = append(n.access, n.newSystem(1+int(40*dice.Float64()*dice.Float64()*dice.Float64())))
	}
	return n
}

// newSystem is one with so many stretches of blocks.
func (n *internet) newSystem(stretches int) *system {
	n.number++
	s := &system{number: n.number}
	for range stretches {
		n.extend(s, 1+n.dice.IntN(16))
	}
	return s
}

// extend gives a system blocks more, which follow each other.
func (n *internet) extend(s *system, blocks int) {
	for range blocks {
		b := netip.AddrFrom4([4]byte{byte(n.next >> 12), byte(n.next >> 4), byte(n.next << 4), 0})
		n.next++
		n.owner[b] = s
		s.blocks = append(s.blocks, b)
		n.unknown[b] = n.dice.IntN(50) == 0
	}
	if n.dice.IntN(3) > 0 { // the rest of a /16 is another's, or nobody's
		n.next = (n.next + 15) &^ 15
	}
}

// at is an address of a system, in one of its blocks from first on.
func (n *internet) at(s *system, first int) netip.Addr {
	b := s.blocks[first+n.dice.IntN(len(s.blocks)-first)].As4()
	b[2] |= byte(n.dice.IntN(16))
	b[3] = byte(1 + n.dice.IntN(254))
	return netip.AddrFrom4(b)
}

// home is an address of somebody, by the size of systems.
func (n *internet) home() netip.Addr { return n.at(n.access[n.dice.IntN(len(n.access))], 0) }

// Lookup is that of the internet's database.
func (n *internet) Lookup(a netip.Addr) (asn.Origin, bool, error) {
	p, err := a.Prefix(20)
	if err != nil {
		return asn.Origin{}, false, err
	}
	s := n.owner[p.Addr()]
	if s == nil || n.unknown[p.Addr()] {
		return asn.Origin{}, false, nil
	}
	return asn.Origin{Number: s.number, Organisation: fmt.Sprint("System ", s.number), Network: p}, true, nil
}

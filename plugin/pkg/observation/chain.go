package observation

import (
	"bytes"
	"slices"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/rrset"
)

// maxChain bounds the names on a chain. Resolvers give up earlier: BIND after
// 16 links, Unbound after 11.
const maxChain = 32

// A chain is the names from the question to where the answer is.
type chain struct {
	names    [][]byte
	followed int      // how many of names were left by a CNAME or DNAME
	dnames   [][]byte // owners of the DNAME records that led on
}

// end is the name that the answer is about; nil if the chain does not end but
// loops, or leaves what the server speaks for.
func (c *chain) end() []byte {
	if c.followed == len(c.names) {
		return nil
	}
	return c.names[c.followed]
}

// index returns the place of a name on the chain, or -1.
func (c *chain) index(name []byte) int {
	return slices.IndexFunc(c.names, func(n []byte) bool { return bytes.Equal(n, name) })
}

// follow walks the chain through the answer section. Where a CNAME stands beside
// other data, against the rules, it leads on (RFC 1034, section 4.3.2).
func (p *pass) follow() {
	for name := p.qname; p.within(name) && p.chain.index(name) < 0 && len(p.chain.names) < maxChain; {
		p.chain.names = append(p.chain.names, name)
		target := p.cname(name)
		if target == nil && p.answered() {
			return
		}
		target = p.dname(name, target)
		asksForLink := p.qtype == dns.TypeCNAME || p.qtype == dns.TypeANY
		if target == nil || asksForLink && p.answered() {
			return
		}
		p.followed++
		name = target
	}
}

// answered reports whether the chain's end holds what was asked for.
func (p *pass) answered() bool {
	end := p.end()
	if end == nil {
		return false
	}
	if p.qtype == dns.TypeANY {
		return p.answer.owns(end)
	}
	return p.answer.find(end, p.qtype) != nil
}

// within reports whether the server speaks for a name, as far as is known.
func (p *pass) within(name []byte) bool { return p.zone == nil || rrset.Encloses(p.zone, name) }

// cname returns where the CNAME at name leads; nil if there is none.
func (p *pass) cname(name []byte) []byte {
	return p.target(p.answer.find(name, dns.TypeCNAME))
}

// target is the name that the first record of g, a CNAME or DNAME, leads to; nil
// if g is empty, or the name malformed.
func (p *pass) target(g section) []byte {
	if len(g) == 0 {
		return nil
	}
	target, ok := p.appendRdata(&p.raws[g[0].raw])
	if !ok {
		return nil
	}
	return target
}

// dname returns where the closest DNAME above name leads (RFC 6672). A server
// adds the CNAME that follows from it: where one leads elsewhere, the DNAME is
// not what was followed.
func (p *pass) dname(name, target []byte) []byte {
	if len(name) <= 1 {
		return target
	}
	g := p.answer.deepest(rrset.Parent(name), dns.TypeDNAME)
	if g == nil || !p.within(g[0].owner) {
		return target
	}
	to := p.substitute(name, g[0].owner, p.target(g))
	if to == nil || target != nil && !bytes.Equal(to, target) {
		return target
	}
	p.dnames = append(p.dnames, g[0].owner)
	return to
}

// substitute returns name with its suffix owner replaced; nil if that is too
// long for a name, or there is nothing to replace it with.
func (p *pass) substitute(name, owner, suffix []byte) []byte {
	if suffix == nil {
		return nil
	}
	n := len(p.wire)
	p.wire = append(append(p.wire, name[:len(name)-len(owner)]...), suffix...)
	to := p.wire[n:len(p.wire):len(p.wire)]
	if rrset.CheckName(to) != nil {
		return nil
	}
	return to
}

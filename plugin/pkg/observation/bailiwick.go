package observation

import (
	"bytes"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/rrset"
)

// answerBailiwick is the zone that an RRset of the answer section came from: as
// the resolver named it, or estimated from what the message says of itself, or
// nil. Nothing is guessed from lists of public suffixes.
func (p *pass) answerBailiwick(g section) []byte {
	if p.zone != nil {
		return p.zone
	}
	owner, t := g[0].owner, g[0].t
	if t == dns.TypeSOA || t == dns.TypeNS {
		return owner
	}
	if zone := p.signer(p.answer, g); zone != nil {
		return zone
	}
	// The authority section is about the end of the chain. Names before it are
	// in the same zone only if one server spoke for all.
	if p.authoritative || bytes.Equal(owner, p.end()) {
		return p.cut(owner)
	}
	return nil
}

// authorityBailiwick is the same for the authority section: SOA and NS stand at
// the apex of their zone, except in a referral, which comes from above.
func (p *pass) authorityBailiwick(g section) []byte {
	if p.zone != nil {
		return p.zone
	}
	owner, t := g[0].owner, g[0].t
	switch {
	case t == dns.TypeSOA, t == dns.TypeNS && !p.refers(owner):
		return owner
	case t == dns.TypeNS:
		return nil
	}
	if zone := p.signer(p.authority, g); zone != nil || t == dns.TypeDS {
		return zone
	}
	return p.cut(owner)
}

// signer is the zone that signed an RRset of s (RFC 4034, section 3.1.7).
func (p *pass) signer(s, g section) []byte {
	owner, t := g[0].owner, g[0].t
	sigs := s.find(owner, dns.TypeRRSIG)
	for _, r := range sigs[:min(len(sigs), maxSignatures)] {
		sig := &p.raws[r.raw]
		if p.covers(sig) != t && t != dns.TypeRRSIG {
			continue
		}
		if zone := p.signerName(sig); zone != nil && rrset.Encloses(zone, owner) {
			return zone
		}
	}
	return nil
}

// cut is the closest zone apex above a name that the authority section tells.
func (p *pass) cut(name []byte) []byte {
	var zone []byte
	if soa := p.authority.deepest(name, dns.TypeSOA); soa != nil {
		zone = soa[0].owner
	}
	if ns := p.authority.deepest(name, dns.TypeNS); ns != nil && len(ns[0].owner) > len(zone) && !p.refers(ns[0].owner) {
		zone = ns[0].owner
	}
	return zone
}

// refers reports whether an NS of the authority section is a delegation, that
// is, stands there instead of an answer (RFC 2308, section 2.2).
func (p *pass) refers(owner []byte) bool {
	end := p.end()
	return end != nil && rrset.Encloses(owner, end) && !p.answered() &&
		p.rcode == dns.RcodeSuccess && p.soa == nil
}

// lame reports whether a delegation leads nowhere: up to the root, or to the
// zone that was asked.
func (p *pass) lame(owner []byte) bool {
	if !p.refers(owner) {
		return false
	}
	return bytes.Equal(owner, p.zone) || len(owner) == 1 && len(p.end()) > 1
}

package observation

import (
	"bytes"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/rrset"
)

// recordAnswer records the RRsets on the chain.
func (p *pass) recordAnswer() {
	for s := p.answer; len(s) > 0; {
		g := s.first()
		s = s[len(g):]
		why := p.judge(g, p.onChain)
		if why == kept && p.qtype == dns.TypeANY && p.refusesAny(g) {
			why = MetaType
		}
		if why != kept {
			p.drop(why)
			continue
		}
		p.record(g, p.answerBailiwick(g))
	}
}

// onChain reports whether records of a type belong to the answer where owner
// stands: what led on, or what was asked for.
func (p *pass) onChain(owner []byte, t uint16) bool {
	if t == dns.TypeDNAME && slices.ContainsFunc(p.dnames, func(n []byte) bool { return string(n) == string(owner) }) {
		return true
	}
	i := p.chain.index(owner)
	if i < 0 {
		return false
	}
	if i < p.followed {
		return t == dns.TypeCNAME
	}
	return t == p.qtype || p.qtype == dns.TypeANY
}

// refusesAny reports whether g is the stand-in for an answer to ANY (RFC 8482,
// section 4.2).
func (p *pass) refusesAny(g section) bool {
	if g[0].t != dns.TypeHINFO {
		return false
	}
	cpu, ok := p.appendRdata(&p.raws[g[0].raw])
	return ok && strings.HasPrefix(string(cpu), "\x07RFC8482")
}

// recordAuthority records what the zones above the chain say about themselves.
func (p *pass) recordAuthority() {
	for s := p.authority; len(s) > 0; {
		g := s.first()
		s = s[len(g):]
		why := p.judge(g, p.aboveChain)
		if why == kept && g[0].t == dns.TypeNS && p.lame(g[0].owner) {
			why = Referral
		}
		if why != kept {
			p.drop(why)
			continue
		}
		p.record(g, p.authorityBailiwick(g))
	}
}

// aboveChain reports whether records of a type belong to the authority section.
func (p *pass) aboveChain(owner []byte, t uint16) bool {
	switch t {
	case dns.TypeNS, dns.TypeSOA, dns.TypeDS:
		return slices.ContainsFunc(p.chain.names, func(n []byte) bool { return rrset.Encloses(owner, n) })
	case dns.TypeNSEC, dns.TypeNSEC3:
		// These stand at other names of the zone that they deny something in.
		zone := p.zone
		if p.soa != nil {
			zone = p.soa[0].owner
		}
		return p.end() != nil && zone != nil && rrset.Encloses(zone, owner)
	}
	return false
}

// judge decides on an RRset by what holds in every section, and by what belongs
// into this one.
func (p *pass) judge(g section, belongs func(owner []byte, t uint16) bool) Reason {
	owner, t := g[0].owner, g[0].t
	switch {
	case rrset.IsDNSSEC(t) && !p.o.DNSSEC:
		return DNSSECType
	case !p.within(owner):
		return OutOfBailiwick
	case t == dns.TypeRRSIG && p.qtype != dns.TypeRRSIG:
		if len(g) > maxSignatures {
			return TooMany
		}
		// Signatures go where what they sign goes.
		for _, r := range g {
			if !belongs(owner, p.covers(&p.raws[r.raw])) {
				return OffChain
			}
		}
	case !belongs(owner, t):
		return OffChain
	}
	return kept
}

// recordAdditional records the addresses of name servers just recorded, where
// the server speaks for them.
func (p *pass) recordAdditional() {
	if p.zone == nil || len(p.servers) == 0 {
		for i := p.ends[1]; i < p.ends[2]; i++ {
			if t := p.raws[i].Type; t != dns.TypeOPT && t != dns.TypeTSIG {
				p.drop(Additional)
			}
		}
		return
	}
	p.additional = p.read(p.additional, p.ends[1], p.ends[2], maxRuns)
	for s := p.additional; len(s) > 0; {
		g := s.first()
		s = s[len(g):]
		switch {
		case !p.glue(g):
			p.drop(Additional)
		case !p.within(g[0].owner):
			p.drop(OutOfBailiwick)
		default:
			p.record(g, p.zone)
		}
	}
}

// glue reports whether g are addresses of a name server just recorded.
func (p *pass) glue(g section) bool {
	if g[0].t != dns.TypeA && g[0].t != dns.TypeAAAA {
		return false
	}
	for _, set := range p.servers {
		if _, ok := slices.BinarySearchFunc(set, g[0].owner, bytes.Compare); ok {
			return true
		}
	}
	return false
}

// record gives an RRset to the sink.
func (p *pass) record(g section, bailiwick []byte) {
	owner, t := g[0].owner, g[0].t
	if p.o.exclude.match(owner) {
		p.drop(Excluded)
		return
	}
	rdata, why := p.canonical(g)
	if why != kept {
		p.drop(why)
		return
	}
	if t == dns.TypeNS {
		p.servers = append(p.servers, rdata)
	}
	p.show(rrset.RRset{Owner: owner, Type: t, Bailiwick: bailiwick, Rdata: rdata}, p.lowestTTL(g), rrset.HasTTL)
}

// lowestTTL is that of an RRset, in seconds: members should agree on it.
func (p *pass) lowestTTL(g section) uint32 {
	ttl := p.ttl(g[0])
	for _, r := range g[1:] {
		ttl = min(ttl, p.ttl(r))
	}
	return ttl
}

// ttl is the TTL of a record: 0 if its top bit is set (RFC 2181, section 8).
func (p *pass) ttl(r record) uint32 {
	if ttl := p.raws[r.raw].TTL; ttl>>31 == 0 {
		return ttl
	}
	return 0
}

// show completes an observation and gives it to the sink.
func (p *pass) show(r rrset.RRset, ttl uint32, marks rrset.Marks) {
	now := p.Time.Unix()
	r.Figures = rrset.Figures{First: now, Last: now, Count: 1, TTLMin: ttl, TTLMax: ttl, Marks: marks | p.Source}
	if p.zone != nil {
		r.Marks |= rrset.BailiwickKnown
	}
	p.out = r
	p.sink.Observe(&p.out)
}

// maxRdata is how much rdata an RRset may hold: a message holds no more, but
// names inside rdata grow when they are uncompressed.
const maxRdata = 1 << 16

// canonical returns the rdata of an RRset in canonical order. A set with a
// member that is malformed would be another set: it is left out whole.
func (p *pass) canonical(g section) ([][]byte, Reason) {
	start, size := len(p.rdata), len(p.wire)
	for _, r := range g {
		rd, ok := p.appendRdata(&p.raws[r.raw])
		if !ok {
			return nil, MalformedRdata
		}
		if len(p.wire)-size > maxRdata {
			return nil, Oversized
		}
		p.rdata = append(p.rdata, rd)
	}
	return rrset.SortRdata(p.rdata[start:len(p.rdata):len(p.rdata)]), kept
}

package observation

import (
	"encoding/binary"
	"slices"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/rrset"
)

// recordNegative records what the message says is not there (RFC 2308): the
// name at the end of the chain, or records there of the type asked for.
func (p *pass) recordNegative() {
	end := p.end()
	if p.o.NoNegative || end == nil || p.answered() {
		return
	}
	soa := p.soa
	if soa != nil && !p.within(soa[0].owner) {
		soa = nil
	}
	exists := p.rcode == dns.RcodeSuccess
	switch {
	case exists && soa == nil && !p.deniesWithoutSOA():
		// A referral, or only the beginning of the chain.
	case soa == nil && p.authority.has(dns.TypeSOA):
		p.drop(OffChain)
	case exists && p.qtype == dns.TypeANY:
		p.drop(MetaType)
	case exists && rrset.IsDNSSEC(p.qtype) && !p.o.DNSSEC:
		p.drop(DNSSECType)
	case p.o.exclude.match(end):
		p.drop(Excluded)
	case exists:
		n, m := len(p.wire), len(p.rdata)
		p.wire = binary.BigEndian.AppendUint16(p.wire, p.qtype)
		p.rdata = append(p.rdata, p.wire[n:])
		p.showNegative(rrset.RRset{Owner: end, Type: rrset.TypeNODATA, Rdata: p.rdata[m:]}, soa)
	default:
		p.showNegative(rrset.RRset{Owner: end, Type: rrset.TypeNXDOMAIN}, soa)
	}
}

// deniesWithoutSOA reports whether an empty answer without SOA says that the
// records asked for do not exist: one to the question itself, by a server that
// answers for its own zones, or for others.
func (p *pass) deniesWithoutSOA() bool {
	return p.followed == 0 && (p.authoritative || p.recursionAvailable) && !p.authority.has(dns.TypeNS)
}

func (s section) has(t uint16) bool {
	return slices.ContainsFunc(s, func(r record) bool { return r.t == t })
}

// showNegative gives r to the sink, with what the SOA beside it tells: the zone,
// and how long the denial holds (RFC 2308, section 5).
func (p *pass) showNegative(r rrset.RRset, soa section) {
	var (
		ttl   uint32
		marks rrset.Marks
	)
	r.Bailiwick = p.zone
	if soa != nil {
		if rd, ok := p.appendRdata(&p.raws[soa[0].raw]); ok {
			minimum := binary.BigEndian.Uint32(rd[len(rd)-4:])
			ttl, marks = min(p.ttl(soa[0]), minimum), rrset.HasTTL
		}
		if r.Bailiwick == nil {
			r.Bailiwick = soa[0].owner
		}
	}
	p.show(r, ttl, marks)
}

package observation

import (
	"encoding/binary"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/rrset"
)

// A header is what is told before the records. Extended bits of the rcode come
// with the records, in OPT (RFC 6891, section 6.1.3).
type header struct {
	response, authoritative, truncated, recursionAvailable bool
	opcode, rcode, questions                               int
}

// A raw is a record as the message holds it: unpacked in rr, or else where it
// lies on the wire.
type raw struct {
	rr dns.RR
	rrset.WireRecord
}

// open sets the header; false if there is none.
func (p *pass) open() bool {
	if m := p.Response; m != nil {
		p.header = header{m.Response, m.Authoritative, m.Truncated, m.RecursionAvailable, m.Opcode, m.Rcode, len(m.Question)}
		return true
	}
	var ok bool
	p.header, ok = wireHeader(p.Wire)
	return ok
}

// question sets what the message asks; false if that cannot be read.
func (p *pass) question() bool {
	if m := p.Response; m != nil {
		q := &m.Question[0]
		p.qname, p.qtype, p.qclass = p.name(q.Name), q.Qtype, q.Qclass
		return true
	}
	end := 0
	if p.qname, end = p.wireName(wireHeaderLen); p.qname == nil || end+4 > len(p.Wire) {
		return false
	}
	p.qtype, p.qclass = binary.BigEndian.Uint16(p.Wire[end:]), binary.BigEndian.Uint16(p.Wire[end+2:])
	p.records = end + 4
	return true
}

// list sets the records of each section; false if the message ends before them.
func (p *pass) list() bool {
	if m := p.Response; m != nil {
		for i, rrs := range [...][]dns.RR{m.Answer, m.Ns, m.Extra} {
			for _, rr := range rrs {
				h := rr.Header()
				p.raws = append(p.raws, raw{rr: rr, WireRecord: rrset.WireRecord{Type: h.Rrtype, Class: h.Class, TTL: h.Ttl}})
			}
			p.ends[i] = len(p.raws)
		}
		return true
	}
	off := p.records
	for i := range p.ends {
		for range binary.BigEndian.Uint16(p.Wire[6+2*i:]) {
			r, err := rrset.NextWireRecord(p.Wire, off)
			if err != nil {
				return false
			}
			p.raws = append(p.raws, raw{WireRecord: r})
			off = r.End
		}
		p.ends[i] = len(p.raws)
	}
	p.addExtendedRcode()
	return true
}

func (p *pass) addExtendedRcode() {
	for i := len(p.raws) - 1; i >= p.ends[1]; i-- {
		if r := &p.raws[i]; r.Type == dns.TypeOPT {
			p.rcode |= int(r.TTL>>24) << 4
			return
		}
	}
}

// tailored reports whether the answer holds for a part of the clients only: the
// scope of the subnet option says so (RFC 7871, section 7.2.1).
func (p *pass) tailored() bool {
	for i := p.ends[1]; i < p.ends[2]; i++ {
		r := &p.raws[i]
		if r.Type == dns.TypeOPT && (r.rr != nil && hasScope(r.rr) || r.rr == nil && hasWireScope(p.Wire[r.Rdata:r.End])) {
			return true
		}
	}
	return false
}

func hasScope(rr dns.RR) bool {
	opt, ok := rr.(*dns.OPT)
	if !ok {
		return false
	}
	for _, o := range opt.Option {
		if subnet, ok := o.(*dns.EDNS0_SUBNET); ok && subnet.SourceScope > 0 {
			return true
		}
	}
	return false
}

// owner is the canonical owner of a record; nil if it has none.
func (p *pass) owner(r *raw) []byte {
	if r.rr != nil {
		return p.name(r.rr.Header().Name)
	}
	if pointer(p.Wire, r.Owner) == wireHeaderLen {
		return p.qname
	}
	name, _ := p.wireName(r.Owner)
	return name
}

// sameOwner reports whether two records surely have the same owner; it compares
// how they are written, not what that means.
func (p *pass) sameOwner(a, b *raw) bool {
	if a.rr != nil {
		return a.rr.Header().Name == b.rr.Header().Name
	}
	at := pointer(p.Wire, a.Owner)
	return at >= 0 && at == pointer(p.Wire, b.Owner)
}

// appendRdata appends the canonical rdata of a record to p.wire.
func (p *pass) appendRdata(r *raw) (rdata []byte, ok bool) {
	n := len(p.wire)
	var err error
	if r.rr != nil {
		p.wire, err = rrset.AppendRdata(p.wire, r.rr)
	} else {
		p.wire, err = rrset.AppendWireRdata(p.wire, p.Wire, r.Span, r.Type)
	}
	if err != nil {
		p.wire = p.wire[:n]
		return nil, false
	}
	rdata = p.wire[n:len(p.wire):len(p.wire)]
	return rdata, rrset.CheckRdata(r.Type, rdata) == nil
}

// covers is the type that a record of type RRSIG signs; 0 if it does not say.
func (p *pass) covers(r *raw) uint16 {
	if r.rr != nil {
		if sig, ok := r.rr.(*dns.RRSIG); ok {
			return sig.TypeCovered
		}
		return 0
	}
	if r.End-r.Rdata < signerAt {
		return 0
	}
	return binary.BigEndian.Uint16(p.Wire[r.Rdata:])
}

// signerAt is where in the rdata of RRSIG the signer's name stands (RFC 4034,
// section 3.1).
const signerAt = 18

// signerName is the zone that a record of type RRSIG is signed by, or nil.
func (p *pass) signerName(r *raw) []byte {
	if r.rr != nil {
		if sig, ok := r.rr.(*dns.RRSIG); ok {
			return p.name(sig.SignerName)
		}
		return nil
	}
	if r.End-r.Rdata < signerAt {
		return nil
	}
	name, end := p.wireName(r.Rdata + signerAt)
	if end > r.End {
		return nil
	}
	return name
}

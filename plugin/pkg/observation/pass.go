package observation

import (
	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/rrset"
)

// A pass is the work on one message. Its buffers serve the next one.
type pass struct {
	Message
	o    *Observer
	sink Sink

	wire  []byte   // names and rdata in canonical form; slices of it stay valid
	rdata [][]byte // the rdata of every RRset recorded, one after another

	qname []byte
	qtype uint16
	zone  []byte // bailiwick, if known

	answer, authority, additional section

	soa section // of the authority section, closest above the chain's end
	chain
	servers [][][]byte  // rdata of the NS recorded, each sorted
	out     rrset.RRset // what the sink is shown
}

// Buffers that one large message has grown beyond these are not kept.
const (
	maxKeptWire    = 64 << 10
	maxKeptRecords = 1 << 10
)

// run observes the message. If it is not kept, the reason holds for all of it.
func (p *pass) run() Reason {
	if why := p.checkHeader(); why != kept {
		return why
	}
	if why := p.readQuestion(); why != kept {
		return why
	}
	p.answer = p.read(p.answer, p.Response.Answer, maxAnswerRuns)
	p.follow()
	if p.Response.Rcode == dns.RcodeNameError && p.answered() {
		return Rcode
	}
	p.authority = p.read(p.authority, p.Response.Ns, maxRuns)
	if end := p.end(); end != nil {
		p.soa = p.authority.deepest(end, dns.TypeSOA)
	}
	p.recordAnswer()
	p.recordAuthority()
	p.recordAdditional()
	p.recordNegative()
	return kept
}

// checkHeader looks at what can be told without the records.
func (p *pass) checkHeader() Reason {
	m := p.Response
	switch {
	case m == nil || !m.Response:
		return NotResponse
	case m.Opcode != dns.OpcodeQuery:
		return Opcode
	case len(m.Question) != 1:
		return NoQuestion
	case m.Question[0].Qclass != dns.ClassINET:
		return Class
	case m.Question[0].Qtype != dns.TypeANY && noData(m.Question[0].Qtype):
		return MetaType
	case m.Truncated:
		return Truncated
	case m.Rcode != dns.RcodeSuccess && m.Rcode != dns.RcodeNameError:
		return Rcode
	case !p.o.ECS && tailored(m):
		return ECS
	}
	return kept
}

// noData reports whether a type on the wire cannot be data. The numbers of the
// pseudo-types are for this program to write alone.
func noData(t uint16) bool { return rrset.IsMeta(t) || rrset.IsNegative(t) }

// tailored reports whether the answer holds for a part of the clients only.
func tailored(m *dns.Msg) bool {
	for _, rr := range m.Extra {
		opt, ok := rr.(*dns.OPT)
		if !ok {
			continue
		}
		for _, o := range opt.Option {
			if subnet, ok := o.(*dns.EDNS0_SUBNET); ok && subnet.SourceScope > 0 {
				return true
			}
		}
	}
	return false
}

// readQuestion sets what the message is an answer to.
func (p *pass) readQuestion() Reason {
	q := &p.Response.Question[0]
	if p.qname = p.name(q.Name); p.qname == nil {
		return MalformedName
	}
	p.qtype = q.Qtype
	if a := p.Asked; a != nil && a != q {
		if a.Qtype != q.Qtype || a.Qclass != q.Qclass || a.Name != q.Name && string(p.name(a.Name)) != string(p.qname) {
			return QuestionMismatch
		}
	}
	forwarder := len(p.Zone) == 1 && p.Response.RecursionAvailable
	if !forwarder {
		p.zone = p.Zone
	}
	return kept
}

// name returns the canonical form of s; nil if it has none.
func (p *pass) name(s string) []byte {
	n := len(p.wire)
	var err error
	if p.wire, err = rrset.AppendName(p.wire, s); err != nil {
		return nil
	}
	return p.wire[n:len(p.wire):len(p.wire)]
}

func (p *pass) drop(why Reason) { p.sink.Drop(why) }

// reset forgets the message and reports whether p should be used again.
func (p *pass) reset() bool {
	small := cap(p.wire) <= maxKeptWire && cap(p.rdata) <= maxKeptRecords &&
		cap(p.answer) <= maxKeptRecords && cap(p.authority) <= maxKeptRecords && cap(p.additional) <= maxKeptRecords
	p.Message, p.o, p.sink, p.zone, p.soa = Message{}, nil, nil, nil, nil
	p.wire, p.rdata, p.servers = p.wire[:0], p.rdata[:0], p.servers[:0]
	p.answer, p.authority, p.additional = p.answer.reset(), p.authority.reset(), p.additional.reset()
	p.chain = chain{names: p.chain.names[:0], dnames: p.dnames[:0]}
	return small
}

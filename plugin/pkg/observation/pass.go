package observation

import (
	"bytes"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/rrset"
)

// A pass is the work on one message. Its buffers serve the next one.
type pass struct {
	Message
	o    *Observer
	sink Sink

	header
	qname         []byte
	qtype, qclass uint16
	records       int    // where in a message on the wire they begin
	raws          []raw  // records of all sections
	ends          [3]int // of answer, authority and additional in raws
	zone          []byte // bailiwick, if known

	wire  []byte   // names and rdata in canonical form; slices of it stay valid
	rdata [][]byte // the rdata of every RRset recorded, one after another

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
	if why := p.readRecords(); why != kept {
		return why
	}
	p.answer = p.read(p.answer, 0, p.ends[0], maxAnswerRuns)
	p.follow()
	if p.rcode == dns.RcodeNameError && p.answered() {
		return Rcode
	}
	p.authority = p.read(p.authority, p.ends[0], p.ends[1], maxRuns)
	if end := p.end(); end != nil {
		p.soa = p.authority.deepest(end, dns.TypeSOA)
	}
	p.recordAnswer()
	p.recordAuthority()
	p.recordAdditional()
	p.recordNegative()
	return kept
}

// checkHeader looks at what can be told without the question and the records.
func (p *pass) checkHeader() Reason {
	if !p.open() {
		return Malformed
	}
	if why := p.header.check(); why != kept {
		return why
	}
	if !p.o.credible(p.Time) {
		return BadTime
	}
	return kept
}

// check says why a message with this header is left out.
func (h *header) check() Reason {
	switch {
	case !h.response:
		return NotResponse
	case h.opcode != dns.OpcodeQuery:
		return Opcode
	case h.questions != 1:
		return NoQuestion
	case h.truncated:
		return Truncated
	case h.rcode != dns.RcodeSuccess && h.rcode != dns.RcodeNameError:
		return Rcode
	}
	return kept
}

// checkQuestion says why a message with this question is left out.
func checkQuestion(qtype, qclass uint16) Reason {
	switch {
	case qclass != dns.ClassINET:
		return Class
	case qtype != dns.TypeANY && noData(qtype):
		return MetaType
	}
	return kept
}

// noData reports whether a type on the wire cannot be data. The numbers of the
// pseudo-types are for this program to write alone.
func noData(t uint16) bool { return rrset.IsMeta(t) || rrset.IsPseudo(t) }

// readQuestion sets what the message is an answer to.
func (p *pass) readQuestion() Reason {
	if !p.question() {
		return Malformed
	}
	if why := checkQuestion(p.qtype, p.qclass); why != kept {
		return why
	}
	if p.qname == nil {
		return MalformedName
	}
	if p.Asked != nil && !p.answers(p.Asked) {
		return QuestionMismatch
	}
	forwarder := len(p.Zone) == 1 && p.recursionAvailable
	if !forwarder {
		p.zone = p.Zone
	}
	return kept
}

// answers reports whether the message's question is q.
func (p *pass) answers(q *dns.Question) bool {
	if q.Qtype != p.qtype || q.Qclass != p.qclass {
		return false
	}
	asIs := p.Response != nil && p.Response.Question[0].Name == q.Name
	return asIs || bytes.Equal(p.name(q.Name), p.qname)
}

// readRecords lists the records, and looks at what OPT says of all of them.
func (p *pass) readRecords() Reason {
	switch {
	case !p.list():
		return Malformed
	case p.rcode != dns.RcodeSuccess && p.rcode != dns.RcodeNameError:
		return Rcode
	case !p.o.ECS && p.tailored():
		return ECS
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
	clear(p.raws)
	p.raws = p.raws[:0]
	small := cap(p.wire) <= maxKeptWire && cap(p.raws) <= maxKeptRecords && cap(p.rdata) <= maxKeptRecords &&
		cap(p.answer) <= maxKeptRecords && cap(p.authority) <= maxKeptRecords && cap(p.additional) <= maxKeptRecords
	p.Message, p.o, p.sink, p.qname, p.zone, p.soa = Message{}, nil, nil, nil, nil, nil
	p.wire, p.rdata, p.servers = p.wire[:0], p.rdata[:0], p.servers[:0]
	p.answer, p.authority, p.additional = p.answer.reset(), p.authority.reset(), p.additional.reset()
	p.chain = chain{names: p.chain.names[:0], dnames: p.dnames[:0]}
	return small
}

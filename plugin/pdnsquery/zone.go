package pdnsquery

import (
	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/clock"
)

// answerApex answers what is asked of the zone itself.
func (x *exchange) answerApex() {
	switch x.qtype() {
	case dns.TypeSOA:
		x.add(x.soa())
	case dns.TypeNS:
		x.add(&dns.NS{Hdr: x.header(dns.TypeNS), Ns: x.zone})
	case dns.TypeTXT, dns.TypeANY: // one RRset is enough (RFC 8482)
		x.add(x.text("passive DNS: ask TXT SUBJECT[._OPERATOR...]."+x.zone,
			"for example TXT www.example.com."+x.zone, "and TXT _status."+x.zone))
	default:
		x.negative(dns.RcodeSuccess)
	}
}

// soa is the zone's SOA. As in the empty zones of RFC 6303 the zone is its own
// name server: no name below it is left for one. The serial is the time.
func (x *exchange) soa() *dns.SOA {
	h := x.header(dns.TypeSOA)
	h.Name = x.zone
	return &dns.SOA{
		Hdr: h, Ns: x.zone, Mbox: "nobody.invalid.", Serial: uint32(clock.Now().Unix()),
		Refresh: 3600, Retry: 1200, Expire: 604800, Minttl: x.h.ttl,
	}
}

func (x *exchange) header(t uint16) dns.RR_Header {
	return dns.RR_Header{Name: x.qname(), Rrtype: t, Class: dns.ClassINET, Ttl: x.h.ttl}
}

// add appends a record to the answer.
func (x *exchange) add(rr dns.RR) { x.m.Answer = append(x.m.Answer, rr) }

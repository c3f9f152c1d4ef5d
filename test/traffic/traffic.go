// Package traffic makes responses as a resolver receives them, for benchmarks:
// names by popularity, A, AAAA and HTTPS, a chain now and then, name servers and
// glue behind one answer in three, and names and types that do not exist. The same
// seed makes the same traffic, and the same question is always answered the same.
package traffic

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"time"

	framestream "github.com/farsightsec/golang-framestream"
	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/dnstap"
	"example.org/pdns/plugin/pkg/rrset"
)

// When is the time of all that is made.
var When = time.Unix(1564617600, 0)

// Traffic makes responses. It is not safe for concurrent use.
type Traffic struct {
	rng     *rand.Rand
	popular *rand.Zipf
}

// New returns traffic about so many different names.
func New(seed uint64, names int) *Traffic {
	rng := rand.New(rand.NewPCG(seed, 1))
	return &Traffic{rng: rng, popular: rand.NewZipf(rng, 1.2, 1, uint64(names-1))}
}

// Response is the next one, in wire form, and the zone that it came from.
func (t *Traffic) Response() (wire, zone []byte, err error) {
	id := int(t.popular.Uint64())
	apex := fmt.Sprintf("zone%d.example.", id/7)
	m := new(dns.Msg)
	m.SetQuestion(fmt.Sprintf("host%d.%s", id, apex), [...]uint16{dns.TypeA, dns.TypeA, dns.TypeAAAA, dns.TypeHTTPS}[t.rng.IntN(4)])
	m.Response, m.Authoritative, m.Compress = true, true, true
	m.SetEdns0(1232, false)
	if id%10 == 9 {
		m.Rcode = dns.RcodeNameError
	} else {
		m.Answer = answer(m.Question[0], id)
	}
	switch {
	case len(m.Answer) == 0:
		m.Ns = []dns.RR{&dns.SOA{Hdr: header(apex, dns.TypeSOA, 300), Ns: "ns1." + apex, Mbox: "root." + apex, Serial: 1, Minttl: 300}}
	case id%3 == 0:
		for i, ns := range []string{"ns1." + apex, "ns2." + apex} {
			m.Ns = append(m.Ns, &dns.NS{Hdr: header(apex, dns.TypeNS, 3600), Ns: ns})
			m.Extra = append(m.Extra, &dns.A{Hdr: header(ns, dns.TypeA, 3600), A: net.IPv4(192, 0, 2, byte(i))})
		}
	}
	if wire, err = m.Pack(); err != nil {
		return nil, nil, err
	}
	zone, err = rrset.ParseName(apex)
	return wire, zone, err
}

func header(owner string, t uint16, ttl uint32) dns.RR_Header {
	return dns.RR_Header{Name: owner, Rrtype: t, Class: dns.ClassINET, Ttl: ttl}
}

func answer(q dns.Question, id int) []dns.RR {
	address := func(owner string, last int) dns.RR {
		return &dns.A{Hdr: header(owner, dns.TypeA, 300), A: net.IPv4(198, 51, byte(id>>8), byte(last))}
	}
	switch {
	case q.Qtype == dns.TypeHTTPS && id%4 == 0:
		alpn := &dns.SVCBAlpn{Alpn: []string{"h2", "h3"}}
		return []dns.RR{&dns.HTTPS{SVCB: dns.SVCB{Hdr: header(q.Name, dns.TypeHTTPS, 300), Priority: 1, Target: ".", Value: []dns.SVCBKeyValue{alpn}}}}
	case q.Qtype == dns.TypeHTTPS:
		return nil
	case q.Qtype == dns.TypeAAAA:
		ip := net.IP{0x20, 1, 0xd, 0xb8, 14: byte(id >> 8), 15: byte(id)}
		return []dns.RR{&dns.AAAA{Hdr: header(q.Name, dns.TypeAAAA, 300), AAAA: ip}}
	case id%5 == 1:
		edge := "edge." + q.Name
		return []dns.RR{&dns.CNAME{Hdr: header(q.Name, dns.TypeCNAME, 300), Target: edge}, address(edge, id), address(edge, id+1)}
	}
	return []dns.RR{address(q.Name, id)}
}

// Frame appends the next response as a frame of dnstap.
func (t *Traffic) Frame(dst []byte) ([]byte, error) {
	wire, zone, err := t.Response()
	if err != nil {
		return dst, err
	}
	return dnstap.Append(dst, &dnstap.Event{Type: dnstap.ResolverResponse, Time: When, Zone: zone, Response: wire}), nil
}

// Stream writes a frame stream of the next n responses.
func (t *Traffic) Stream(w io.Writer, n int) error {
	enc, err := framestream.NewEncoder(w, &framestream.EncoderOptions{ContentType: []byte(dnstap.ContentType)})
	if err != nil {
		return err
	}
	var frame []byte
	for range n {
		if frame, err = t.Frame(frame[:0]); err != nil {
			return err
		}
		if _, err := enc.Write(frame); err != nil {
			return err
		}
	}
	return enc.Close()
}

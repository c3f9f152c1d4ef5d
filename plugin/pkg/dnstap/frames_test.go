package dnstap_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	framestream "github.com/farsightsec/golang-framestream"
	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/dnstap"
	"example.org/pdns/plugin/pkg/rrset"
)

// when is the time of messages in tests.
var when = time.Unix(1564617600, 0)

// traffic makes frames like those of a resolver: names by popularity, A, AAAA and
// HTTPS, a chain now and then, name servers and glue behind one answer in three,
// and what does not exist.
type traffic struct {
	rng     *rand.Rand
	popular *rand.Zipf
}

func newTraffic(seed uint64, names int) *traffic {
	rng := rand.New(rand.NewPCG(seed, 1))
	return &traffic{rng: rng, popular: rand.NewZipf(rng, 1.2, 1, uint64(names-1))}
}

// frame is the next one; the same name is always answered the same.
func (g *traffic) frame(tb testing.TB) []byte {
	id := int(g.popular.Uint64())
	zone := fmt.Sprintf("zone%d.example.", id/7)
	m := new(dns.Msg)
	m.SetQuestion(fmt.Sprintf("host%d.%s", id, zone), [...]uint16{dns.TypeA, dns.TypeA, dns.TypeAAAA, dns.TypeHTTPS}[g.rng.IntN(4)])
	m.Response, m.Authoritative, m.Compress = true, true, true
	m.SetEdns0(1232, false)
	if id%10 == 9 {
		m.Rcode = dns.RcodeNameError
	} else {
		m.Answer = answer(tb, m.Question[0], id)
	}
	switch {
	case len(m.Answer) == 0:
		m.Ns = records(tb, zone+" 300 SOA ns1."+zone+" root."+zone+" 1 7200 900 1209600 300")
	case id%3 == 0:
		m.Ns = records(tb, zone+" 3600 NS ns1."+zone, zone+" 3600 NS ns2."+zone)
		m.Extra = append(m.Extra, records(tb, "ns1."+zone+" 3600 A 192.0.2.1", "ns2."+zone+" 3600 A 192.0.2.2")...)
	}
	wire, err := m.Pack()
	if err != nil {
		tb.Fatal(err)
	}
	return dnstap.Append(nil, &dnstap.Event{Type: dnstap.ResolverResponse, Time: when, Zone: rrset.MustName(zone), Response: wire})
}

func answer(tb testing.TB, q dns.Question, id int) []dns.RR {
	switch {
	case q.Qtype == dns.TypeHTTPS && id%4 == 0:
		return records(tb, q.Name+" 300 HTTPS 1 . alpn=h2,h3 ipv4hint=198.51.100.7")
	case q.Qtype == dns.TypeHTTPS:
		return nil
	case q.Qtype == dns.TypeAAAA:
		return records(tb, fmt.Sprintf("%s 300 AAAA 2001:db8::%x", q.Name, id&0xFFFF))
	case id%5 == 1:
		return records(tb, q.Name+" 300 CNAME edge."+q.Name, "edge."+q.Name+" 60 A 198.51.100.1", "edge."+q.Name+" 60 A 198.51.100.2")
	}
	return records(tb, fmt.Sprintf("%s 300 A 198.51.%d.%d", q.Name, id>>8&0xFF, id&0xFF))
}

func records(tb testing.TB, lines ...string) []dns.RR {
	rrs := make([]dns.RR, len(lines))
	for i, line := range lines {
		rr, err := dns.NewRR(line)
		if err != nil {
			tb.Fatal(err)
		}
		rrs[i] = rr
	}
	return rrs
}

// stream is a file of n frames.
func stream(tb testing.TB, n, names int) []byte {
	tb.Helper()
	var b bytes.Buffer
	enc, err := framestream.NewEncoder(&b, &framestream.EncoderOptions{ContentType: []byte(dnstap.ContentType)})
	if err != nil {
		tb.Fatal(err)
	}
	g := newTraffic(1, names)
	for range n {
		if _, err := enc.Write(g.frame(tb)); err != nil {
			tb.Fatal(err)
		}
	}
	if err := enc.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

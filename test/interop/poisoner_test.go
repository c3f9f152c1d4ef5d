package interop

import (
	"net"
	"testing"

	"github.com/miekg/dns"

	"example.org/pdns/test/lab"
)

// A poisoner speaks for poison.beta, and would like to be believed about others.
type poisoner struct{}

const poisonZone = "poison.beta."

// poisonTruth is what it may say.
var poisonTruth = rrs(
	"poison.beta. 600 IN SOA ns.poison.beta. hostmaster.poison.beta. 1 7200 3600 1209600 300",
	"poison.beta. 600 IN NS ns.poison.beta.",
	"ns.poison.beta. 600 IN A "+poisonerAddress,
	"www.poison.beta. 600 IN A 192.0.2.66",
	"alias.poison.beta. 600 IN CNAME www.plain.alpha.",
)

// What it may not: addresses and servers of others.
var (
	forgedAnswer     = rrs("www.plain.alpha. 600 IN A 192.0.2.66")
	forgedAuthority  = rrs("alpha. 600 IN NS ns.poison.beta.", "plain.alpha. 600 IN NS ns1.plain.alpha.")
	forgedAdditional = rrs(
		"ns1.plain.alpha. 600 IN A "+poisonerAddress,
		"www.signed.alpha. 600 IN A 192.0.2.66", "end.hosted.beta. 600 IN A 192.0.2.66",
	)
)

func startPoisoner(t *testing.T) {
	t.Helper()
	address := net.JoinHostPort(poisonerAddress, "53")
	packets, err := net.ListenPacket("udp", address)
	if err != nil {
		t.Fatal(err)
	}
	streams, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	lab.Serve(t, &dns.Server{PacketConn: packets, Handler: poisoner{}})
	lab.Serve(t, &dns.Server{Listener: streams, Handler: poisoner{}})
}

// ServeDNS implements dns.Handler.
func (poisoner) ServeDNS(w dns.ResponseWriter, req *dns.Msg) {
	m := new(dns.Msg).SetReply(req)
	m.Authoritative = true
	if opt := req.IsEdns0(); opt != nil {
		m.SetEdns0(1232, opt.Do())
	}
	q := req.Question[0]
	for _, rr := range poisonTruth {
		h := rr.Header()
		if dns.CanonicalName(q.Name) == h.Name && (h.Rrtype == q.Qtype || h.Rrtype == dns.TypeCNAME) {
			m.Answer = append(m.Answer, rr)
		}
	}
	if len(m.Answer) == 0 {
		m.Ns = append(m.Ns, poisonTruth[0])
	} else {
		m.Answer = append(m.Answer, forgedAnswer...)
		m.Ns = append(m.Ns, poisonTruth[1])
	}
	m.Ns = append(m.Ns, forgedAuthority...)
	m.Extra = append(m.Extra, poisonTruth[2])
	m.Extra = append(m.Extra, forgedAdditional...)
	_ = w.WriteMsg(m) // the resolver is gone: nothing to tell it
}

func rrs(lines ...string) []dns.RR {
	var all []dns.RR
	for _, line := range lines {
		rr, err := dns.NewRR(line)
		if err != nil {
			panic(err) // these lines are of this file
		}
		all = append(all, rr)
	}
	return all
}

package e2e

import (
	"testing"

	"github.com/miekg/dns"

	"example.org/pdns/test/lab"
)

// A poisoner answers for poison.test and attaches to every answer what it would
// like to be true of others.
type poisoner struct{ Addr string }

func newPoisoner(t testing.TB) *poisoner {
	t.Helper()
	packets, streams := lab.Listen(t, "127.0.0.6")
	p := &poisoner{Addr: packets.LocalAddr().String()}
	lab.Serve(t, &dns.Server{PacketConn: packets, Handler: p})
	lab.Serve(t, &dns.Server{Listener: streams, Handler: p})
	return p
}

// foreign is what no history may hold.
var foreign = []string{"victim.test", "bank.test"}

// ServeDNS implements dns.Handler.
func (p *poisoner) ServeDNS(w dns.ResponseWriter, req *dns.Msg) {
	m := new(dns.Msg).SetReply(req)
	m.Authoritative = true
	q := req.Question[0]
	if q.Qtype == dns.TypeA {
		m.Answer = []dns.RR{rr(q.Name + " 60 A 192.0.2.66"), rr("www.bank.test. 60 A 192.0.2.66")}
	}
	m.Ns = []dns.RR{
		rr("poison.test. 60 NS ns.poison.test."), rr("bank.test. 60 NS ns.poison.test."), rr("plain.test. 60 NS ns.poison.test."),
	}
	m.Extra = []dns.RR{
		rr("ns.poison.test. 60 A 127.0.0.6"), rr("www.victim.test. 60 A 192.0.2.66"), rr("www.plain.test. 60 A 192.0.2.66"),
	}
	_ = w.WriteMsg(m)
}

func rr(s string) dns.RR {
	r, err := dns.NewRR(s)
	if err != nil {
		panic(err)
	}
	return r
}

package lab

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// patience is how long a test waits for something that must happen.
const patience = 20 * time.Second

// Exchange asks addr over udp or tcp, from the loopback address from if that is
// not empty.
func Exchange(network, addr, from string, m *dns.Msg) (*dns.Msg, error) {
	c := &dns.Client{Net: network, Timeout: patience, UDPSize: dns.MaxMsgSize}
	if from != "" {
		ip := net.ParseIP(from)
		c.Dialer = &net.Dialer{Timeout: patience, LocalAddr: &net.UDPAddr{IP: ip}}
		if network == "tcp" {
			c.Dialer.LocalAddr = &net.TCPAddr{IP: ip}
		}
	}
	r, _, err := c.Exchange(m, addr)
	return r, err
}

// Ask asks addr by UDP, and again by TCP where the answer is truncated.
func Ask(t testing.TB, addr, name string, qtype uint16) *dns.Msg {
	t.Helper()
	m := new(dns.Msg).SetQuestion(dns.Fqdn(name), qtype)
	m.SetEdns0(1232, false)
	r, err := Exchange("udp", addr, "", m)
	if err == nil && r.Truncated {
		r, err = Exchange("tcp", addr, "", m)
	}
	if err != nil {
		t.Fatalf("%s %s at %s: %v", name, dns.Type(qtype), addr, err)
	}
	return r
}

// Strings is what the TXT records of an answer hold, a line a record, without
// the backslashes that keep quotes apart from the strings' own.
func Strings(m *dns.Msg) []string {
	plain := strings.NewReplacer(`\"`, `"`, `\\`, `\`)
	var lines []string
	for _, rr := range m.Answer {
		if txt, ok := rr.(*dns.TXT); ok {
			lines = append(lines, plain.Replace(strings.Join(txt.Txt, " | ")))
		}
	}
	return lines
}

// ShortRR is a record in presentation form without its class.
func ShortRR(rr dns.RR) string {
	h := rr.Header()
	rdata := strings.TrimPrefix(rr.String(), h.String())
	return strings.TrimSpace(fmt.Sprintf("%s %d %s %s", h.Name, h.Ttl, dns.Type(h.Rrtype), rdata))
}

// Wait calls cond until it is true.
func Wait(t testing.TB, what string, cond func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !cond() {
		if time.Now().After(deadline) {
			t.Fatalf("waited %v in vain: %s", patience, what)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

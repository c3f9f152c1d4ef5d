// Package lab is what the tests of whole programs share: an upstream name
// server that answers from a table, the project's binaries and their processes,
// and questions to them.
package lab

import (
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/miekg/dns"
)

// An Upstream is an authoritative server on a loopback port, UDP and TCP, that
// answers from a table in the form that ParseAnswers reads. What it was never
// told about it refuses.
type Upstream struct {
	Addr string // address and port

	mu      sync.Mutex
	answers map[dns.Question]Answer
	asked   []string
	down    bool
}

// NewUpstream starts an upstream that lives as long as the test.
func NewUpstream(t testing.TB) *Upstream {
	t.Helper()
	u := &Upstream{answers: map[dns.Question]Answer{}}
	packets, streams := Listen(t, "127.0.0.1")
	u.Addr = packets.LocalAddr().String()
	Serve(t, &dns.Server{PacketConn: packets, Handler: u})
	Serve(t, &dns.Server{Listener: streams, Handler: u})
	return u
}

// Listen takes a port that is free for UDP and TCP at ip.
func Listen(t testing.TB, ip string) (net.PacketConn, net.Listener) {
	t.Helper()
	for range 20 {
		packets, err := net.ListenPacket("udp", net.JoinHostPort(ip, "0"))
		if err != nil {
			t.Fatal(err)
		}
		streams, err := net.Listen("tcp", packets.LocalAddr().String())
		if err == nil {
			return packets, streams
		}
		_ = packets.Close() // somebody else has the TCP port
	}
	t.Fatalf("no port is free at %s", ip)
	return nil, nil
}

// Serve runs a DNS server until the end of the test.
func Serve(t testing.TB, s *dns.Server) {
	ready := make(chan struct{})
	s.NotifyStartedFunc = func() { close(ready) }
	done := make(chan error, 1)
	go func() { done <- s.ActivateAndServe() }()
	select {
	case <-ready:
	case err := <-done:
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = s.Shutdown() // an error says only that it was stopped before
		<-done
	})
}

// Set adds answers, replacing those of the same questions.
func (u *Upstream) Set(text string) error {
	answers, err := ParseAnswers(text)
	if err != nil {
		return err
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	for q, a := range answers {
		u.answers[q] = a
	}
	return nil
}

// Down makes the upstream silent, or lets it speak again.
func (u *Upstream) Down(down bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.down = down
}

// Asked returns the questions that came in since the last call, in order.
func (u *Upstream) Asked() []string {
	u.mu.Lock()
	defer u.mu.Unlock()
	asked := u.asked
	u.asked = nil
	return asked
}

// ServeDNS implements dns.Handler.
func (u *Upstream) ServeDNS(w dns.ResponseWriter, req *dns.Msg) {
	m := u.reply(req)
	if m == nil {
		return
	}
	if w.LocalAddr().Network() == "udp" {
		size := dns.MinMsgSize
		if opt := req.IsEdns0(); opt != nil {
			size = int(opt.UDPSize())
		}
		m.Truncate(size)
	}
	_ = w.WriteMsg(m) // the client is gone: nothing to tell it
}

func (u *Upstream) reply(req *dns.Msg) *dns.Msg {
	u.mu.Lock()
	defer u.mu.Unlock()
	q := req.Question[0]
	u.asked = append(u.asked, fmt.Sprintf("%s %s", q.Name, dns.Type(q.Qtype)))
	if u.down {
		return nil
	}
	q.Name = strings.ToLower(q.Name)
	a, ok := u.answers[q]
	if !ok {
		return new(dns.Msg).SetRcode(req, dns.RcodeRefused)
	}
	return a.reply(req)
}

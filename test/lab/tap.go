package lab

import (
	"crypto/tls"
	"fmt"
	"net"
	"testing"
	"time"

	framestream "github.com/farsightsec/golang-framestream"
	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/dnstap"
)

// A Tap sends dnstap, as a resolver does that waits for the replies of the
// handshake. It is for one goroutine.
type Tap struct {
	conn net.Conn
	w    *framestream.Writer
}

// DialTap connects to a collector, by TLS if conf is not nil.
func DialTap(network, addr string, conf *tls.Config) (*Tap, error) {
	conn, err := net.Dial(network, addr)
	if err != nil {
		return nil, err
	}
	if conf != nil {
		conn = tls.Client(conn, conf)
	}
	w, err := framestream.NewWriter(conn, &framestream.WriterOptions{
		ContentTypes: [][]byte{[]byte(dnstap.ContentType)}, Bidirectional: true, Timeout: time.Minute,
	})
	if err != nil {
		conn.Close()
		return nil, err
	}
	return &Tap{conn, w}, nil
}

// NewTap is DialTap for a test, which ends it.
func NewTap(t testing.TB, network, addr string) *Tap {
	t.Helper()
	tap, err := DialTap(network, addr, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tap.conn.Close() })
	return tap
}

// Frame sends a frame, whatever is in it. It may stay in a buffer until Flush.
func (p *Tap) Frame(frame []byte) error {
	_, err := p.w.WriteFrame(frame)
	return err
}

// Flush sends what is in the buffer.
func (p *Tap) Flush() error { return p.w.Flush() }

// Close says that this was all, waits until the collector has read it, and hangs
// up.
func (p *Tap) Close() error {
	err := p.w.Close()
	p.conn.Close()
	return err
}

// Event is a message that a resolver was told, now, about a zone; nil if it does
// not say which.
func Event(t testing.TB, m *dns.Msg, at time.Time, zone []byte) *dnstap.Event {
	t.Helper()
	wire, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	return &dnstap.Event{Type: dnstap.ResolverResponse, Time: at, Zone: zone, Response: wire}
}

// Response is one with these records in its answer section; the first owns
// the name that was asked for.
func Response(t testing.TB, records ...string) *dns.Msg {
	t.Helper()
	m := new(dns.Msg)
	for _, r := range records {
		rr, err := dns.NewRR(r)
		if err != nil {
			t.Fatal(err)
		}
		m.Answer = append(m.Answer, rr)
	}
	m.SetQuestion(m.Answer[0].Header().Name, m.Answer[0].Header().Rrtype)
	m.Response, m.RecursionDesired = true, false
	return m
}

// ParseResponse reads one response, in the form of ParseAnswers.
func ParseResponse(text string) (*dns.Msg, error) {
	answers, err := ParseAnswers(text)
	if err != nil {
		return nil, err
	}
	if len(answers) != 1 {
		return nil, fmt.Errorf("%d questions, want one", len(answers))
	}
	var m *dns.Msg
	for q, a := range answers {
		m = a.reply(new(dns.Msg).SetQuestion(q.Name, q.Qtype))
	}
	m.RecursionDesired = false
	return m, nil
}

package sender_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	framestream "github.com/farsightsec/golang-framestream"
	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/dnstap"
	"example.org/pdns/plugin/pkg/dnstap/sender"
	"example.org/pdns/plugin/pkg/intake"
	"example.org/pdns/plugin/pkg/observation"
)

// patience is how long a test waits for what must happen.
const patience = 20 * time.Second

var when = time.Unix(1564617600, 123456789)

// A collector takes one connection after another, and keeps every octet.
type collector struct {
	net.Listener
	mu     sync.Mutex
	octets bytes.Buffer
	events chan dnstap.Event // what has come
	ends   chan error        // how streams ended
}

func collect(t *testing.T, l net.Listener, err error) *collector {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	c := &collector{Listener: l, events: make(chan dnstap.Event, 1000), ends: make(chan error, 10)}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			c.ends <- c.serve(conn)
			conn.Close()
		}
	})
	t.Cleanup(func() {
		l.Close()
		serving.Wait()
	})
	return c
}

func (c *collector) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.octets.Write(b)
}

func (c *collector) serve(conn net.Conn) error {
	s, err := dnstap.NewStream(io.TeeReader(conn, c), conn)
	if err != nil {
		return err
	}
	w := intake.Start(1, func(b *intake.Batch) {
		for frame := range b.All {
			var e dnstap.Event
			if err := dnstap.Parse(bytes.Clone(frame), &e); err != nil {
				return
			}
			c.events <- e
			if e.Identity != nil && string(e.Identity) == "hang up" {
				conn.Close()
			}
		}
	})
	defer w.Close()
	for {
		if err := s.Wait(); err != nil {
			return err
		}
		b := w.Get()
		s.Fill(b)
		w.Put(b)
	}
}

func (c *collector) next(t *testing.T) dnstap.Event {
	t.Helper()
	select {
	case e := <-c.events:
		return e
	case <-time.After(patience):
		t.Fatal("no event")
		return dnstap.Event{}
	}
}

// response is one that tells of its client in every way there is.
func response(t testing.TB, name string) []byte {
	t.Helper()
	m := new(dns.Msg).SetQuestion(name, dns.TypeA)
	m.Id, m.Response, m.RecursionDesired, m.CheckingDisabled = 0xbeef, true, true, true
	m.Answer = []dns.RR{&dns.A{Hdr: dns.RR_Header{Name: name, Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: 300}, A: net.IPv4(192, 0, 2, 1)}}
	m.SetEdns0(1232, true)
	m.IsEdns0().Option = []dns.EDNS0{
		&dns.EDNS0_SUBNET{Code: dns.EDNS0SUBNET, Family: 1, SourceNetmask: 32, Address: net.IPv4(203, 0, 113, 77).To4()},
		&dns.EDNS0_COOKIE{Code: dns.EDNS0COOKIE, Cookie: "a1b2c3d4e5f60718"},
	}
	wire, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	return wire
}

func closeSoon(s *sender.Sender) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	s.Close(ctx)
}

// TestSend sends over each transport, and looks at every octet.
func TestSend(t *testing.T) {
	server := httptest.NewUnstartedServer(nil)
	server.StartTLS()
	defer server.Close()
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	for _, c := range []struct {
		name, network, address string
		server, client         *tls.Config
	}{
		{"tcp", "tcp", "127.0.0.1:0", nil, nil},
		{"unix", "unix", filepath.Join(t.TempDir(), "socket"), nil, nil},
		{"tls", "tcp", "127.0.0.1:0", &tls.Config{Certificates: server.TLS.Certificates}, &tls.Config{RootCAs: roots, ServerName: "example.com"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, err := net.Listen(c.network, c.address)
			if err == nil && c.server != nil {
				l = tls.NewListener(l, c.server)
			}
			col := collect(t, l, err)
			s := sender.New(sender.Options{Network: c.network, Address: l.Addr().String(), TLS: c.client, Identity: []byte("sensor 1")})
			for _, name := range []string{"One.eXample.", "tWo.example."} {
				if err := s.Send(response(t, name), when); err != nil {
					t.Fatal(err)
				}
			}
			closeSoon(s)
			for _, name := range []string{"one.example.", "two.example."} {
				col.check(t, name)
			}
			if err := <-col.ends; err != io.EOF {
				t.Errorf("the stream ended with %v, want STOP", err)
			}
			if got := s.Stats(); got != (sender.Stats{Sent: 2}) {
				t.Errorf("%+v", got)
			}
			col.checkOctets(t)
		})
	}
}

// check checks the event about a name that comes next.
func (c *collector) check(t *testing.T, name string) {
	t.Helper()
	e := c.next(t)
	if e.Type != dnstap.ResolverResponse || !e.Time.Equal(when) || string(e.Identity) != "sensor 1" || e.Zone != nil {
		t.Errorf("%+v", e)
	}
	m := new(dns.Msg)
	if err := m.Unpack(e.Response); err != nil {
		t.Fatal(err)
	}
	if m.Question[0].Name != name || len(m.Answer) != 1 || m.Answer[0].Header().Name != name || m.Id != 0 || len(m.Extra) > 0 || m.RecursionDesired {
		t.Errorf("%v", m)
	}
}

// checkOctets looks for what tells of the client.
func (c *collector) checkOctets(t *testing.T) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	for what, trace := range map[string]string{
		"id": "\xbe\xef", "ECS": "\xcb\x00\x71\x4d", "cookie": "\xa1\xb2\xc3\xd4", "letters": "eXample", "other letters": "tWo",
	} {
		if bytes.Contains(c.octets.Bytes(), []byte(trace)) {
			t.Errorf("%s leaves: %x", what, c.octets.Bytes())
		}
	}
	if !bytes.Contains(c.octets.Bytes(), []byte("example")) {
		t.Error("the search does not even find the name that is there")
	}
}

func TestLeftOut(t *testing.T) {
	s := sender.New(sender.Options{Network: "unix", Address: filepath.Join(t.TempDir(), "none")})
	defer closeSoon(s)
	query := response(t, "www.example.")
	query[2] &^= 0x80
	var why observation.LeftOut
	if err := s.Send(query, when); !errors.As(err, &why) || why.Why != observation.NotResponse {
		t.Errorf("a query: %v", err)
	}
	if err := s.Send([]byte("no DNS"), when); !errors.As(err, &why) {
		t.Errorf("octets: %v", err)
	}
}

// TestReconnect: a sender comes back after the collector has hung up.
func TestReconnect(t *testing.T) {
	path := filepath.Join(t.TempDir(), "socket")
	reports := make(chan error, 100)
	s := sender.New(sender.Options{Network: "unix", Address: path, Identity: []byte("hang up"), Report: func(err error) { reports <- err }})
	if err := <-reports; err == nil {
		t.Error("connected to nobody")
	}
	if err := s.Send(response(t, "one.example."), when); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", path)
	col := collect(t, l, err)
	col.next(t)
	<-col.ends
	if err := s.Send(response(t, "two.example."), when); err != nil {
		t.Fatal(err)
	}
	col.next(t)
	closeSoon(s)
	if got := s.Stats(); got.Shed != 0 {
		t.Errorf("%+v", got)
	}
}

// TestShed: what the buffer has no room for is counted, and nobody waits.
func TestShed(t *testing.T) {
	s := sender.New(sender.Options{Network: "unix", Address: filepath.Join(t.TempDir(), "none"), Buffer: 1000})
	const n = 100
	for range n {
		if err := s.Send(response(t, "www.example."), when); err != nil {
			t.Fatal(err)
		}
	}
	some := s.Stats().Shed
	if some == 0 || some == n {
		t.Errorf("%d of %d shed", some, n)
	}
	closeSoon(s)
	if got := s.Stats(); got != (sender.Stats{Shed: n}) {
		t.Errorf("%+v at the end", got)
	}
}

// TestSilentCollector: one that never replies does not hold the sender up at its
// end.
func TestSilentCollector(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	s := sender.New(sender.Options{Network: "tcp", Address: l.Addr().String()})
	conn, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	s.Close(ctx)
	s.Close(ctx) // does no harm
}

// TestNoReader: a collector that does not read makes the sender shed, and is given
// up at the end.
func TestNoReader(t *testing.T) {
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "socket"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	s := sender.New(sender.Options{Network: "unix", Address: l.Addr().String(), Buffer: 10_000})
	conn, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := dnstap.NewStream(conn, conn); err != nil {
		t.Fatal(err)
	}
	n := uint64(0)
	for ; s.Stats().Shed == 0 || s.Stats().Sent == 0; n++ {
		if err := s.Send(response(t, "www.example."), when); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	s.Close(ctx)
	if got := s.Stats(); got.Sent+got.Shed != n || got.Sent == 0 {
		t.Errorf("%+v of %d", got, n)
	}
}

// TestNoCollector: somebody else listens there.
func TestNoCollector(t *testing.T) {
	for name, reply := range map[string]func(net.Conn){
		"another protocol": func(c net.Conn) { io.WriteString(c, "220 mail.example ESMTP\r\n") },
		"another content": func(c net.Conn) {
			accept := framestream.ControlFrame{ControlType: framestream.CONTROL_ACCEPT}
			accept.SetContentType([]byte("protobuf:other"))
			accept.Encode(c)
		},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			reports := make(chan error, 100)
			s := sender.New(sender.Options{Network: "tcp", Address: l.Addr().String(), Report: func(err error) { reports <- err }})
			defer closeSoon(s)
			conn, err := l.Accept()
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			reply(conn)
			if err := <-reports; err == nil || !strings.Contains(err.Error(), "collector") {
				t.Errorf("%v", err)
			}
			l.Close()
		})
	}
}

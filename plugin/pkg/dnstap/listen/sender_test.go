package listen_test

import (
	"bytes"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	golangdnstap "github.com/dnstap/golang-dnstap"

	"example.org/pdns/plugin/pkg/dnstap"
	"example.org/pdns/plugin/pkg/dnstap/listen"
	"example.org/pdns/test/lab"
)

// TestHandshakes: senders that wait for replies and senders that just send, by
// every kind of socket.
func TestHandshakes(t *testing.T) {
	for _, addr := range []listen.Address{unixAddress(t), tcpAddress(t)} {
		s := newSite(t, addr, listen.Config{})
		sendGood(t, addr)
		c := dial(t, addr)
		write(t, c, concat(begin, data("one"), data("two"), stop))
		c.Close()
		eventually(t, "everything is taken", func() bool { return s.taken() == 3 })
		eventually(t, "both are done", func() bool { return s.ended(listen.Finished) == 2 })
	}
}

// TestConnected: the receiver is told who has got through the handshake, and how
// many are there.
func TestConnected(t *testing.T) {
	s := newSite(t, unixAddress(t), listen.Config{})
	for n := range 3 {
		write(t, dial(t, s.addr), begin)
		eventually(t, "it is told", func() bool { return slices.Equal(s.present(), []int{1, 2, 3}[:n+1]) })
	}
	sendGood(t, s.addr)
	eventually(t, "it is told of the end", func() bool { return slices.Equal(s.present(), []int{1, 2, 3, 4, 3}) })
}

// short are times that no sender waits for in vain.
var short = listen.Config{}.Within(250 * time.Millisecond)

// TestBadSenders: each is ended for its reason, and nobody else notices.
func TestBadSenders(t *testing.T) {
	huge := binary.BigEndian.AppendUint32(nil, 1<<31)
	long := strings.Repeat("x", dnstap.MaxFrame+1)
	for _, tc := range []struct {
		name      string
		sends     []byte
		hangsUp   bool
		want      listen.End
		frames    int
		oversized uint64
	}{
		{"silence", nil, false, listen.HandshakeTimeout, 0, 0},
		{"nothing", nil, true, listen.NotDnstap, 0, 0},
		{"half a READY", ready[:11], false, listen.HandshakeTimeout, 0, 0},
		{"half a READY, cut off", ready[:11], true, listen.NotDnstap, 0, 0},
		{"no START", ready, false, listen.HandshakeTimeout, 0, 0},
		{"other content", control(4, "protobuf:other"), false, listen.NotDnstap, 0, 0},
		{"other content, at once", control(2, "protobuf:other"), false, listen.NotDnstap, 0, 0},
		{"STOP at first", stop, false, listen.NotDnstap, 0, 0},
		{"HTTP", []byte("GET / HTTP/1.1\r\nHost: example\r\n\r\n"), false, listen.NotDnstap, 0, 0},
		{"a control frame that is too long", concat(begin, make([]byte, 4), huge), false, listen.NotDnstap, 0, 0},
		{"half a length", concat(begin, data("a"), []byte{0, 0}), false, listen.FrameTimeout, 1, 0},
		{"half a length, cut off", concat(begin, data("a"), []byte{0, 0}), true, listen.CutOff, 1, 0},
		{"half a frame", concat(begin, data("a"), data("bcd")[:5]), false, listen.FrameTimeout, 1, 0},
		{"half a frame, cut off", concat(begin, data("a"), data("bcd")[:5]), true, listen.CutOff, 1, 0},
		{"half a STOP", concat(begin, data("a"), stop[:9]), false, listen.FrameTimeout, 1, 0},
		{"an oversized frame", concat(begin, data(long), data("a")), true, listen.Finished, 1, 1},
		{"two of them", concat(begin, data(long), data("a"), data(long)), true, listen.Finished, 1, 2},
		{"an oversized frame without an end", concat(begin, huge, []byte(long)), false, listen.FrameTimeout, 0, 1},
		{"an oversized frame, cut off", concat(begin, huge, []byte(long)), true, listen.CutOff, 0, 1},
		{"empty", begin, true, listen.Finished, 0, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newSite(t, unixAddress(t), short)
			c := dial(t, s.addr)
			write(t, c, tc.sends)
			if tc.hangsUp {
				c.Close()
			}
			sendGood(t, s.addr)
			eventually(t, "both have ended", func() bool { return s.connections() == 0 && s.endings() == 2 })
			eventually(t, "what is good is taken", func() bool { return s.taken() == tc.frames+1 })
			s.mu.Lock()
			defer s.mu.Unlock()
			if s.oversized != tc.oversized {
				t.Errorf("%d oversized frames, want %d", s.oversized, tc.oversized)
			}
			want := [listen.Ends]int{listen.Finished: 1}
			want[tc.want]++
			if s.ends != want {
				t.Errorf("ended %v, want %v: %v", s.ends, want, s.errors)
			}
		})
	}
}

// TestIdleSender: between frames a sender may be silent for longer than a frame may
// take, whatever kind of frame was the last.
func TestIdleSender(t *testing.T) {
	unknown := control(77)
	for name, last := range map[string][]byte{
		"START": begin, "a frame": concat(begin, data("a")), "a control frame": concat(begin, unknown),
		"an oversized frame": concat(begin, data(strings.Repeat("x", dnstap.MaxFrame+1))),
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, unixAddress(t), short)
			idle := dial(t, s.addr)
			write(t, idle, last)
			before := s.taken()
			// By the time that another one, which comes later, has been ended for its
			// silence, the idle one has been silent for as long.
			slow := dial(t, s.addr)
			write(t, slow, concat(begin, []byte{0}))
			eventually(t, "the slow one has ended", func() bool { return s.ended(listen.FrameTimeout) == 1 })
			write(t, idle, concat(data("late"), stop))
			idle.Close()
			eventually(t, "the idle one is done", func() bool { return s.ended(listen.Finished) == 1 && s.taken() > before })
		})
	}
}

// TestManyStopMidFrame: they hold no batch, of which there are few.
func TestManyStopMidFrame(t *testing.T) {
	s := newSite(t, unixAddress(t), listen.Config{})
	for range 200 {
		write(t, dial(t, s.addr), concat(begin, data("whole"), data("half")[:6]))
	}
	eventually(t, "whole frames are taken", func() bool { return s.taken() == 200 })
	sendGood(t, s.addr)
	eventually(t, "a good sender gets through", func() bool { return s.taken() == 201 })
}

// TestBackPressure: while nothing can be taken senders wait, and nothing is lost.
func TestBackPressure(t *testing.T) {
	r := &receiver{hold: make(chan struct{})}
	s := newSite(t, unixAddress(t), listen.Config{Receiver: r})
	const senders, each = 4, 20000
	stream := concat(begin, bytes.Repeat(data(strings.Repeat("x", 200)), each), stop)
	var stuck, sending sync.WaitGroup
	stuck.Add(senders)
	for range senders {
		c := dial(t, s.addr)
		sending.Go(func() {
			rest, err := writeUntilStuck(c, stream)
			stuck.Done()
			if err != nil {
				t.Error(err)
			} else if _, err := c.Write(rest); err != nil {
				t.Error(err)
			}
			c.Close()
		})
	}
	stuck.Wait()
	eventually(t, "every worker is held", func() bool { return int(r.held.Load()) == runtime.GOMAXPROCS(0) })
	close(r.hold)
	sending.Wait()
	eventually(t, "everything is taken", func() bool { return r.taken() == senders*each })
}

// writeUntilStuck writes until nobody has read an octet for a while, and returns
// what is left to write.
func writeUntilStuck(c net.Conn, octets []byte) ([]byte, error) {
	for len(octets) > 0 {
		if err := c.SetWriteDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
			return nil, err
		}
		n, err := c.Write(octets)
		octets = octets[n:]
		switch {
		case err == nil:
		case !errors.Is(err, os.ErrDeadlineExceeded):
			return nil, err
		case n == 0:
			return octets, c.SetWriteDeadline(time.Time{})
		}
	}
	return nil, errors.New("all is sent, though nothing can be taken")
}

// sendMany sends frames of about the usual length.
func sendMany(a listen.Address, n int) error {
	p, err := lab.DialTap(a.Network, a.Name, nil)
	if err != nil {
		return err
	}
	frame := make([]byte, 200)
	for i := range n {
		binary.BigEndian.PutUint64(frame, uint64(i))
		if err := p.Frame(frame); err != nil {
			return fmt.Errorf("frame %d: %w", i, err)
		}
	}
	return p.Close()
}

// TestTLS: with and without certificates of clients.
func TestTLS(t *testing.T) {
	authority, stranger := lab.NewAuthority(t), lab.NewAuthority(t)
	server := authority.Certificate("server")
	anybody := &tls.Config{Certificates: []tls.Certificate{server}}
	known := &tls.Config{Certificates: anybody.Certificates, ClientCAs: authority.Pool, ClientAuth: tls.RequireAndVerifyClientCert}
	without := &tls.Config{RootCAs: authority.Pool, ServerName: "127.0.0.1"}
	with := func(a *lab.Authority) *tls.Config {
		c := without.Clone()
		cert := a.Certificate("client")
		c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &cert, nil }
		return c
	}
	for _, tc := range []struct {
		name           string
		server, client *tls.Config
		want           listen.End
	}{
		{"anybody", anybody, without, listen.Finished},
		{"a client that is known", known, with(authority), listen.Finished},
		{"a client that is not", known, with(stranger), listen.NoTLS},
		{"a client without certificate", known, without, listen.NoTLS},
		{"a client without TLS", anybody, nil, listen.NoTLS},
		{"a client without TLS", nil, without, listen.NotDnstap},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newSite(t, tcpAddress(t), listen.Config{TLS: tc.server})
			p, err := lab.DialTap("tcp", s.addr.Name, tc.client)
			if err == nil {
				err = p.Close()
			}
			if (err == nil) != (tc.want == listen.Finished) {
				t.Errorf("the client got %v", err)
			}
			eventually(t, tc.want.String(), func() bool { return s.ended(tc.want) == 1 })
		})
	}
}

// TestSilentTLS: a client that does not get through the handshake of TLS is ended,
// and holds up nobody.
func TestSilentTLS(t *testing.T) {
	authority := lab.NewAuthority(t)
	conf := short
	conf.TLS = &tls.Config{Certificates: []tls.Certificate{authority.Certificate("server")}}
	s := newSite(t, tcpAddress(t), conf)
	dial(t, s.addr)
	eventually(t, "its time is over", func() bool { return s.ended(listen.HandshakeTimeout) == 1 })
}

// TestGolangDnstap: the sender of the library that others use.
func TestGolangDnstap(t *testing.T) {
	s := newSite(t, unixAddress(t), listen.Config{})
	out, err := golangdnstap.NewFrameStreamSockOutput(&net.UnixAddr{Net: "unix", Name: s.addr.Name})
	if err != nil {
		t.Fatal(err)
	}
	go out.RunOutputLoop()
	const n = 1000
	for i := range n {
		out.GetOutputChannel() <- dnstap.Append(nil, &dnstap.Event{Type: dnstap.ResolverResponse, Response: make([]byte, 32+i%100)})
	}
	out.Close()
	eventually(t, "everything is taken", func() bool { return s.taken() == n })
	eventually(t, "it is done", func() bool { return s.ended(listen.Finished) == 1 })
}

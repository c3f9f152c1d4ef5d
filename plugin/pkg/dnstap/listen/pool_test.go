package listen_test

import (
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"example.org/pdns/plugin/pkg/dnstap/listen"
	"example.org/pdns/test/lab"
)

// TestReload: senders at full speed notice nothing while holders come and go, and
// every frame is taken once, by a receiver that is in force.
func TestReload(t *testing.T) {
	wantNoLeak(t)
	var pool listen.Pool
	addr := unixAddress(t)
	receivers := []*receiver{{}}
	hold := func() {
		if err := pool.Hold(receivers[len(receivers)-1], addr, listen.Config{Receiver: receivers[len(receivers)-1]}); err != nil {
			t.Fatal(err)
		}
	}
	hold()
	const senders, each = 3, 50000
	var sent atomic.Int32
	errs := make(chan error, senders)
	for range senders {
		go func() { errs <- sendMany(addr, each); sent.Add(1) }()
	}
	for sent.Load() < senders {
		old := receivers[len(receivers)-1]
		receivers = append(receivers, new(receiver))
		hold()
		pool.Release(old)
		if n := old.taken(); n != old.taken() {
			t.Error("a receiver is given frames after it was let go of")
		}
	}
	for range senders {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	last := receivers[len(receivers)-1]
	pool.Release(last)
	total, ends := 0, 0
	for _, r := range receivers {
		total += r.taken()
		ends += r.ended(listen.Finished)
	}
	if total != senders*each || ends != senders || len(receivers) < 3 {
		t.Errorf("%d frames and %d ends at %d receivers, want %d and %d", total, ends, len(receivers), senders*each, senders)
	}
}

// TestNewestInForce: a newer holder changes nothing until one lets go; one that
// fails in between leaves no trace.
func TestNewestInForce(t *testing.T) {
	s := newSite(t, unixAddress(t), listen.Config{})
	failed, next := new(receiver), new(receiver)
	for _, r := range []*receiver{failed, next} {
		if err := s.pool.Hold(r, s.addr, listen.Config{Receiver: r}); err != nil {
			t.Fatal(err)
		}
		sendGood(t, s.addr)
		if r == failed {
			s.pool.Release(failed)
			sendGood(t, s.addr)
		}
	}
	eventually(t, "the old one takes", func() bool { return s.taken() == 3 })
	s.pool.Release(s)
	sendGood(t, s.addr)
	eventually(t, "the next one takes", func() bool { return next.taken() == 1 })
	if n := failed.taken(); n != 0 {
		t.Errorf("the failed one took %d frames", n)
	}
	s.pool.Release(next)
	if n := len(s.pool.Listeners()); n != 0 {
		t.Errorf("%d listeners are left", n)
	}
}

// TestHoldFails: what cannot be opened changes nothing.
func TestHoldFails(t *testing.T) {
	s := newSite(t, tcpAddress(t), listen.Config{})
	var other listen.Pool
	if err := other.Hold(t, s.addr, listen.Config{Receiver: new(receiver)}); err == nil {
		t.Error("two listeners at one address")
	}
	if n := len(other.Listeners()); n != 0 {
		t.Errorf("%d listeners are open", n)
	}
	sendGood(t, s.addr)
}

// TestBeginToSpeakTLS: who was connected without is not served any more.
func TestBeginToSpeakTLS(t *testing.T) {
	authority := lab.NewAuthority(t)
	s := newSite(t, tcpAddress(t), listen.Config{})
	plain := dial(t, s.addr)
	write(t, plain, concat(begin, data("a")))
	eventually(t, "it is connected", func() bool { return s.taken() == 1 })
	next := new(receiver)
	conf := listen.Config{Receiver: next, TLS: &tls.Config{Certificates: []tls.Certificate{authority.Certificate("server")}}}
	if err := s.pool.Hold(next, s.addr, conf); err != nil {
		t.Fatal(err)
	}
	s.pool.Release(s)
	defer s.pool.Release(next)
	eventually(t, "it is ended", func() bool { return next.ended(listen.Shutdown) == 1 })
	p, err := lab.DialTap("tcp", s.addr.Name, &tls.Config{RootCAs: authority.Pool, ServerName: "127.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
}

// TestDrain: what was sent before the end is taken, whatever it is that still
// comes afterwards.
func TestDrain(t *testing.T) {
	for _, addr := range []listen.Address{unixAddress(t), tcpAddress(t)} {
		s := newSite(t, addr, listen.Config{})
		silent, half, busy := dial(t, addr), dial(t, addr), dial(t, addr)
		write(t, half, concat(begin, data("half")[:6]))
		write(t, busy, begin)
		eventually(t, "all are connected", func() bool { return s.connections() == 3 })
		const n = 5000
		var frames []byte
		for range n {
			frames = append(frames, data(strings.Repeat("0123456789", 4))...)
		}
		write(t, busy, frames)
		s.pool.Release(s)
		if s.taken() != n || s.ended(listen.Shutdown) != 3 || errors.Join(s.errors...) != nil {
			t.Errorf("%d frames taken, ends %v; want %d, and 3 shut down", s.taken(), s.ends, n)
		}
		for _, c := range []net.Conn{silent, half, busy} {
			if _, err := c.Read(make([]byte, 1)); err == nil {
				t.Error("a connection is still open")
			}
		}
	}
}

// TestEndWithoutEnd: a sender that never stops does not keep the listener open, and
// it is told that it has not.
func TestEndWithoutEnd(t *testing.T) {
	s := newSite(t, unixAddress(t), listen.Config{}.Patient())
	c := dial(t, s.addr)
	write(t, c, begin)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for frame := data(strings.Repeat("on and on", 4)); ; {
			if _, err := c.Write(frame); err != nil {
				return
			}
		}
	}()
	eventually(t, "it sends", func() bool { return s.taken() > 0 })
	s.pool.Release(s)
	<-done
	if s.ended(listen.Shutdown) != 1 || s.errors[0] == nil || !strings.Contains(s.errors[0].Error(), "still sending") {
		t.Errorf("ends %v, %v", s.ends, s.errors)
	}
}

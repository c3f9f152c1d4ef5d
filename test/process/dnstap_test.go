package process

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"example.org/pdns/plugin/pkg/dnstap"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/test/lab"
)

// TestDnstapThroughSignals: a sender at full speed notices nothing of SIGUSR1, and
// what it has sent before SIGTERM is in the store.
func TestDnstapThroughSignals(t *testing.T) {
	s := newSite(t)
	socket := filepath.Join(t.TempDir(), "tap")
	s.Options = "flush 1h\n        dnstap unix " + socket
	server := s.Start()
	m := lab.Response(t, "www.example.com. 300 IN A 192.0.2.1")
	event := dnstap.Append(nil, lab.Event(t, m, time.Now(), rrset.MustName("example.com")))
	p := lab.NewTap(t, "unix", socket)
	const frames = 200_000
	sent := make(chan error, 1)
	go func() {
		for range frames {
			if err := p.Frame(event); err != nil {
				sent <- err
				return
			}
		}
		sent <- p.Close()
	}()
	reloads := 0
	for done := false; !done || reloads < 3; {
		server.Signal(syscall.SIGUSR1)
		reloads++
		lab.Wait(t, "the reload", func() bool { return strings.Count(server.Output(), "Reloading complete") >= reloads })
		select {
		case err := <-sent:
			if done = true; err != nil {
				t.Fatal(err)
			}
		default:
		}
	}
	server.Stop()
	if got := s.Seen()["www.example.com."]; got != frames {
		t.Errorf("%d messages are recorded, want %d", got, frames)
	}
	s.Whole()
}

// TestTerminateWhileSending: a sender that does not stop holds up no end.
func TestTerminateWhileSending(t *testing.T) {
	s := newSite(t)
	socket := filepath.Join(t.TempDir(), "tap")
	s.Options = "dnstap unix " + socket
	server := s.Start()
	m := lab.Response(t, "www.example.com. 300 IN A 192.0.2.1")
	event := dnstap.Append(nil, lab.Event(t, m, time.Now(), nil))
	p := lab.NewTap(t, "unix", socket)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for p.Frame(event) == nil {
		}
	}()
	lab.Wait(t, "something is recorded", func() bool { return total(t, server, "example.com") != "" })
	server.Stop()
	<-ended
	s.Whole()
}

package handover_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"example.org/pdns/plugin/pkg/handover"
)

// A speaker says its name to whoever connects.
type speaker struct {
	net.Listener
	done chan struct{}
}

func speak(t *testing.T, name, address string) *speaker {
	t.Helper()
	l, err := handover.Listen(address)
	if err != nil {
		t.Fatal(err)
	}
	s := &speaker{l, make(chan struct{})}
	go func() {
		defer close(s.done)
		for {
			c, err := l.Accept()
			if err != nil {
				if !errors.Is(err, net.ErrClosed) {
					t.Error(err)
				}
				return
			}
			io.WriteString(c, name)
			c.Close()
		}
	}()
	t.Cleanup(func() { l.Close(); <-s.done })
	return s
}

// end closes a speaker, and returns when it has fallen silent.
func (s *speaker) end(t *testing.T) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	<-s.done
}

// who is the name that an address says, or empty if nobody listens.
func who(address string) string {
	c, err := net.Dial("tcp", address)
	if err != nil {
		return ""
	}
	defer c.Close()
	name, _ := io.ReadAll(c)
	return string(name)
}

func want(t *testing.T, address, name string) {
	t.Helper()
	if got := who(address); got != name {
		t.Errorf("%q answers, want %q", got, name)
	}
}

// TestTurns: the oldest listener accepts; those that are closed meanwhile never do.
func TestTurns(t *testing.T) {
	one := speak(t, "one", "127.0.0.1:0")
	at := one.Addr().String()
	two, three, four := speak(t, "two", at), speak(t, "three", at), speak(t, "four", at)
	want(t, at, "one")
	two.end(t)
	want(t, at, "one")
	one.end(t)
	want(t, at, "three")
	if err := one.Close(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("closed again: %v", err)
	}
	five := speak(t, "five", at)
	three.end(t)
	want(t, at, "four")
	five.end(t)
	four.end(t)
	want(t, at, "")
	speak(t, "six", at)
	want(t, at, "six")
}

// TestNoneIsLost: whoever connects while listeners follow one another is answered.
func TestNoneIsLost(t *testing.T) {
	last := speak(t, "0", "127.0.0.1:0")
	at := last.Addr().String()
	stop := make(chan struct{})
	var clients sync.WaitGroup
	for range 4 {
		clients.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if who(at) == "" {
					t.Error("nobody answers")
					return
				}
			}
		})
	}
	for i := range 200 {
		next := speak(t, fmt.Sprint(i+1), at)
		last.end(t)
		last = next
		want(t, at, fmt.Sprint(i+1))
	}
	close(stop)
	clients.Wait()
}

// TestEverywhere: all ways to write that it is every address are the same one.
func TestEverywhere(t *testing.T) {
	one := speak(t, "one", ":0")
	_, port, _ := net.SplitHostPort(one.Addr().String())
	speak(t, "two", "0.0.0.0:"+port)
	speak(t, "three", "[::]:"+port)
	want(t, "127.0.0.1:"+port, "one")
	one.end(t)
	want(t, "127.0.0.1:"+port, "two")
}

// TestTaken: an address that is part of another one of this process is not shared,
// nor is one that somebody else has.
func TestTaken(t *testing.T) {
	l := speak(t, "ours", "127.0.0.1:0")
	_, port, _ := net.SplitHostPort(l.Addr().String())
	other, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	for address, text := range map[string]string{
		":" + port:            "this process listens at 127.0.0.1:" + port,
		other.Addr().String(): "address already in use",
		"127.0.0.1":           "missing port",
		"127.0.0.1:65536":     "invalid port",
	} {
		l, err := handover.Listen(address)
		if err == nil {
			l.Close()
			t.Errorf("%s: no error", address)
		} else if !strings.Contains(err.Error(), text) {
			t.Errorf("%s: %v, want %q", address, err, text)
		}
	}
}

package pdnscollect

import (
	"errors"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"example.org/pdns/plugin/pkg/dnstap"
	"example.org/pdns/plugin/pkg/dnstap/listen"
)

// TestComplaints: the log has a line a minute for each kind of trouble.
func TestComplaints(t *testing.T) {
	log := captureLog(t)
	synctest.Test(t, func(*testing.T) {
		c := complaints{about: "dnstap test"}
		for range 1000 {
			c.tell("frame", 2, "no dnstap")
			c.tell("message", 1, "no DNS")
		}
		time.Sleep(complaintEvery)
		c.tell("frame", 1, "no dnstap")
		c.tell("frame", 1, "no dnstap")
	})
	var got []string
	for line := range strings.Lines(log.String()) {
		_, text, _ := strings.Cut(strings.TrimSpace(line), "plugin/pdnscollect: ")
		got = append(got, text)
	}
	want := []string{
		"dnstap test: 2 frame: no dnstap", "dnstap test: 1 message: no DNS",
		"dnstap test: 1 frame: no dnstap (and 1998 since the last such line)",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("logged\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestTroubleIsNamed: with the listener, and the sender where it has an address.
func TestTroubleIsNamed(t *testing.T) {
	_, s := open(t, nil)
	tp := newTap("tcp://127.0.0.1:6000", s, observer(), dnstap.DefaultTypes, false)
	log := captureLog(t)
	peer := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 4711}
	tp.Ended(peer, listen.NotDnstap, errors.New("want a control frame"))
	tp.Ended(peer, listen.Limit, nil)
	tp.Ended(&net.UnixAddr{Net: "unix"}, listen.CutOff, errors.New("unexpected EOF"))
	tp.Ended(peer, listen.Finished, nil)
	tp.Oversized(3)
	tp.SocketFailed(errors.New("too many open files"))
	b := batch(&dnstap.Event{Type: dnstap.ResolverResponse}, &dnstap.Event{Type: dnstap.ClientResponse})
	b.Append([]byte("no protobuf"), time.Time{})
	tp.Take(b)
	for _, want := range []string{
		"dnstap tcp://127.0.0.1:6000: 1 not_dnstap: 127.0.0.1:4711: want a control frame",
		"1 limit: 127.0.0.1:4711 refused", "1 cut_off: a local process: unexpected EOF", "3 oversized_frame: ",
		"too many open files", "1 no_message: ", "1 malformed_frame: ",
	} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("not in the log: %s\n%s", want, log)
		}
	}
	if n := strings.Count(log.String(), "\n"); n != 7 {
		t.Errorf("%d lines, want 7:\n%s", n, log)
	}
}

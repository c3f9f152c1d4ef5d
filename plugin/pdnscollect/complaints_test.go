package pdnscollect

import (
	"bytes"
	"errors"
	"fmt"
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
	wantLog(t, log, "dnstap test: 2 frame: no dnstap", "dnstap test: 1 message: no DNS",
		"dnstap test: 1 frame: no dnstap (and 1998 since the last such line)")
}

// wantLog fails unless the log has these lines.
func wantLog(t *testing.T, log *bytes.Buffer, want ...string) {
	t.Helper()
	var got []string
	for line := range strings.Lines(log.String()) {
		_, text, _ := strings.Cut(strings.TrimSpace(line), "plugin/pdnscollect: ")
		got = append(got, text)
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("logged\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestComingAndGoing: the log tells who comes and who goes, and of a crowd a little.
func TestComingAndGoing(t *testing.T) {
	_, s := open(t, nil)
	log := captureLog(t)
	local, peer := &net.UnixAddr{Net: "unix"}, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 4711}
	var want []string
	synctest.Test(t, func(*testing.T) {
		tp := newTap("test", s, observer(), dnstap.DefaultTypes, false)
		tp.Connected(local, 1)
		tp.Connected(peer, 2)
		tp.Ended(local, 1, listen.Finished, nil)
		want = append(want, "a local process is connected; senders: 1", "127.0.0.1:4711 is connected; senders: 2", "a local process is done; senders: 1")
		for n := range 1000 {
			tp.Ended(peer, n, listen.Finished, nil)
			if n < notesMeanwhile-1 {
				want = append(want, fmt.Sprintf("127.0.0.1:4711 is done; senders: %d", n))
			}
		}
		time.Sleep(complaintEvery)
		tp.Ended(peer, 0, listen.Finished, nil)
		want = append(want, "127.0.0.1:4711 is done; senders: 0 (and 981 since the last such line)")
	})
	for i := range want {
		want[i] = "dnstap test: " + want[i]
	}
	wantLog(t, log, want...)
}

// TestTypesThatNobodyChose: a resolver that sends none of the types that count is
// told of in the log, until something counts.
func TestTypesThatNobodyChose(t *testing.T) {
	_, s := open(t, nil)
	log := captureLog(t)
	query, toClient := &dnstap.Event{Type: dnstap.ClientResponse - 1}, addressEvent(t, "www.example.")
	toClient.Type = dnstap.ClientResponse
	tp := newTap("test", s, observer(), dnstap.DefaultTypes, false)
	tp.Take(batch(query))
	tp.Take(batch(query, toClient))
	tp = newTap("test", s, observer(), dnstap.DefaultTypes, false)
	tp.Take(batch(addressEvent(t, "www.example."), toClient))
	tp.Take(batch(toClient))
	wantLog(t, log, "dnstap test: 2 message_type: CLIENT_RESPONSE came, and nothing that counts: the property types chooses RESOLVER_RESPONSE,FORWARDER_RESPONSE")
}

// TestTroubleIsNamed: with the listener, and the sender where it has an address.
func TestTroubleIsNamed(t *testing.T) {
	_, s := open(t, nil)
	tp := newTap("tcp://127.0.0.1:6000", s, observer(), dnstap.DefaultTypes, false)
	log := captureLog(t)
	peer := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 4711}
	tp.Ended(peer, 0, listen.NotDnstap, errors.New("want a control frame"))
	tp.Ended(peer, 0, listen.Limit, nil)
	tp.Ended(&net.UnixAddr{Net: "unix"}, 0, listen.CutOff, errors.New("unexpected EOF"))
	tp.Ended(peer, 0, listen.Shutdown, nil)
	tp.Oversized(3)
	tp.SocketFailed(errors.New("too many open files"))
	b := batch(&dnstap.Event{Type: dnstap.ResolverResponse}, &dnstap.Event{Type: dnstap.ClientResponse})
	b.Append([]byte("no protobuf"), time.Time{})
	tp.Take(b)
	for _, want := range []string{
		"dnstap tcp://127.0.0.1:6000: 1 not_dnstap: 127.0.0.1:4711: want a control frame",
		"1 limit: 127.0.0.1:4711 refused", "1 cut_off: a local process: unexpected EOF", "3 oversized_frame: ",
		"too many open files", "1 no_message: ", "1 malformed_frame: ", "1 message_type: CLIENT_RESPONSE ",
	} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("not in the log: %s\n%s", want, log)
		}
	}
	if n := strings.Count(log.String(), "\n"); n != 8 {
		t.Errorf("%d lines, want 8:\n%s", n, log)
	}
}

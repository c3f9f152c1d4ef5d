package pdnsquery_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/coredns/caddy"

	"example.org/pdns/plugin/pdnsquery"
	"example.org/pdns/plugin/pkg/rrset"
)

// A site is a CoreDNS in this process that is loaded again and again.
type site struct {
	t        *testing.T
	instance *caddy.Instance
}

// load starts CoreDNS, or reloads it as its own signal handler does, with server
// blocks that each have a port of their own.
func (s *site) load(blocks ...string) error {
	text := ""
	for i, b := range blocks {
		text += fmt.Sprintf("zone%d.example:0 {\nbind 127.0.0.1\n%s\n}\n", i, b)
	}
	input := caddy.CaddyfileInput{Contents: []byte(text), Filepath: "Corefile", ServerTypeName: "dns"}
	var err error
	if s.instance == nil {
		s.instance, err = caddy.Start(input)
	} else {
		s.instance, err = s.instance.Restart(input)
	}
	return err
}

// stop ends CoreDNS as SIGTERM does.
func (s *site) stop() {
	for _, i := range caddy.Instances() {
		i.ShutdownCallbacks()
	}
	if err := caddy.Stop(); err != nil {
		s.t.Error(err)
	}
}

// web is a server block that serves a store, with so many results at most.
func web(dir, address string, limit int) string {
	return fmt.Sprintf("pdnsquery %s {\nhttp %s {\nlimit %d\n}\n}", dir, address, limit)
}

// freePort is an address that nobody listens at.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// given is how many results somebody gets who asks for all; nothing if nobody
// listens.
func given(address string) string {
	r, err := http.Get("http://" + address + "/dnsdb/v2/lookup/rrset/name/*.example.com?limit=0")
	if err != nil {
		return ""
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err.Error()
	}
	return strconv.Itoa(strings.Count(string(body), `"obj"`))
}

// eventually waits for what happens by itself.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !holds(); runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("not in time: %s", what)
		}
	}
}

// TestHTTPReload: there is always one server at an address, that of the Corefile in
// force with its options, and none is left of those that are not.
func TestHTTPReload(t *testing.T) {
	dir, busy := world(t), taken(t)
	one, two := freePort(t), freePort(t)
	before := runtime.NumGoroutine()
	s := &site{t: t}
	for _, step := range []struct {
		what   string
		blocks []string
		fails  string // with
		one    string // results, of a server at the first address,
		two    string // and at the other
	}{
		{"start", []string{web(dir, one, 1)}, "", "1", ""},
		{"other options", []string{web(dir, one, 2)}, "", "2", ""},
		{"other store", []string{web(history(t, seen("a.example.com A 1-2 192.0.2.1")), one, 9)}, "", "1", ""},
		{"other address", []string{web(dir, two, 3)}, "", "", "3"},
		{"does not parse", []string{web(dir, two, 4), "pdnsquery"}, "0 arguments", "", "3"},
		{"one address twice", []string{web(dir, two, 4), web(dir, two, 5)}, "line 4 listens there", "", "3"},
		{"every address twice", []string{
			"pdnsquery " + dir + " {\nhttp :1 {\nkeys none\ninsecure\n}\n}",
			"pdnsquery " + dir + " {\nhttp 0.0.0.0:1 {\nkeys none\ninsecure\n}\n}",
		}, "line 4 listens there", "", "3"},
		{"address taken", []string{web(dir, two, 4), web(dir, busy, 4)}, "address already in use", "", "3"},
		{"another one taken", []string{web(dir, one, 4), web(dir, busy, 4)}, "address already in use", "", "3"},
		{"address within", []string{strings.Replace(web(dir, two, 4), "127.0.0.1:", ":", 1)}, "not loopback", "", "3"},
		{"no keys", []string{"pdnsquery " + dir + " {\nhttp " + two + " {\nkeys none\n}\n}"}, "none", "", "3"},
		{"no port for DNS", []string{web(dir, two, 4) + "\n}\n.:" + portOf(busy) + " {\nbind 127.0.0.1"}, "address already in use", "", "3"},
		{"nor for that at another address", []string{web(dir, one, 4) + "\n}\n.:" + portOf(busy) + " {\nbind 127.0.0.1"}, "address already in use", "", "3"},
		{"both", []string{web(dir, one, 4), web(dir, two, 5)}, "", "4", "5"},
		{"turned round", []string{web(dir, two, 6), web(dir, one, 7)}, "", "7", "6"},
		{"without", []string{"pdnsquery " + dir}, "", "", ""},
		{"back", []string{web(dir, one, 8)}, "", "8", ""},
		{"no plugin", []string{"root ."}, "", "", ""},
		{"back again", []string{web(dir, one, 1)}, "", "1", ""},
	} {
		err := s.load(step.blocks...)
		if (err == nil) != (step.fails == "") || err != nil && !strings.Contains(err.Error(), step.fails) {
			t.Fatalf("%s: %v, want %q", step.what, err, step.fails)
		}
		if got := given(one); got != step.one {
			t.Errorf("%s: %q results at the first address, want %q", step.what, got, step.one)
		}
		if got := given(two); got != step.two {
			t.Errorf("%s: %q results at the second address, want %q", step.what, got, step.two)
		}
	}
	s.stop()
	if got := given(one); got != "" {
		t.Errorf("%q results after the end", got)
	}
	http.DefaultClient.CloseIdleConnections()
	eventually(t, "no goroutine is left", func() bool { return runtime.NumGoroutine() <= before })
}

func portOf(address string) string { return address[strings.LastIndexByte(address, ':')+1:] }

// TestHTTPZones: a server block of several zones listens once.
func TestHTTPZones(t *testing.T) {
	at := freePort(t)
	start(t, "a.example:0 b.example:0 {\n"+web(world(t), at, 2)+"\n}")
	if got := given(at); got != "2" {
		t.Errorf("%q results", got)
	}
}

// owners is how many names many has.
const owners = 2_500

// many is a history that no socket's buffers hold: ten megabytes.
func many(t *testing.T) string {
	t.Helper()
	text := make([]string, 250)
	for i := range text {
		text[i] = fmt.Sprintf("192.0.2.%d", i)
	}
	one := seen("host.example.com A 1-2 " + strings.Join(text, ", "))
	rrsets := make([]*rrset.RRset, owners)
	for i := range rrsets {
		r := *one
		r.Owner = rrset.MustName(fmt.Sprintf("host%d.example.com", i))
		rrsets[i] = &r
	}
	return history(t, rrsets...)
}

// A reading is an answer of which only the beginning was read.
type reading struct{ *bufio.Reader }

func read(t *testing.T, address string) reading {
	t.Helper()
	transport := &http.Transport{DisableCompression: true, DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := new(net.Dialer).DialContext(ctx, network, address)
		if err == nil {
			err = c.(*net.TCPConn).SetReadBuffer(64 << 10) // the rest waits at the server
		}
		return c, err
	}}
	t.Cleanup(transport.CloseIdleConnections)
	c := &http.Client{Transport: transport}
	r, err := c.Get("http://" + address + "/dnsdb/v2/lookup/rrset/name/*.example.com?limit=0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Body.Close() })
	b := bufio.NewReader(r.Body)
	if line, err := b.ReadString('\n'); err != nil || line != "{\"cond\":\"begin\"}\n" {
		t.Fatalf("%q, %v", line, err)
	}
	return reading{b}
}

// rest reads what is left, and returns how many lines that were, and the last one.
func (r reading) rest() (n int, last string, err error) {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		last = lines.Text()
		n++
	}
	return n, last, lines.Err()
}

// TestHTTPUnderWay: an answer that has begun comes to its end through a reload, while
// the new Corefile answers already.
func TestHTTPUnderWay(t *testing.T) {
	pdnsquery.SetLastAnswers(t, time.Hour)
	dir, at := many(t), freePort(t)
	s := &site{t: t}
	if err := s.load(web(dir, at, 1_000_000)); err != nil {
		t.Fatal(err)
	}
	defer s.stop()
	answer := read(t, at)
	reloaded := make(chan error)
	go func() { reloaded <- s.load(web(dir, at, 2)) }()
	eventually(t, "the new Corefile answers", func() bool { return given(at) == "2" })
	if n, last, err := answer.rest(); n != owners+1 || last != `{"cond":"succeeded"}` || err != nil {
		t.Errorf("%d lines, at last %q, %v", n, last, err)
	}
	if err := <-reloaded; err != nil {
		t.Error(err)
	}
}

// TestHTTPCut: who does not read does not hold up a reload for ever, and sees that the
// answer is not whole.
func TestHTTPCut(t *testing.T) {
	pdnsquery.SetLastAnswers(t, time.Millisecond)
	dir, at := many(t), freePort(t)
	s := &site{t: t}
	if err := s.load(web(dir, at, 1_000_000)); err != nil {
		t.Fatal(err)
	}
	defer s.stop()
	answer := read(t, at)
	if err := s.load(web(dir, at, 2)); err != nil {
		t.Fatal(err)
	}
	if n, last, err := answer.rest(); n >= owners+1 || err == nil {
		t.Errorf("after the reload: %d lines, at last %q, %v", n, last, err)
	}
	if got := given(at); got != "2" {
		t.Errorf("%q results of the new Corefile", got)
	}
}

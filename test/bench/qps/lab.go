package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strings"

	framestream "github.com/farsightsec/golang-framestream"
	"github.com/miekg/dns"
)

// A variant is what stands above forward.
type variant struct {
	name string
	line string // of the Corefile; $DIR is the store's, $TAP the dnstap socket
}

var variants = []variant{
	{"plain", ""},
	{"pdnscollect", "pdnscollect $DIR"},
	{"dnstap full", "dnstap $TAP full"},
}

// A lab is what the servers under test talk to.
type lab struct {
	dir      string
	upstream net.PacketConn
	tap      net.Listener
	queries  string // file for dnsperf
}

func newLab(dir string, names int) (*lab, error) {
	l := &lab{dir: dir, queries: filepath.Join(dir, "queries")}
	var err error
	if l.upstream, err = net.ListenPacket("udp", "127.0.0.1:0"); err != nil {
		return nil, err
	}
	if l.tap, err = net.Listen("unix", filepath.Join(dir, "tap.sock")); err != nil {
		return nil, err
	}
	for range 2 {
		go respond(l.upstream)
	}
	go drain(l.tap)
	return l, os.WriteFile(l.queries, queries(names), 0o600)
}

func (l *lab) close() { _ = errors.Join(l.upstream.Close(), l.tap.Close()) }

// queries are names with the uneven popularity that names have, the same every
// time.
func queries(names int) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	zipf := rand.NewZipf(r, 1.1, 10, uint64(names-1))
	var b []byte
	for range 10 * names {
		n := zipf.Uint64()
		b = fmt.Appendf(b, "host%d.zone%d.example A\n", n, n%50)
	}
	return b
}

// respond answers every question with two addresses made from its name, without
// parsing more than it must: it shares the machine with what is measured.
func respond(conn net.PacketConn) {
	buf := make([]byte, 1500)
	for {
		n, from, err := conn.ReadFrom(buf)
		if err != nil {
			return
		}
		if n < 17 {
			continue
		}
		end := 12
		for end < n && buf[end] != 0 {
			end += int(buf[end]) + 1
		}
		end += 5
		if end > n {
			continue
		}
		m := append([]byte(nil), buf[:end]...)
		copy(m[2:12], []byte{0x85, 0x80, 0, 1, 0, 2, 0, 0, 0, 0})
		sum := byte(0)
		for _, b := range m[12:end] {
			sum = sum*31 + b
		}
		for i := range byte(2) {
			m = append(m, 0xc0, 12, 0, 1, 0, 1, 0, 0, 1, 44, 0, 4, 198, 18+i, sum, sum^byte(end))
		}
		_, _ = conn.WriteTo(m, from) // a datagram may be lost
	}
}

// drain takes dnstap frames and forgets them.
func drain(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			r, err := framestream.NewReader(conn, &framestream.ReaderOptions{
				ContentTypes: [][]byte{[]byte("protobuf:dnstap.Dnstap")}, Bidirectional: true,
			})
			buf := make([]byte, 1<<17)
			for err == nil {
				_, err = r.ReadFrame(buf)
			}
		}()
	}
}

// corefile is a resolver of a mode with a variant in it.
func (l *lab) corefile(port, mode string, v variant) string {
	lines := []string{v.line, "forward . " + l.upstream.LocalAddr().String()}
	if mode == "cache" {
		lines = append(lines, "cache")
	}
	text := ".:" + port + " {\n bind 127.0.0.1\n " + strings.Join(lines, "\n ") + "\n}\n"
	store := filepath.Join(l.dir, "store")
	return strings.NewReplacer("$DIR", store, "$TAP", filepath.Join(l.dir, "tap.sock")).Replace(text)
}

// answers reports whether a name server answers at addr.
func answers(addr string) bool {
	_, err := dns.Exchange(new(dns.Msg).SetQuestion("ready.example.", dns.TypeA), addr)
	return err == nil
}

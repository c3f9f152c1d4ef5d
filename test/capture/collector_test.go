package capture

import (
	"bytes"
	"io"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	tap "github.com/dnstap/golang-dnstap"
	"github.com/miekg/dns"
	"google.golang.org/protobuf/proto"

	"example.org/pdns/plugin/pkg/dnstap"
	"example.org/pdns/plugin/pkg/intake"
	"example.org/pdns/test/lab"
)

// A collector keeps every octet that a sensor sends.
type collector struct {
	octets bytes.Buffer
	frames [][]byte
	seen   atomic.Int64 // how many frames
	err    error        // how the stream ended
	done   sync.WaitGroup
}

// collect takes one connection.
func collect(t *testing.T, network, address string) (*collector, string) {
	t.Helper()
	l, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	c := new(collector)
	c.done.Go(func() {
		conn, err := l.Accept()
		if err != nil {
			c.err = err
			return
		}
		defer conn.Close()
		c.err = c.read(conn)
	})
	t.Cleanup(func() { l.Close(); c.done.Wait() })
	return c, l.Addr().String()
}

func (c *collector) read(conn net.Conn) error {
	s, err := dnstap.NewStream(io.TeeReader(conn, &c.octets), conn)
	if err != nil {
		return err
	}
	w := intake.Start(1, func(b *intake.Batch) {
		for frame := range b.All {
			c.frames = append(c.frames, bytes.Clone(frame))
			c.seen.Add(1)
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

// TestCollector: what a sensor sends holds the answers, and nothing of who asked.
func TestCollector(t *testing.T) {
	for _, c := range []struct{ name, network, address, to string }{
		{"tcp", "tcp", "127.0.0.1:0", ""},
		{"unix", "unix", "", "unix:"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWire(t, world)
			dir, uid, gid := publicDir(t), nobody, nobody
			if c.network == "unix" { // as CoreDNS leaves its socket
				uid, gid = 1234, 4321
				c.address = filepath.Join(ownedDir(t, filepath.Join(dir, "collector"), 0o2750, uid, gid), "socket")
			}
			col, address := collect(t, c.network, c.address)
			if c.network == "unix" {
				own(t, c.address, 0o660, uid, gid)
			}
			p := start(t, dir, "--to", c.to+address, "--identity", "sensor 1")
			unprivileged(t, p, uid, gid)
			w.ask(t)
			said := stop(t, p)
			if !strings.Contains(said, "8 messages, 8 sent, 0 shed, 0 dropped by the kernel") {
				t.Errorf("it says\n%s", said)
			}
			col.done.Wait()
			if col.err != io.EOF {
				t.Errorf("the stream ended with %v, want STOP", col.err)
			}
			col.check(t)
		})
	}
}

// TestClosedSocket: a collector's socket that nobody may write to is told of, and is
// an error at the end.
func TestClosedSocket(t *testing.T) {
	w := newWire(t, world)
	dir := publicDir(t)
	own(t, dir, 0o755, 0, 0)
	path := filepath.Join(dir, "socket")
	collect(t, "unix", path)
	own(t, path, 0o660, 0, 0)
	p := start(t, dir, "--to", "unix:"+path)
	w.dig(t, server4, "www.example.com A", "192.0.2.2")
	hint := "hint: pdns works as user nobody, who may not write to " + path + ": start it as root with --user"
	lab.Wait(t, "a hint", func() bool { return strings.Contains(p.Output(), hint) })
	p.Signal(syscall.SIGINT)
	if code := p.ExitCode(); code != 2 || !strings.Contains(p.Output(), "error: --to unix:"+path+": there was never a connection: ") {
		t.Errorf("exit %d", code)
	}
}

// TestAmidForgeries: a response does not wait for others while packets come that are
// none.
func TestAmidForgeries(t *testing.T) {
	w := newWire(t, world)
	col, address := collect(t, "tcp", "127.0.0.1:0")
	p := start(t, publicDir(t), "--to", address)
	w.dig(t, server4, "www.example.com A", "192.0.2.2")
	lab.Wait(t, "the response", func() bool {
		inject(t, "forged.example.com.", false)
		return col.seen.Load() > 0
	})
	stop(t, p)
}

// check looks at every field of the schema, and at every octet.
func (c *collector) check(t *testing.T) {
	t.Helper()
	names := map[string]int{}
	for _, frame := range c.frames {
		var d tap.Dnstap
		if err := proto.Unmarshal(frame, &d); err != nil {
			t.Fatal(err)
		}
		m := new(dns.Msg)
		if err := m.Unpack(d.Message.GetResponseMessage()); err != nil {
			t.Fatal(err)
		}
		names[m.Question[0].Name]++
		if m.Id != 0 || m.IsEdns0() != nil && len(m.IsEdns0().Option) > 0 || m.RecursionDesired || m.CheckingDisabled {
			t.Errorf("%v", m)
		}
		at := time.Unix(int64(d.Message.GetResponseTimeSec()), int64(d.Message.GetResponseTimeNsec()))
		if time.Since(at).Abs() > time.Minute {
			t.Errorf("came at %v", at)
		}
		d.Message.ResponseMessage, d.Message.ResponseTimeSec, d.Message.ResponseTimeNsec = nil, nil, nil
		bare := &tap.Dnstap{Identity: []byte("sensor 1"), Type: tap.Dnstap_MESSAGE.Enum(),
			Message: &tap.Message{Type: tap.Message_RESOLVER_RESPONSE.Enum()}}
		if !proto.Equal(&d, bare) {
			t.Errorf("beside the response and its time there is more than type and identity: %v", &d)
		}
	}
	for _, name := range []string{"www", "six", "stream", "large", "large6", "nowhere", strings.ToLower(marker)} {
		if names[name+".example.com."] == 0 {
			t.Errorf("nothing about %s in %v", name, names)
		}
	}
	traces(t).Search(t, "the wire", c.octets.Bytes())
}

package lease_test

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/coredns/caddy"
	"github.com/coredns/coredns/core/dnsserver"
	_ "github.com/coredns/coredns/plugin/bind"
	clog "github.com/coredns/coredns/plugin/pkg/log"

	"example.org/pdns/plugin/pkg/lease"
	"example.org/pdns/plugin/pkg/store"
)

// declared are the leases of the Corefile that was loaded last, in the order in
// which it declares them; directives run in the order of the list below.
var declared []*lease.Lease

func TestMain(m *testing.M) {
	clog.Discard()
	caddy.Quiet, dnsserver.Quiet = true, true
	dnsserver.Directives = []string{"early", "bind", "record", "ask", "beside", "trouble"}
	for name, setup := range map[string]caddy.SetupFunc{
		"record": record, "ask": ask, "early": trouble, "trouble": trouble, "beside": beside,
	} {
		caddy.RegisterPlugin(name, caddy.Plugin{ServerType: "dns", Action: setup})
	}
	os.Exit(m.Run())
}

// events are those that stores tell, by the directory that is declared.
var events = make(map[string]store.Events)

// record DIR [MEMORY [KEEP]] declares a writer.
func record(c *caddy.Controller) error {
	args := arguments(c)
	o := store.Options{Events: events[args[0]]}
	if len(args) > 1 {
		o.Memory, _ = strconv.Atoi(args[1])
	}
	if len(args) > 2 {
		o.Keep, _ = time.ParseDuration(args[2])
	}
	l, err := lease.Writer(c, args[0], o)
	if err == nil {
		l.DeclaredBy("record", c.File(), c.Line())
	}
	declared = append(declared, l)
	return err
}

// ask PATH [ZONE...] declares a reader.
func ask(c *caddy.Controller) error {
	args := arguments(c)
	l, err := lease.Reader(c, args[0], args[1:]...)
	declared = append(declared, l)
	return err
}

// lameduck is what health does at exit while the servers still answer.
var lameduck func()

// besides are told what starts and stops beside stores, in order.
var besides []string

// beside NAME DIR records into dir by itself; where its name is broken it fails to
// start.
func beside(c *caddy.Controller) error {
	args := arguments(c)
	l, err := lease.Writer(c, args[1], store.Options{})
	if err != nil {
		return err
	}
	note := func(what string) {
		open := "closed"
		if l.Store() != nil {
			open = "open"
		}
		besides = append(besides, args[0]+" "+what+" "+open)
	}
	l.Beside(func() error {
		note("starts")
		if args[0] == "broken" {
			return errors.New("broken")
		}
		return nil
	}, func() { note("stops") })
	return nil
}

// trouble setup|startup|shutdown goes wrong at that point; trouble lameduck takes
// its time at exit.
func trouble(c *caddy.Controller) error {
	fail := func() error { return errors.New("trouble") }
	switch arguments(c)[0] {
	case "setup":
		return fail()
	case "startup":
		c.OnStartup(fail)
	case "shutdown":
		c.OnShutdown(fail)
	case "lameduck":
		c.OnFinalShutdown(func() error { lameduck(); return nil })
	}
	return nil
}

func arguments(c *caddy.Controller) []string {
	c.Next()
	return c.RemainingArgs()
}

// corefile makes a server block, on a port of its own, of each text.
func corefile(blocks ...string) caddy.Input {
	text := ""
	for i, b := range blocks {
		text += fmt.Sprintf("zone%d.example.:0 {\nbind 127.0.0.1\n%s\n}\n", i, b)
	}
	return caddy.CaddyfileInput{Contents: []byte(text), Filepath: "Corefile", ServerTypeName: "dns"}
}

// A server is a CoreDNS in this process.
type server struct {
	*testing.T
	instance *caddy.Instance
}

func caddyStart(blocks ...string) (*caddy.Instance, error) {
	return caddy.Start(corefile(blocks...))
}

func start(t *testing.T, blocks ...string) *server {
	t.Helper()
	declared = nil
	i, err := caddyStart(blocks...)
	if err != nil {
		t.Fatal(err)
	}
	s := &server{T: t, instance: i}
	t.Cleanup(s.stop)
	return s
}

// startAnother starts one more CoreDNS, which the end of the test stops.
func startAnother(t *testing.T, blocks ...string) {
	i, err := caddyStart(blocks...)
	if err != nil {
		t.Error(err)
		return
	}
	t.Cleanup(func() { i.ShutdownCallbacks() })
}

// reload takes the instance that Caddy wants to go on with, as its own signal
// handler does.
func (s *server) reload(blocks ...string) error {
	declared = nil
	next, err := s.instance.Restart(corefile(blocks...))
	s.instance = next
	return err
}

// stop ends the server as SIGTERM does: callbacks first.
func (s *server) stop() {
	for _, i := range append([]*caddy.Instance{s.instance}, caddy.Instances()...) {
		i.ShutdownCallbacks()
	}
	if err := caddy.Stop(); err != nil {
		s.Error(err)
	}
}

// occupied ends the server block that it is put into and begins one that cannot
// listen.
func occupied(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return "}\nbusy.example.:" + strconv.Itoa(l.Addr().(*net.TCPAddr).Port) + " {\nbind 127.0.0.1"
}

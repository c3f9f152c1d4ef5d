package scenario

import (
	"fmt"
	"io"
	"log"
	"slices"
	"strings"

	"github.com/coredns/caddy"
	"github.com/coredns/coredns/core/dnsserver"
	clog "github.com/coredns/coredns/plugin/pkg/log"

	_ "github.com/coredns/coredns/plugin/acl"
	_ "github.com/coredns/coredns/plugin/bind"
	_ "github.com/coredns/coredns/plugin/cache"
	_ "github.com/coredns/coredns/plugin/errors"
	_ "github.com/coredns/coredns/plugin/file"
	_ "github.com/coredns/coredns/plugin/forward"
	_ "github.com/coredns/coredns/plugin/hosts"
	_ "github.com/coredns/coredns/plugin/metadata"
	_ "github.com/coredns/coredns/plugin/metrics"
	_ "github.com/coredns/coredns/plugin/rewrite"
	_ "github.com/coredns/coredns/plugin/root"
	_ "github.com/coredns/coredns/plugin/template"
	_ "github.com/coredns/coredns/plugin/transfer"
	_ "github.com/coredns/coredns/plugin/view"

	_ "example.org/pdns/plugin/pdnscollect"
	_ "example.org/pdns/plugin/pdnsquery"
)

func init() {
	caddy.Quiet = true
	dnsserver.Quiet = true
	dnsserver.Port = "0"
	log.SetOutput(io.Discard)
	clog.Discard()
	for _, d := range [][2]string{{"pdnscollect", "forward"}, {"pdnsquery", "template"}} {
		if !slices.Contains(dnsserver.Directives, d[0]) {
			at := slices.Index(dnsserver.Directives, d[1])
			dnsserver.Directives = slices.Insert(dnsserver.Directives, at, d[0])
		}
	}
	if err := dnsserver.Register(); err != nil {
		panic(err)
	}
}

// A server is CoreDNS in this process.
type server struct {
	instance *caddy.Instance
	corefile string
}

// load starts the server with a Corefile, or reloads it.
func (s *server) load(corefile string) error {
	input := caddy.CaddyfileInput{Contents: []byte(corefile), Filepath: "Corefile", ServerTypeName: "dns"}
	var next *caddy.Instance
	var err error
	if s.instance == nil {
		next, err = caddy.Start(input)
	} else {
		next, err = s.instance.Restart(input)
	}
	if err != nil {
		return err
	}
	s.instance, s.corefile = next, corefile
	return nil
}

// stop ends the server as SIGTERM does.
func (s *server) stop() {
	if s.instance == nil {
		return
	}
	s.instance.ShutdownCallbacks()
	_ = s.instance.Stop()
	s.instance = nil
}

// addr is where the server listens.
func (s *server) addr(network string) (string, error) {
	if s.instance == nil {
		return "", fmt.Errorf("no server runs")
	}
	l := s.instance.Servers()[0]
	a := l.LocalAddr()
	if network == "tcp" {
		a = l.Addr()
	}
	at := strings.LastIndexByte(a.String(), ':')
	return "127.0.0.1" + a.String()[at:], nil
}

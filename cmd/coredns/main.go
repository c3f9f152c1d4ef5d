// Command coredns is CoreDNS with passive DNS: the collector and the query zone
// beside the plugins that a resolver and its operator use.
//
// Upstream's own build takes the two plugins as well, by its plugin.cfg; this
// one names its plugins one by one instead, for a program of a third of the size.
package main

import (
	"fmt"
	"os"

	"github.com/coredns/caddy"
	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/coremain"

	"example.org/pdns/plugin/pdnsquery"
)

func main() {
	if err := configure(); err != nil {
		fmt.Fprintln(os.Stderr, "coredns:", err)
		os.Exit(1)
	}
	coremain.Run()
}

// configure makes CoreDNS this project's.
func configure() error {
	directives, err := insertOurs(dnsserver.Directives)
	if err != nil {
		return err
	}
	dnsserver.Directives = directives
	caddy.AppVersion = coremain.CoreVersion + " with passive DNS (example.org/pdns " + pdnsquery.Version() + ")"
	return nil
}

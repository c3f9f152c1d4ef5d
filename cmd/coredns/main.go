// Command coredns is CoreDNS with passive DNS: the collector and the query zone
// beside the plugins that a resolver and its operator use.
//
// Upstream's plugin.cfg takes the two plugins as well; README.md beside the
// plugins shows how. This build names its plugins one by one instead: all of
// upstream's would make the program three times as large.
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
	directives, err := insertOurs(dnsserver.Directives)
	if err != nil {
		fmt.Fprintln(os.Stderr, "coredns:", err)
		os.Exit(1)
	}
	dnsserver.Directives = directives
	caddy.AppVersion = coremain.CoreVersion + " with passive DNS (example.org/pdns " + pdnsquery.Version() + ")"
	coremain.Run()
}

package interop

import (
	"net"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"example.org/pdns/test/lab"
)

// These have, besides, the query zone forwarded to the collector, from whose machine
// they ask, and validate from the root down.
var (
	unboundAsked = resolver{
		name: "Unbound", address: unboundAddress, user: "unbound", example: "unbound.conf", recipe: "server:",
		files: []string{"unbound-history.conf"}, command: "unbound -d -p -c unbound-history.conf",
	}
	bindAsked = resolver{
		name: "BIND", address: bindAddress, user: "bind", example: "named.conf", recipe: "options {",
		files: []string{"named-history.conf", "named-options.conf"}, command: "named -g -u bind -c named-history.conf",
	}
	knotAsked = resolver{
		name: "Knot Resolver", address: knotAddress, user: "knot-resolver", example: "kresd.conf", recipe: "policy",
		files:   []string{"kresd-history.conf"},
		command: knot.command[:strings.Index(knot.command, " -c ")] + " -c kresd-history.conf -c dnstap.conf -c recipe.conf .",
		client:  true,
	}
)

// TestForwarded: a client asks a resolver, which is configured as the manual says,
// about its own past.
func TestForwarded(t *testing.T) {
	w := newWorld(t)
	for _, r := range []resolver{unboundAsked, bindAsked, knotAsked} {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			c := collect(t, r.user)
			w.start(t, r, c.socket(r), "127.0.0.1", c.address, "5300", "53", "options {", `options { include "named-options.conf";`)
			resolver := net.JoinHostPort(r.address, "53")
			dig(t, resolver, "A", "www.plain.alpha")
			lab.Wait(t, "what was asked in the history", func() bool { return len(c.past(t, "www.plain.alpha._a")) > 0 })
			out := dig(t, resolver, "TXT", "www.plain.alpha._a._pdns.local")
			if !strings.Contains(out, "status: NOERROR") || !strings.Contains(out, `"192.0.2.1"`) {
				t.Errorf("the resolver answers\n%s", out)
			}
			if own := c.past(t, "*.local"); len(own) > 0 {
				t.Errorf("questions about the past became history: %v", own)
			}
		})
	}
}

var manualBlock = regexp.MustCompile(`(?s)~~~ txt\n(.*?)~~~`)

// recipe is the block of the pdnsquery manual that begins so.
func recipe(t *testing.T, beginning string) string {
	t.Helper()
	manual := read(t, filepath.Join("..", "..", "plugin", "pdnsquery", "README.md"))
	for _, m := range manualBlock.FindAllStringSubmatch(manual, -1) {
		if strings.HasPrefix(m[1], beginning) {
			return m[1]
		}
	}
	t.Fatalf("the manual of pdnsquery has no recipe that begins with %q", beginning)
	return ""
}

// Package interop shows that passive DNS understands what others send: Debian's
// Unbound, BIND, PowerDNS Recursor and Knot Resolver recurse over a DNS of its
// own, from its root down, and send dnstap to the custom CoreDNS, configured by
// the files in examples. What dig reads back from the query zone is compared with
// what the zones served.
//
// It runs in a network namespace of its own, as root; see test/e2e/tools.sh.
package interop

import (
	"errors"
	"fmt"
	"os"
	"testing"

	"example.org/pdns/test/lab"
)

var binaries *lab.Binaries

func TestMain(m *testing.M) {
	if os.Getenv(inside) == "" {
		os.Exit(enter())
	}
	os.Exit(run(m))
}

func run(m *testing.M) int {
	err := errors.Join(configure(), os.Setenv("PATH", os.Getenv("PATH")+":/usr/sbin"))
	if err == nil {
		binaries, err = lab.Build()
	}
	if err == nil {
		defer binaries.Remove()
		err = os.Chmod(binaries.Dir, 0o755)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

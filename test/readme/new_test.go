package readme

import (
	"strings"
	"testing"

	"github.com/miekg/dns"

	"example.org/pdns/test/lab"
)

// TestNewAtOnce: the server of make run finds what is new from the first minute.
func TestNewAtOnce(t *testing.T) {
	d := newDesk(t)
	lab.Ask(t, d.server.Addr, "shop.demo.example.", dns.TypeA)
	lab.Wait(t, "demo.example among what is new", func() bool {
		found := lab.Strings(lab.Ask(t, d.server.Addr, "_new-domain._pdns.local.", dns.TypeTXT))
		return strings.Contains(strings.Join(found, "\n"), "demo.example.")
	})
}

package readme

import (
	"strings"

	"github.com/miekg/dns"

	"example.org/pdns/test/lab"
)

// dig asks what a dig command line asks and returns what dig +short prints: the
// README is checked where there is no dig, too.
func (d *desk) dig(b block, args []string) string {
	d.t.Helper()
	qtype, name, short := dns.TypeA, "", false
	for i := 0; i < len(args); i++ {
		switch a := args[i]; {
		case a == "-p":
			i++ // the README's port; the server under test has another
		case a == "+short":
			short = true
		case a[0] == '@':
		case a[0] == '+' || a[0] == '-':
			d.t.Errorf("README.md:%d: dig %s is not known here", b.line, a)
		default:
			if t, ok := dns.StringToType[a]; ok {
				qtype = t
			} else {
				name = a
			}
		}
	}
	if !short || name == "" {
		d.t.Errorf("README.md:%d: dig %v: want +short and a name", b.line, args)
		return ""
	}
	var out strings.Builder
	for _, rr := range lab.Ask(d.t, d.server.Addr, name, qtype).Answer {
		out.WriteString(strings.TrimPrefix(rr.String(), rr.Header().String()) + "\n")
	}
	return out.String()
}

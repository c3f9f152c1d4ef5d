package pdnsquery_test

import (
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// questions are valid ones and others, of every shape, about the world.
var questions = []string{
	"www.example.com", "www.example.com._json", "www.example.com._mx", "www.example.com._slices", "www.example.com._limit-1",
	"www.example.com._summary", "www.example.com._offset-50", "www.example.com._since-20200101", "www.example.com._at-20190101",
	"www.example.com._until-20180101._json", "www.example.com._mx._summary", `www.example.com._bailiwick-net`, "x.www.example.com",
	"gone.example.com", "gone.example.com._at-20190810", "gone.example.com._nxdomain", "gone.example.com._nodata",
	"empty.example.com", "empty.example.com._nodata", "empty.example.com._nxdomain", "typo.example", "typo.example._nxdomain",
	"deep.below.typo.example", "deep.below.typo.example._nxdomain._json", "alias.example.com", "lost.example.com", "com._at-20190803",
	"never.example.com", "never.example.com._json", "never.example.com._nxdomain", "com", `\.`, "example.com._srv",
	"*.example.com", "*.example.com._mx", "*.example.com._srv", "*.example.com._since-20200101", "*.never.example", "*", "*._srv",
	"www.example.*", "example.*", "never.*", "www.example.*._json", "www.example.*._srv",
	"192.0.2.25._rdata", "192.0.2.25._rdata._mx", "192.0.2.99._rdata", "300.0.2.25._rdata", "192.0.2.0/24._rdata", "10.0.0.0/8._rdata",
	"192.0.2.1-192.0.2.3._rdata", "10.0.0.1-10.0.0.3._rdata", "2001:db8::1._rdata", "2001:db8::2._rdata", "2001:db8::/32._rdata._json",
	"ns1.example.net._rdata", "example.net._rdata", "*.example.net._rdata", "never.example._rdata", "*.root.example._rdata._srv",
	"ns.192.0.2.99._rdata", "192.0.2.98._name._rdata",
	"c633.6407._raw", "6407._raw", "ffff._raw", "xy._raw", "_sip._tcp._name", "*.example.com._name", "192.0.2.1._name", "host.192.0.2.1",
	"_status", "_status._json", "x._status", "www.example.com._nonsense", "www.example.com._since-yesterday", "*.*._json", "www.*.com",
	"4.3.2.1.zen.example.net", "4.3.2.1.zen.example.net._a._json", "2.1.zen.example.net", "never.zen.example.net", "*.1.zen.example.net",
	"www.example.com._offset-99999", "www.example.com._at-7d._since-7d", "*._offset-1._limit-1",
}

// TestExistence: whether a name exists depends neither on the type nor on names
// below it, since caches take NXDOMAIN for all of these (RFC 2308, RFC 8020). Asked
// are the questions and, as resolvers that minimise names do (RFC 9156), every
// name above them.
func TestExistence(t *testing.T) {
	s := start(t, "_pdns.local:0 {\n pdnsquery "+history(t, append(worldRRsets(),
		seen("typo.example NXDOMAIN 1-2"), seen("deep.below.typo.example NXDOMAIN 1-2"),
		seen("example.net NS 1-2 ns.192.0.2.99., 192.0.2.98."), seen("_wildcard_.zen.example.net WILDCARD 1-2 d1.d1.d1.d1"),
	)...)+"\n}")
	names := map[string]bool{}
	for _, name := range questions {
		for off, end := 0, false; !end; off, end = dns.NextLabel(name, off) {
			names[name[off:]] = true
		}
	}
	denied, answered := map[string]bool{}, map[string]bool{}
	for name := range names {
		for _, qtype := range []uint16{dns.TypeTXT, dns.TypeANY, dns.TypeA, dns.TypeAAAA, dns.TypeMX, dns.TypeCNAME, dns.TypeMAILB, 65321} {
			r := s.ask("tcp", name+"._pdns.local", qtype)
			switch {
			case r.Rcode == dns.RcodeNameError:
				denied[name] = true
			case r.Rcode != dns.RcodeSuccess:
				t.Errorf("%s %d: %s", name, qtype, show(r))
			case len(r.Answer) > 0:
				answered[name] = true
			}
			if len(r.Answer) == 0 && len(r.Ns) != 1 {
				t.Errorf("%s %d: no SOA: %s", name, qtype, show(r))
			}
		}
	}
	for above := range denied {
		for name := range answered {
			if name == above || strings.HasSuffix(name, "."+above) {
				t.Errorf("%s is answered, but %s is NXDOMAIN", name, above)
			}
		}
	}
	for _, never := range []string{"never.example.com", "*.never.example", "10.0.0.0/8._rdata", "typo.example", "www.example.com._nonsense"} {
		if !denied[never] {
			t.Errorf("%s exists", never)
		}
	}
}

package pdnscollect

import (
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/coredns/caddy"
	"github.com/coredns/coredns/core/dnsserver"

	"example.org/pdns/plugin/pkg/dnstap"
	"example.org/pdns/plugin/pkg/dnstap/listen"
	"example.org/pdns/plugin/pkg/observation"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
	"example.org/pdns/plugin/pkg/store/disposable"
	"example.org/pdns/plugin/pkg/store/novelty"
)

func TestParse(t *testing.T) {
	usual := func(change func(*config)) config {
		c := config{
			dir: "/var/lib/pdns", line: 1, types: dnstap.DefaultTypes, connections: listen.DefaultConnections,
			store: store.Options{Flush: 10 * time.Second, Memory: 256 << 20},
		}
		change(&c)
		return c
	}
	for _, tc := range []struct {
		block string
		want  config
	}{
		{"", usual(func(*config) {})},
		{"{\n}", usual(func(*config) {})},
		{"{\nflush 250ms\n}", usual(func(c *config) { c.store.Flush = 250 * time.Millisecond })},
		{"{\nkeep 400d\n}", usual(func(c *config) { c.store.Keep = 400 * 24 * time.Hour })},
		{"{\nkeep 36h\n}", usual(func(c *config) { c.store.Keep = 36 * time.Hour })},
		{"{\nmemory 64MiB\n}", usual(func(c *config) { c.store.Memory = 64 << 20 })},
		{"{\nmemory 2GB\n}", usual(func(c *config) { c.store.Memory = 2e9 })},
		{"{\nwindows hour month\n}", usual(func(c *config) { c.store.Windows = []store.Window{store.Hour, store.Month} })},
		{"{\nexclude Corp.example. lab.example\n}", usual(func(c *config) {
			c.observe.Exclude = [][]byte{rrset.MustName("corp.example"), rrset.MustName("lab.example")}
		})},
		{"{\nexclude 10.1.0.0/16 2001:db8::/32\n}", usual(func(c *config) {
			c.observe.Exclude = [][]byte{rrset.MustName("1.10.in-addr.arpa"), rrset.MustName("8.b.d.0.1.0.0.2.ip6.arpa")}
		})},
		{"{\nexclude 192.0.2.0/23 0/25.2.0.192.in-addr.arpa\n}", usual(func(c *config) {
			c.observe.Exclude = [][]byte{rrset.MustName("2.0.192.in-addr.arpa"), rrset.MustName("3.0.192.in-addr.arpa"), rrset.MustName("0/25.2.0.192.in-addr.arpa")}
		})},
		{"{\nexclude 2001:db8:80::/41\n}", usual(func(c *config) {
			for _, digit := range "89abcdef" {
				c.observe.Exclude = append(c.observe.Exclude, rrset.MustName(string(digit)+".0.0.8.b.d.0.1.0.0.2.ip6.arpa"))
			}
		})},
		{"{\nnew off\n}", usual(func(c *config) { c.store.News.Off = true })},
		{"{\nnew silence 30d learn 0\n}", usual(func(c *config) { c.store.News = novelty.Options{Learn: -1, Silence: 30 * 24 * time.Hour} })},
		{"{\ndisposable off\n}", usual(func(c *config) { c.store.Disposable.Mode = disposable.Off })},
		{"{\ndisposable collapse children 500 combinations 200 exempt Corp.example 10.0.0.0/8\n}", usual(func(c *config) {
			c.store.Disposable = disposable.Policy{Mode: disposable.Collapse, Children: 500, Combinations: 200,
				Exempt: [][]byte{rrset.MustName("corp.example"), rrset.MustName("10.in-addr.arpa")}}
		})},
		{"{\nconnections 1000\ndnstap unix /a\n}", usual(func(c *config) {
			c.connections = 1000
			c.endpoints = []endpoint{{3, "unix:///a", listen.Address{Network: "unix", Name: "/a"}, 0, nil}}
		})},
		{"{\ndnssec\necs\nnegative off\n}", usual(func(c *config) {
			c.observe = observation.Options{DNSSEC: true, ECS: true, NoNegative: true}
		})},
	} {
		got, err := parse(caddy.NewTestController("dns", "pdnscollect /var/lib/pdns "+tc.block))
		if err != nil {
			t.Errorf("%s: %v", tc.block, err)
		} else if !reflect.DeepEqual(*got, tc.want) {
			t.Errorf("%s:\n got %+v\nwant %+v", tc.block, *got, tc.want)
		}
	}
}

func TestParseRelativeDirectory(t *testing.T) {
	c := caddy.NewTestController("dns", "pdnscollect store")
	dnsserver.GetConfig(c).Root = "/srv/dns"
	got, err := parse(c)
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.FromSlash("/srv/dns/store"); got.dir != want {
		t.Errorf("directory %s, want %s", got.dir, want)
	}
}

func TestParseErrors(t *testing.T) {
	for _, tc := range []struct{ directive, want string }{
		{"pdnscollect", "0 arguments: want one, the directory"},
		{"pdnscollect a b", "2 arguments"},
		{"pdnscollect a\npdnscollect b", "only be used once"},
		{"pdnscollect a {\ncolour blue\n}", `unknown property "colour"`},
		{"pdnscollect a {\nflush 1s\nflush 1s\n}", `property "flush" given twice`},
		{"pdnscollect a {\nexclude a.example\nexclude b.example\n}", `property "exclude" given twice`},
		{"pdnscollect a {\nflush\n}", "flush: an argument is missing"},
		{"pdnscollect a {\nflush 1s 2s\n}", `flush: unexpected argument "2s"`},
		{"pdnscollect a {\nflush soon\n}", "flush soon: want a duration"},
		{"pdnscollect a {\nflush -1s\n}", "flush -1s: want a duration"},
		{"pdnscollect a {\nflush 0s\n}", "flush 0s: want a duration above zero"},
		{"pdnscollect a {\nkeep forever\n}", "keep forever: want a duration"},
		{"pdnscollect a {\nkeep 400\n}", "keep 400: want a duration"},
		{"pdnscollect a {\nkeep 9999999y\n}", "keep 9999999y: want a duration"},
		{"pdnscollect a {\nmemory lots\n}", "memory lots: want a size"},
		{"pdnscollect a {\nmemory 1kB\n}", "memory 1kB: want a size of 1MiB or more"},
		{"pdnscollect a {\nmemory 99EB\n}", "memory 99EB: want a size"},
		{"pdnscollect a {\nwindows fortnight\n}", `unknown window "fortnight"`},
		{"pdnscollect a {\nwindows year hour\n}", "from small to large"},
		{"pdnscollect a {\nwindows\n}", "windows: an argument is missing"},
		{"pdnscollect a {\nexclude\n}", "exclude: an argument is missing"},
		{"pdnscollect a {\nexclude a..example\n}", `"a..example" is no zone`},
		{"pdnscollect a {\nexclude .\n}", `"." would leave everything out`},
		{"pdnscollect a {\nexclude 192.0.2.1\n}", `"192.0.2.1" is an address: want a network`},
		{"pdnscollect a {\nexclude 2001:db8::1\n}", `"2001:db8::1" is an address`},
		{"pdnscollect a {\nexclude 192.0.2\n}", `"192.0.2" is no address and no zone`},
		{"pdnscollect a {\nexclude 192.0.2.1/24\n}", `"192.0.2.1/24" is an address in a network: want 192.0.2.0/24`},
		{"pdnscollect a {\nexclude 192.0.2.0/33\n}", `"192.0.2.0/33" is no network`},
		{"pdnscollect a {\nexclude 10/8\n}", `"10/8" is no network`},
		{"pdnscollect a {\nexclude 2001:db8::/129\n}", `"2001:db8::/129" is no network`},
		{"pdnscollect a {\nexclude 0.0.0.0/0\n}", "would leave every reverse zone out"},
		{"pdnscollect a {\nexclude ::ffff:192.0.2.0/120\n}", "want it as IPv4"},
		{"pdnscollect a {\nexclude *.corp.example\n}", `"*.corp.example" is a wildcard: want a zone, which covers`},
		{"pdnscollect a {\nexclude corp.example:53\n}", `"corp.example:53" has a colon, as before a port`},
		{"pdnscollect a {\nexclude https://corp.example\n}", `"https://corp.example" is a URL`},
		{"pdnscollect a {\nexclude a.example,b.example\n}", "has a comma"},
		{"pdnscollect \"\"", "empty argument: want the directory"},
		{"pdnscollect a {\ndnssec on\n}", `dnssec: unexpected argument "on"`},
		{"pdnscollect a {\necs on\n}", `ecs: unexpected argument "on"`},
		{"pdnscollect a {\nnegative\n}", "negative: an argument is missing"},
		{"pdnscollect a {\nnegative maybe\n}", "negative maybe: want off"},
		{"pdnscollect a {\nnew\n}", "new: an argument is missing"},
		{"pdnscollect a {\nnew on\n}", `new on: "on": want off, or learn and silence with a duration`},
		{"pdnscollect a {\nnew off learn 7d\n}", `new off learn 7d: off: unexpected argument "learn"`},
		{"pdnscollect a {\nnew learn\n}", "new learn: learn: an argument is missing"},
		{"pdnscollect a {\nnew learn 7d learn 8d\n}", "learn: given twice"},
		{"pdnscollect a {\nnew silence 0s\n}", "silence: want a duration above zero"},
		{"pdnscollect a {\ndisposable\n}", "disposable: an argument is missing"},
		{"pdnscollect a {\ndisposable on\n}", `disposable on: mode "on": want off, count or collapse`},
		{"pdnscollect a {\ndisposable count children\n}", "children: an argument is missing"},
		{"pdnscollect a {\ndisposable count children 0\n}", "children: want a number from 1"},
		{"pdnscollect a {\ndisposable count children 5 children 6\n}", `"children": want children, combinations or exempt, each once`},
		{"pdnscollect a {\ndisposable count after 5\n}", `"after": want children`},
		{"pdnscollect a {\ndisposable collapse exempt\n}", "exempt: an argument is missing"},
		{"pdnscollect a {\ndisposable collapse exempt a..example\n}", `"a..example" is no zone`},
	} {
		_, err := parse(caddy.NewTestController("dns", tc.directive))
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%q: %v, want %q in it", tc.directive, err, tc.want)
		}
	}
}

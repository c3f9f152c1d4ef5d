package interop

import (
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"example.org/pdns/test/lab"
)

// A zone of the tree, and the addresses of the servers that speak for it. None is
// in a network that resolvers refuse to ask at, as they do with loopback's.
type zone struct {
	origin  string
	servers []string
	text    string
}

// tree is a whole DNS: name servers in their own zone and in that of others, a
// zone whose only server has a name elsewhere, and one that is signed.
var tree = []zone{
	{".", []string{"198.18.0.1"}, `
. 600 IN SOA a.root. hostmaster.root. 1 7200 3600 1209600 300
. 600 IN NS a.root.
a.root. 600 IN A 198.18.0.1
alpha. 600 IN NS ns.alpha.
ns.alpha. 600 IN A 198.18.0.2
beta. 600 IN NS ns.beta.
ns.beta. 600 IN A 198.18.0.3
`},
	{"alpha.", []string{"198.18.0.2"}, `
alpha. 600 IN SOA ns.alpha. hostmaster.alpha. 1 7200 3600 1209600 300
alpha. 600 IN NS ns.alpha.
ns.alpha. 600 IN A 198.18.0.2
plain.alpha. 600 IN NS ns1.plain.alpha.
plain.alpha. 600 IN NS ns2.other.beta.
ns1.plain.alpha. 600 IN A 198.18.0.11
ns1.plain.alpha. 600 IN AAAA fd12:5318::11
signed.alpha. 600 IN NS ns.signed.alpha.
ns.signed.alpha. 600 IN A 198.18.0.31
`},
	{"beta.", []string{"198.18.0.3"}, `
beta. 600 IN SOA ns.beta. hostmaster.beta. 1 7200 3600 1209600 300
beta. 600 IN NS ns.beta.
ns.beta. 600 IN A 198.18.0.3
other.beta. 600 IN NS ns1.other.beta.
ns1.other.beta. 600 IN A 198.18.0.21
hosted.beta. 600 IN NS ns1.plain.alpha.
poison.beta. 600 IN NS ns.poison.beta.
ns.poison.beta. 600 IN A ` + poisonerAddress + `
`},
	{"plain.alpha.", []string{"198.18.0.11", "fd12:5318::11", "198.18.0.12"}, `
$ORIGIN plain.alpha.
$TTL 300
@ IN SOA ns1 hostmaster 1 7200 3600 1209600 300
@ IN NS ns1
@ IN NS ns2.other.beta.
@ IN MX 10 mail
@ IN MX 20 mail.other.beta.
ns1 IN A 198.18.0.11
ns1 IN AAAA fd12:5318::11
mail IN A 192.0.2.25
mail IN AAAA 2001:db8::25
www IN A 192.0.2.1
www IN AAAA 2001:db8::1
pool IN A 192.0.2.10
pool IN A 192.0.2.11
pool IN A 192.0.2.12
chain IN CNAME hop.other.beta.
*.wild IN A 192.0.2.30
_sip._tcp IN SRV 10 5 5060 sip.other.beta.
svc IN HTTPS 1 . alpn="h2,h3" ipv4hint=192.0.2.50 ipv6hint=2001:db8::50
text IN TXT "v=spf1 -all" "\000\007\"\\ octets \255"
caa IN CAA 0 issue "ca.example.net"
`},
	{"other.beta.", []string{"198.18.0.21"}, `
$ORIGIN other.beta.
$TTL 120
@ IN SOA ns1 hostmaster 1 7200 3600 1209600 300
@ IN NS ns1
ns1 IN A 198.18.0.21
ns2 IN A 198.18.0.12
hop IN CNAME end.hosted.beta.
mail IN A 198.51.100.25
sip IN A 198.51.100.50
`},
	{"hosted.beta.", []string{"198.18.0.11", "fd12:5318::11"}, `
$ORIGIN hosted.beta.
$TTL 120
@ IN SOA ns1.plain.alpha. hostmaster 1 7200 3600 1209600 300
@ IN NS ns1.plain.alpha.
end IN A 198.51.100.1
end IN A 198.51.100.2
`},
	{"signed.alpha.", []string{"198.18.0.31"}, `
$ORIGIN signed.alpha.
$TTL 600
@ IN SOA ns hostmaster 1 7200 3600 1209600 300
@ IN NS ns
ns IN A 198.18.0.31
www IN A 203.0.113.1
www IN AAAA 2001:db8:1::1
alias IN CNAME www
*.wild IN A 203.0.113.30
`},
}

const poisonerAddress = "198.18.0.66"

// rootHints is where resolvers begin.
const rootHints = ". 3600000 IN NS a.root.\na.root. 3600000 IN A 198.18.0.1\n"

// clients is the network of those who ask. No zone holds anything of it.
const clients = "10.207.0.1/16"

// addresses are those of servers and resolvers; see resolvers_test.go.
var addresses = slices.Concat(serverAddresses(), []string{
	poisonerAddress, unboundAddress, bindAddress, recursorAddress, knotAddress,
	bindForwarderAddress, unboundForwarderAddress, corednsAddress,
})

func serverAddresses() []string {
	var all []string
	for _, z := range tree {
		for _, s := range z.servers {
			if !slices.Contains(all, s) {
				all = append(all, s)
			}
		}
	}
	return all
}

// A world is the tree, served, with what is true in it.
type world struct {
	t       *testing.T
	dir     string
	anchors map[string]string     // of the zones that are signed
	truth   map[string]lab.Served // by zone
}

// newWorld serves the tree by the custom CoreDNS and the poisoner until the test
// ends.
func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, dir: openDir(t), anchors: map[string]string{}, truth: map[string]lab.Served{}}
	for _, z := range tree {
		text := z.text
		if z.origin == "." || z.origin == "signed.alpha." {
			text, w.anchors[z.origin] = lab.Sign(t, text)
		}
		lab.WriteFile(t, w.dir, zoneFile(z.origin), text)
		w.truth[z.origin] = lab.Served{}
		w.truth[z.origin].Add(t, lab.ParseZone(t, text))
	}
	startPoisoner(t)
	w.truth[poisonZone] = lab.Served{}
	w.truth[poisonZone].Add(t, poisonTruth)
	lab.WriteFile(t, w.dir, "Corefile.tree", treeCorefile())
	servers := lab.Start(t, w.dir, binaries.CoreDNS, "-conf", "Corefile.tree")
	for _, z := range tree {
		for _, s := range z.servers {
			waitForAnswer(t, servers, s, z.origin)
		}
	}
	return w
}

func zoneFile(origin string) string { return "zone." + strings.Trim(origin, ".") }

func treeCorefile() string {
	var b strings.Builder
	for _, z := range tree {
		b.WriteString(z.origin + ":53 {\n    bind " + strings.Join(z.servers, " ") + "\n    errors\n    file " + zoneFile(z.origin) + " " + z.origin + "\n}\n")
	}
	return b.String()
}

// waitForAnswer waits until the server at an address, which p runs, has an answer
// about the SOA of a zone.
func waitForAnswer(t *testing.T, p *lab.Process, address, zone string) {
	t.Helper()
	lab.Wait(t, "an answer from "+address, func() bool {
		if !p.Alive() {
			t.Fatalf("the server at %s ended:\n%s", address, p.Output())
		}
		m := new(dns.Msg).SetQuestion(zone, dns.TypeSOA)
		r, err := lab.Exchange("udp", net.JoinHostPort(address, "53"), "", m)
		return err == nil && r.Rcode == dns.RcodeSuccess && len(r.Answer) > 0
	})
}

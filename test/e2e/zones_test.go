package e2e

import (
	"fmt"
	"strings"
)

// plainZone holds one of everything that a resolver meets.
var plainZone = `$ORIGIN plain.test.
$TTL 300
@          IN SOA  ns1 hostmaster 2019080101 7200 3600 1209600 300
@          IN NS   ns1
@          IN NS   ns.other.test.
ns1        IN A    127.0.0.1
@          IN MX   10 mail
@          IN MX   20 mail.other.test.
mail       IN A    192.0.2.25
mail       IN AAAA 2001:db8::25
www        IN A    192.0.2.1
Mixed-Case IN A    192.0.2.2
pool       IN A    192.0.2.10
pool       IN A    192.0.2.11
pool       IN A    192.0.2.12
pool       IN A    192.0.2.13
chain      IN CNAME hop.other.test.
out        IN CNAME last
last       IN A    192.0.2.20
*.wild     IN A    192.0.2.30
*.wild     IN TXT  "from the wildcard"
moved      IN DNAME new.other.test.
_sip._tcp  IN SRV  10 5 5060 Sip
sip        IN A    192.0.2.40
svc        IN HTTPS 1 . alpn="h2,h3" ipv4hint=192.0.2.50 ipv6hint=2001:db8::50
_svc       IN SVCB 2 svc.other.test. port=8443
caa        IN CAA  0 issue "ca.example.net"
naptr      IN NAPTR 100 10 "u" "E2U+sip" "!^.*$!sip:info@plain.test!" .
xn--bcher-kva IN A 192.0.2.60
bytes      IN TXT  ` + everyByte() + `
empty      IN TXT  ""
` + longName + ` 300 IN A 192.0.2.70
`

var otherZone = `$ORIGIN other.test.
$TTL 120
@        IN SOA ns hostmaster 2019080101 7200 3600 1209600 300
@        IN NS  ns
ns       IN A   127.0.0.1
hop      IN CNAME end
end      IN A   198.51.100.1
end      IN A   198.51.100.2
a.new    IN A   198.51.100.30
mail     IN A   198.51.100.25
svc      IN A   198.51.100.8
`

var signedZone = `$ORIGIN signed.test.
$TTL 600
@      IN SOA ns hostmaster 2019080101 7200 3600 1209600 300
@      IN NS  ns
ns     IN A   127.0.0.1
www    IN A   203.0.113.1
www    IN AAAA 2001:db8:1::1
alias  IN CNAME www
*.wild IN A   203.0.113.30
`

// changingZone is served with another address in each version.
func changingZone(version int) string {
	return fmt.Sprintf(`$ORIGIN changing.test.
$TTL 1
@   IN SOA ns hostmaster %d 7200 3600 1209600 1
@   IN NS  ns
ns  IN A   127.0.0.1
www IN A   192.0.2.%d
`, version, version)
}

// longName has 255 octets on the wire, its labels 63 where there is room.
var longName = strings.Repeat("a", 63) + "." + strings.Repeat("b", 63) + "." + strings.Repeat("c", 63) + "." +
	strings.Repeat("d", 255-1-3*64-len(".plain.test")-1) + ".plain.test."

// everyByte is two strings that hold each octet once.
func everyByte() string {
	var b strings.Builder
	b.WriteByte('"')
	for i := range 256 {
		if i == 128 {
			b.WriteString(`" "`)
		}
		fmt.Fprintf(&b, `\%03d`, i)
	}
	b.WriteByte('"')
	return b.String()
}

package exclude_test

import (
	"strings"
	"testing"

	"example.org/pdns/plugin/pkg/exclude"
	"example.org/pdns/plugin/pkg/rrset"
)

func TestParse(t *testing.T) {
	for in, want := range map[string]string{
		"":                          "",
		"Corp.example. lab.example": "corp.example. lab.example.",
		"192.0.2.0/24":              "2.0.192.in-addr.arpa.",
		"192.0.2.0/23 x":            "2.0.192.in-addr.arpa. 3.0.192.in-addr.arpa. x.",
		"192.0.2.128/32":            "128.2.0.192.in-addr.arpa.",
		"10.0.0.0/8":                "10.in-addr.arpa.",
		"2001:db8::/32":             "8.b.d.0.1.0.0.2.ip6.arpa.",
		"2001:db8::/31":             "8.b.d.0.1.0.0.2.ip6.arpa. 9.b.d.0.1.0.0.2.ip6.arpa.",
		"0/25.2.0.192.in-addr.arpa": "0/25.2.0.192.in-addr.arpa.",
		"192.0.2.1/24":              `error: "192.0.2.1/24" is an address in a network: want 192.0.2.0/24`,
		"0.0.0.0/0":                 `error: "0.0.0.0/0" would leave every reverse zone out: want in-addr.arpa or ip6.arpa, if that is meant`,
		"::ffff:192.0.2.0/120":      `error: "::ffff:192.0.2.0/120" is an IPv4 network written as IPv6: want it as IPv4`,
		"192.0.2.1":                 `error: "192.0.2.1" is an address: want a network such as 192.0.2.0/24, or a zone`,
		"a.example,b.example":       `error: "a.example,b.example" has a comma: want spaces between zones`,
		"a..example":                `error: "a..example" is no zone: `,
		".":                         `error: "." would leave everything out`,
		"*.example":                 `error: "*.example" is a wildcard: want a zone, which covers all names below it`,
		"https://example":           `error: "https://example" is a URL: want a zone`,
	} {
		zones, err := exclude.Parse(strings.Fields(in))
		var names []string
		for _, z := range zones {
			names = append(names, rrset.NameString(z))
		}
		got := strings.Join(names, " ")
		if err != nil {
			got = "error: " + err.Error()
		}
		if got != want && !(strings.HasSuffix(want, ": ") && strings.HasPrefix(got, want)) {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
	}
}

package httpapi_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strings"
	"testing"

	"example.org/pdns/plugin/pkg/httpapi"
	"example.org/pdns/test/dialecttest"
)

// hostile is a history of what nobody means well with: each owner with records of
// every kind that a dialect writes in a way of its own.
func hostile() (history string, owners []string) {
	label := strings.Repeat("x", 62)
	owners = []string{
		`plain.test.`, `a\"b.test.`, `a\\b.test.`, `a\.co.uk.`, `\000\001\010\031.test.`, `\127\200\255.test.`,
		`<script>.test.`, `\123\"obj\"\0581\125.test.`, `*.test.`, `\000.`,
		label + `\".` + label + `\000.` + label + `\\.test.`,
	}
	text := `"` + strings.Repeat(`\"\\\000\255`, 63) + `"`
	long := strings.Repeat(text+" ", 236)
	var b strings.Builder
	for i, owner := range owners {
		for _, record := range []string{
			"A 192.0.2.1", "AAAA 2001:db8::1", "NS " + owner, "MX 10 " + owner, "SRV 1 2 3 " + owner, "PTR " + owner,
			"SOA " + owner + " " + owner + " 1 2 3 4 5", "TXT " + text, `HINFO "\"\000" "\\"`, `CAA 0 issue "\"\000\255"`,
			`TYPE65400 \# 3 220022`, "HTTPS 1 . ipv4hint=192.0.2.1",
		} {
			rtype, rdata, _ := strings.Cut(record, " ")
			fmt.Fprintf(&b, "%s %s %d %d 1 60 - %s\n", owner, rtype, 1577000000+i, 1577100000+i, rdata)
		}
	}
	fmt.Fprintf(&b, "%s TXT 1577000000 1577000100 1 60 - %s\n", owners[0], long)
	var addresses []string
	for i := range 4000 {
		addresses = append(addresses, fmt.Sprintf("198.18.%d.%d", i/256, i%256))
	}
	fmt.Fprintf(&b, "%s A 1577200000 1577200000 1 60 - %s\n", owners[0], strings.Join(addresses, "|"))
	return b.String(), owners
}

// TestHostile: every dialect answers about a history that its owners have made as bad
// as they could, and what it answers is JSON from the first octet to the last.
func TestHostile(t *testing.T) {
	history, owners := hostile()
	var rec httpapi.Record
	h := dialecttest.Serve(t, history, httpapi.Config{Seen: func(r httpapi.Record) { rec = r }})
	ask := func(target string) {
		t.Helper()
		a := dialecttest.Get(t, h, target)
		if a.Status != 200 || a.Cut || rec.Results == 0 {
			t.Errorf("%s: status %d, cut %v, %d results: %.200q", target, a.Status, a.Cut, rec.Results, a.Body)
			return
		}
		d := json.NewDecoder(strings.NewReader(a.Body))
		for {
			var v any
			if err := d.Decode(&v); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("%s: %v in %.500q", target, err, a.Body)
			}
		}
	}
	for _, owner := range owners {
		path, query := url.PathEscape(owner), url.QueryEscape(owner)
		for _, prefix := range []string{
			"/dnsdb/v2/lookup/rrset/name/", "/dnsdb/v2/lookup/rdata/name/", "/lookup/rrset/name/", "/lookup/rdata/name/", "/dnsdb/v2/summarize/rrset/name/",
		} {
			ask(prefix + path)
		}
		if strings.HasPrefix(owner, "*") {
			path, query = "%2A.test", "%2A.test"
		}
		ask("/pdns/query/" + path)
		ask("/v2/dns/passive?query=" + query)
		ask("/v2/dns/passive/unique?query=" + query)
		ask("/api/v1/lookup?subject=" + query)
		ask("/api/v1/lookup?rdata=true&records=true&subject=" + query)
		ask("/api/v1/summary?subject=" + query)
		if strings.HasPrefix(owner, "*") {
			continue // single names
		}
		ask("/api/v1/timeline?name=" + query)
		ask("/api/v1/indicators/hostname/" + path + "/passive_dns")
		ask("/dnsdb/name/ANY/" + path)
		ask("/api/v3/domains/" + path + "/resolutions")
		for _, rtype := range []string{"a", "aaaa", "mx", "ns", "soa", "txt"} {
			ask("/v1/history/" + path + "/dns/" + rtype)
		}
	}
	for _, target := range []string{
		"/dnsdb/v2/lookup/rdata/ip/192.0.2.1", "/dnsdb/v2/lookup/rdata/raw/00", "/dnsdb/v2/regex/rrnames/.", "/dnsdb/v2/regex/rdata/.",
		"/lookup/rdata/ip/192.0.2.1", "/pdns/query/192.0.2.0/24", "/pdns/query/%2A.test", "/v2/dns/passive?query=192.0.2.1",
		"/v2/dns/passive/unique?query=192.0.2.1", "/v2/dns/search/keyword?query=%22", "/v2/dns/search/keyword?query=%5C",
		"/api/v1/indicators/IPv4/192.0.2.1/passive_dns", "/api/v1/indicators/domain/test/passive_dns", "/api/v1/indicators/IPv6/2001%3Adb8::1/passive_dns",
		"/dnsdb/ip/a/192.0.2.1.json", "/api/v3/ip_addresses/192.0.2.1/resolutions", "/api/v1/lookup?raw=00", "/api/v1/new?since=2019-01-01&kind=host",
		"/api/v1/new?since=2019-01-01", "/api/v1/map?seed=192.0.2.1",
	} {
		ask(target)
	}
}

// TestResults: the results that are told of a request are those that were given, not
// what they were made of.
func TestResults(t *testing.T) {
	var rec httpapi.Record
	h := dialecttest.Serve(t, `
www.example.com. A   1577000000 1577000000 1 60 example.com. 192.0.2.1|192.0.2.2
www.example.com. A   1577100000 1577100000 1 60 example.com. 192.0.2.1
www.example.com. TXT 1577100000 1577100000 1 60 example.com. one
ftp.example.com. A   1577100000 1577100000 1 60 example.com. 192.0.2.1
`, httpapi.Config{Limit: 3, Seen: func(r httpapi.Record) { rec = r }})
	for target, want := range map[string]int{
		"/dnsdb/v2/lookup/rrset/name/*.example.com":               3,
		"/dnsdb/v2/lookup/rrset/name/*.example.com?limit=2":       2,
		"/dnsdb/v2/summarize/rrset/name/*.example.com":            1,
		"/dnsdb/v2/glob/rrnames/www.*":                            2,
		"/pdns/query/%2A.example.com":                             3,
		"/v2/dns/passive?query=%2A.example.com":                   3,
		"/v2/dns/passive/unique?query=192.0.2.1":                  2,
		"/v2/dns/search/keyword?query=w":                          1,
		"/api/v1/indicators/hostname/www.example.com/passive_dns": 3,
		"/v1/history/www.example.com/dns/a":                       2,
		"/dnsdb/name/a/www.example.com":                           2,
		"/dnsdb/ip/a/192.0.2.1.json":                              2,
		"/api/v3/domains/www.example.com/resolutions":             2,
		"/api/v1/lookup?subject=*.example.com":                    3,
		"/api/v1/summary?subject=*.example.com":                   1,
		"/api/v1/timeline?name=www.example.com":                   3,
		"/api/v1/new?since=2019-01-01":                            1,
		"/api/v1/new?since=2019-01-01&kind=host":                  2,
		"/api/v1/lookup?subject=never.test":                       0,
	} {
		if a := dialecttest.Get(t, h, target); a.Status != 200 || rec.Results != want {
			t.Errorf("%s: status %d, %d results, want %d: %s", target, a.Status, rec.Results, want, a.Body)
		}
	}
}

package pdnsquery_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// TestCollapsed: a name that may be one of those that were recorded as one is
// answered so, and is not denied.
func TestCollapsed(t *testing.T) {
	s := start(t, "_pdns.local:0 {\n pdnsquery "+history(t,
		seen("_wildcard_.example.com WILDCARD 1-9 h16"),
		seen("_wildcard_.example.com A 1-9 192.0.2.1"),
		seen("0123456789abcdef.example.com A 1-1 192.0.2.1"),
		seen("_wildcard_.zen.example.net WILDCARD 1-5 d1.d1.d1.d1"),
		seen("_wildcard_.victim.example WILDCARD 2-3 *"),
		seen("_wildcard_.victim.example NXDOMAIN 2-3"),
		seen("www.victim.example A 1-1 192.0.2.2"),
		seen("_wildcard_.nx.example WILDCARD 2-3 h16"),
		seen("_wildcard_.nx.example NXDOMAIN 2-3"),
	)+"\n}")
	among := func(n, shape, zone, first, last, next string) string {
		return "may be among about " + n + " names of shape " + shape + " below " + zone + " seen from 2019-08-0" + first +
			"T12:00:00Z to 2019-08-0" + last + "T12:00:00Z and recorded as one" + next
	}
	tokens := "; " + among("9", "h16", "example.com.", "1", "9", "; next: | _wildcard_.example.com._pdns.local.")
	nxdomain := "; " + among("2", "*", "victim.example.", "2", "3", "; next: | _wildcard_.victim.example._nxdomain._pdns.local.")
	tests := []struct {
		name string
		want []string
	}{
		{"0123456789abcdef.example.com", []string{line("A", 1, 1, "192.0.2.1"), tokens}},
		{"fedcba9876543210.example.com", []string{tokens}},
		{"fedcba9876543210.example.com._a", []string{strings.ReplaceAll(tokens, "com._pdns", "com._a._pdns")}},
		{"www.example.com", []string{"NXDOMAIN"}},
		{"_wildcard_.example.com", []string{line("A", 1, 9, "192.0.2.1")}},
		{"_wildcard_.example.com._wildcard", []string{line("WILDCARD", 1, 9, "h16")}},
		{"192.0.2.1._rdata._limit-1", []string{of("_wildcard_.example.com.", "A", 1, 9, "192.0.2.1"),
			"; 1 to 1 of 2; next: | 192.0.2.1._rdata._limit-1._offset-1._pdns.local."}},
		{"4.3.2.1.zen.example.net", []string{"; " + among("5", "d1.d1.d1.d1", "zen.example.net.", "1", "5",
			"; next: | _wildcard_.zen.example.net._wildcard._pdns.local.")}},
		{"2.1.zen.example.net", []string{"NODATA", "EDE 0: names below it " + among("5", "d1.d1.d1.d1", "zen.example.net.", "1", "5", "")}},
		{"*.2.1.zen.example.net", []string{"NODATA", "EDE 0: names below it " + among("5", "d1.d1.d1.d1", "zen.example.net.", "1", "5", "")}},
		{"x.2.1.zen.example.net", []string{"NXDOMAIN"}},
		{"www.victim.example", []string{line("A", 1, 1, "192.0.2.2")}},
		{"typo.victim.example", []string{nxdomain}},
		{"typo.victim.example._a", []string{nxdomain}},
		{"typo.victim.example._since-20190901", []string{nxdomain}},
		{"fedcba9876543210.nx.example._a._slices", []string{"; " + among("2", "h16", "nx.example.", "2", "3",
			"; next: | _wildcard_.nx.example._nxdomain._pdns.local.")}},
		{"fedcba9876543210.example.com._nxdomain", []string{tokens}},
		{"typo.victim.example._nxdomain", []string{nxdomain}},
	}
	for _, test := range tests {
		if got, want := s.asked(test.name), strings.Join(test.want, "\n"); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", test.name, got, want)
		}
	}
	if r := s.ask("tcp", "fedcba9876543210.example.com._pdns.local", dns.TypeA); r.Rcode != dns.RcodeSuccess || len(r.Answer) > 0 {
		t.Errorf("type A: %s", show(r))
	}
	var note struct{ Note, Next string }
	r := s.ask("tcp", "fedcba9876543210.example.com._json._pdns.local", dns.TypeTXT)
	if err := json.Unmarshal([]byte(joined(r.Answer[0])), &note); err != nil || note.Next != "_wildcard_.example.com._json._pdns.local." {
		t.Errorf("%+v, %v", note, err)
	}
}

package pdnsquery_test

import (
	"strings"
	"testing"

	"github.com/miekg/dns"
)

func TestPast(t *testing.T) {
	s := start(t, "_pdns.local:0 {\n pdnsquery "+world(t)+"\n}")
	const zone = "._pdns.local."
	tests := []struct {
		qtype uint16
		name  string
		want  []string
	}{
		{dns.TypeA, "www.example.com", []string{"www.example.com" + zone + " A 198.51.100.7"}},
		{dns.TypeA, "www.example.com._at-20190805", []string{
			"www.example.com._at-20190805" + zone + " A 192.0.2.1",
			"www.example.com._at-20190805" + zone + " A 192.0.2.2",
		}},
		// Two stood then: the one that had come last.
		{dns.TypeA, "www.example.com._at-20190814", []string{"www.example.com._at-20190814" + zone + " A 203.0.113.9"}},
		{dns.TypeA, "www.example.com._at-20190831", []string{"www.example.com._at-20190831" + zone + " A 198.51.100.7"}},
		{dns.TypeA, "www.example.com._until-20190805", []string{
			"www.example.com._until-20190805" + zone + " A 192.0.2.1",
			"www.example.com._until-20190805" + zone + " A 192.0.2.2",
		}},
		{dns.TypeMX, "example.com", []string{"example.com" + zone + " MX 10 mail.example.com."}},
		{dns.TypeNS, "example.com", []string{"example.com" + zone + " NS ns1.example.net.", "example.com" + zone + " NS ns2.example.net."}},
		{dns.TypeNS, `\.`, []string{`\.` + zone + " NS a.root.example."}},
		// It was an alias, then had an address.
		{dns.TypeA, "alias.example.com", []string{"alias.example.com" + zone + " A 192.0.2.77"}},
		{dns.TypeA, "alias.example.com._at-20190804", []string{
			"alias.example.com._at-20190804" + zone + " CNAME www.example.com._at-20190804" + zone,
			"www.example.com._at-20190804" + zone + " A 192.0.2.1",
			"www.example.com._at-20190804" + zone + " A 192.0.2.2",
		}},
		{dns.TypeCNAME, "alias.example.com", []string{"alias.example.com" + zone + " CNAME www.example.com" + zone}},
		{dns.TypeA, "lost.example.com", []string{"lost.example.com" + zone + " CNAME nowhere.example.net" + zone}},
		{dns.TypeA, "odd.example.com", []string{"odd.example.com" + zone + " CNAME a._tcp._name" + zone}},
		// Newest known, unless it was known not to exist at the time.
		{dns.TypeA, "gone.example.com", []string{"gone.example.com" + zone + " A 192.0.2.5"}},
		{dns.TypeA, "gone.example.com._at-20190806", []string{"gone.example.com._at-20190806" + zone + " A 192.0.2.5"}},
		{dns.TypeA, "gone.example.com._at-20190808", []string{
			"NODATA", "EDE 0: NXDOMAIN seen from 2019-08-07T12:00:00Z to 2019-08-20T12:00:00Z, last RRset at 2019-08-05T12:00:00Z"}},
		{dns.TypeA, "www.example.com._at-20190701", []string{"NODATA"}},
		{dns.TypeSRV, "www.example.com", []string{"NODATA"}},
		{dns.TypeA, "empty.example.com", []string{"NODATA"}},
		{dns.TypeA, "never.example.com", []string{"NXDOMAIN"}},
		{dns.TypeA, "com", []string{"NODATA", "EDE 0: nothing at the name, but below it: ask *.com._pdns.local."}},
		{dns.TypeA, "*.example.com", []string{"NODATA", "EDE 0: only TXT answers about wildcards, rdata, status and what is new: want type TXT, or one name"}},
		{dns.TypeA, "_status", []string{"NODATA", "EDE 0: only TXT answers about wildcards, rdata, status and what is new: want type TXT, or one name"}},
		{dns.TypeA, "www.example.com._mx", []string{"NODATA",
			"EDE 0: types, _slices, _json and what else shapes TXT answers: want type TXT, or only times and a bailiwick"}},
		{65321, "gone.example.com", []string{"NODATA", "EDE 0: NXDOMAIN is no type of data: want type TXT, or one that the name had"}},
	}
	for _, test := range tests {
		got := show(s.ask("udp", test.name+zone, test.qtype))
		if want := strings.Join(test.want, "\n"); got != want {
			t.Errorf("%s %s:\n%s\nwant\n%s", dns.TypeToString[test.qtype], test.name, got, want)
		}
	}
	if got := len(s.ask("udp", "loop.example.com"+zone, dns.TypeA).Answer); got != 8 {
		t.Errorf("a loop of aliases: %d records, want 8", got)
	}
}

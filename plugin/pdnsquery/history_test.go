package pdnsquery_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/rrset"
)

const day = "2019-08-%02dT12:00:00Z"

// line is the first string of an RRset seen daily, and what follows.
func line(rtype string, first, last int, rest ...string) string {
	return strings.Join(append([]string{fmt.Sprintf("%s "+day+" "+day+" %d", rtype, first, last, last-first+1)}, rest...), " | ")
}

// of is line where the owner is not the name that was asked.
func of(owner, rtype string, first, last int, rest ...string) string {
	return strings.Join(append([]string{line(rtype, first, last) + " " + owner}, rest...), " | ")
}

func TestHistory(t *testing.T) {
	s := start(t, "_pdns.local:0 {\n pdnsquery "+world(t)+"\n}")
	tests := []struct {
		name string
		want []string
	}{
		{"www.example.com", []string{
			line("A", 10, 20, "198.51.100.7"),
			line("A", 12, 15, "203.0.113.9"),
			line("A", 1, 9, "192.0.2.1", "192.0.2.2"),
			line("AAAA", 3, 4, "2001:db8::1"),
		}},
		{"WWW.example.COM._aaaa", []string{line("AAAA", 3, 4, "2001:db8::1")}},
		{"example.com._txt", []string{line("TXT", 5, 5, `"v=spf1 -all"`)}},
		{`\.`, []string{line("NS", 1, 20, "a.root.example.")}},
		{"gone.example.com", []string{line("A", 1, 5, "192.0.2.5")}},
		{"gone.example.com._nxdomain", []string{line("NXDOMAIN", 7, 20)}},
		{"empty.example.com._nodata", []string{line("NODATA", 1, 2, "AAAA")}},
		{"*.example.com._mx", []string{of("example.com.", "MX", 1, 20, "10 mail.example.com.")}},
		{"www.example.*._until-20190801", []string{
			of("www.example.com.", "A", 1, 9, "192.0.2.1", "192.0.2.2"),
			of("www.example.org.", "A", 1, 2, "192.0.2.3"),
		}},
		{"192.0.2.25._rdata", []string{of("mail.example.com.", "A", 1, 20, "192.0.2.25")}},
		{"2001:db8::/32._rdata", []string{of("www.example.com.", "AAAA", 3, 4, "2001:db8::1")}},
		{"192.0.2.1-192.0.2.3._rdata", []string{
			of("www.example.com.", "A", 1, 9, "192.0.2.1", "192.0.2.2"),
			of("www.example.org.", "A", 1, 2, "192.0.2.3"),
		}},
		{"ns1.example.net._rdata", []string{of("example.com.", "NS", 1, 20, "ns1.example.net.", "ns2.example.net.")}},
		{"*.root.example._rdata", []string{of(".", "NS", 1, 20, "a.root.example.")}},
		{"c6.336407._raw", []string{of("www.example.com.", "A", 10, 20, "198.51.100.7")}},
		{"www.example.com._since-20190810._until-20190811", []string{line("A", 10, 20, "198.51.100.7")}},
		{"www.example.com._a._at-20190805", []string{line("A", 1, 9, "192.0.2.1", "192.0.2.2")}},
		{"www.example.com._limit-1", []string{
			line("A", 10, 20, "198.51.100.7"),
			"; 1 to 1 of 4; next: | www.example.com._limit-1._offset-1._pdns.local.",
		}},
		{"www.example.com._offset-3._limit-1", []string{line("AAAA", 3, 4, "2001:db8::1")}},
		{"www.example.com._offset-9", []string{"; 4 in all, none behind offset 9"}},
		{"www.example.com._summary", []string{"rrsets=4 | first=2019-08-01T12:00:00Z | last=2019-08-20T12:00:00Z | count=26"}},
		{"never.example.com", []string{"NXDOMAIN"}},
		{"www.example.com._mx", []string{"NODATA"}},
		{"www.example.com._since-20200101", []string{"NODATA"}},
		{"empty.example.com", []string{"NODATA"}},
		{"never.*", []string{"NODATA"}},
		{"_json", []string{"NODATA", "EDE 0: no subject: want www.example.com, *.example.com or www.example.* " +
			"left of the operators, or an address left of _rdata"}},
		{"never.example.com._summary", []string{"NXDOMAIN"}},
		{"com", []string{"NODATA", "EDE 0: nothing at the name, but below it: ask *.com._pdns.local."}},
		{"www.example.com._since-yesterday", []string{"NXDOMAIN", `EDE 0: "_since-yesterday": "yesterday" is no time from 1970 on: ` +
			"want a date (20190801), date-time (20190801T101112) or age (7d, 12h, 2w)"}},
	}
	for _, test := range tests {
		if got, want := s.asked(test.name), strings.Join(test.want, "\n"); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", test.name, got, want)
		}
	}
}

func TestJSON(t *testing.T) {
	s := start(t, "_pdns.local:0 {\n pdnsquery "+world(t)+"\n}")
	r := s.ask("tcp", "*.example.com._json._limit-1._pdns.local", dns.TypeTXT)
	if len(r.Answer) != 2 {
		t.Fatalf("got %s", show(r))
	}
	var object struct {
		Name  string `json:"rrname"`
		Count int    `json:"count"`
	}
	if err := json.Unmarshal([]byte(joined(r.Answer[0])), &object); err != nil || object.Count == 0 || object.Name == "" {
		t.Errorf("got %+v, %v", object, err)
	}
	var note struct{ Note, Next string }
	err := json.Unmarshal([]byte(joined(r.Answer[1])), &note)
	if err != nil || note.Next != "*.example.com._json._limit-1._offset-1._pdns.local." || note.Note == "" {
		t.Errorf("got %+v, %v", note, err)
	}
	for name, key := range map[string]string{"_status._json": "records", "www.example.com._summary._json": "rrsets"} {
		var any map[string]any
		r := s.ask("tcp", name+"._pdns.local", dns.TypeTXT)
		if err := json.Unmarshal([]byte(joined(r.Answer[0])), &any); err != nil || any[key] == nil {
			t.Errorf("%s: got %v, %v", name, any, err)
		}
	}
}

// joined is the text that the strings of a TXT were cut from.
func joined(rr dns.RR) string {
	return plain(strings.Join(rr.(*dns.TXT).Txt, ""))
}

// TestLongStrings: a string of 255 octets is continued by the next one.
func TestLongStrings(t *testing.T) {
	long := &rrset.RRset{Owner: rrset.MustName("long.example"), Type: 65400, Rdata: [][]byte{make([]byte, 200), make([]byte, 121), {7}}}
	long.Rdata = rrset.SortRdata(long.Rdata)
	long.First, long.Last, long.Count = noon(1), noon(1), 1
	s := start(t, "_pdns.local:0 {\n pdnsquery "+history(t, long)+"\n}")
	r := s.ask("tcp", "long.example._pdns.local", dns.TypeTXT)
	var got []int
	for _, text := range r.Answer[0].(*dns.TXT).Txt[1:] {
		got = append(got, len(plain(text)))
	}
	// "\# 121 " and 242 digits are 249 octets; "\# 200 " and 400 are 255 and 152.
	if want := []int{249, 255, 152, 7}; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("strings of %v octets, want %v", got, want)
	}
}

func TestSizes(t *testing.T) {
	var many []*rrset.RRset
	for i := range 900 {
		many = append(many, seen(fmt.Sprintf("n%d.%s.example A 1-2 192.0.2.1", i, strings.Repeat("x", 60))))
	}
	s := start(t, "_pdns.local:0 {\n pdnsquery "+history(t, many...)+"\n}")

	udp := s.ask("udp", "*.example._pdns.local", dns.TypeTXT)
	udp.Compress = true
	if !udp.Truncated || udp.Len() > 1232 {
		t.Errorf("UDP: truncated %v, %d octets", udp.Truncated, udp.Len())
	}
	tcp := s.ask("tcp", "*.example._pdns.local", dns.TypeTXT)
	if tcp.Truncated || len(tcp.Answer) != 101 {
		t.Errorf("TCP: truncated %v, %d records", tcp.Truncated, len(tcp.Answer))
	}

	// A page that no message holds ends earlier, and its note leads on until all
	// has been seen once.
	owners := map[string]bool{}
	pages := 0
	for name := "*.example._limit-1000._pdns.local."; name != ""; pages++ {
		r := s.ask("tcp", name, dns.TypeTXT)
		if r.Truncated || pages > 5 {
			t.Fatalf("page %d: truncated %v", pages, r.Truncated)
		}
		name = ""
		for _, rr := range r.Answer {
			txt := rr.(*dns.TXT).Txt
			if strings.HasPrefix(txt[0], ";") {
				name = txt[1]
				continue
			}
			owners[txt[0]] = true
		}
	}
	if pages < 2 || len(owners) != len(many) {
		t.Errorf("%d pages, %d RRsets, want %d", pages, len(owners), len(many))
	}
}

func TestStatus(t *testing.T) {
	s := start(t, "_pdns.local:0 {\n pdnsquery "+world(t)+"\n}")
	got := s.asked("_status")
	for _, want := range []string{"since=2019-", "until=2019-", "runs=1", "records=18", "recorded=147", "version=devel"} {
		if !strings.Contains(got, want) {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

package securitytrails_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.org/pdns/plugin/pkg/httpapi"
	"example.org/pdns/plugin/pkg/httpapi/keys"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// history is one RRset a line, by days: OWNER TYPE BAILIWICK FIRST LAST RDATA|...
const history = `
www.example.com.  A    -            2011-01-07 2011-03-25 192.0.2.1
www.example.com.  A    example.com. 2011-03-26 2011-04-01 192.0.2.1
flush
www.example.com.  A    example.com. 2011-05-01 2011-06-01 192.0.2.2|192.0.2.1
flush
www.example.com.  A    example.com. 2011-05-20 2011-07-01 192.0.2.1
www.example.com.  AAAA example.com. 2012-01-01 2012-01-01 2001:db8::1
example.com.      MX   example.com. 2012-01-01 2012-01-02 10 mail.example.com.|20 mail.example.net.
example.com.      NS   example.com. 2012-01-01 2012-01-02 ns1.example.net.|ns2.example.net.
example.com.      SOA  example.com. 2012-01-01 2012-01-02 ns1.example.net. host.example.com. 1 2 3 4 5
example.com.      TXT  example.com. 2012-01-01 2012-01-02 "v=spf1 " "a:\\\"\007 -all"
flush
example.com.      TXT  example.com. 2014-01-01 2014-01-02 "v=spf1 " "a:\\\"\007 -all"
`

func add(t *testing.T, s *store.Store, line string) {
	t.Helper()
	if line == "flush" {
		if err := s.Flush(context.Background()); err != nil {
			t.Fatal(err)
		}
		return
	}
	f := strings.Fields(line)
	r := &rrset.RRset{Owner: rrset.MustName(f[0]), Figures: rrset.Figures{Count: 1, First: day(f[3]), Last: day(f[4])}}
	if f[2] != "-" {
		r.Bailiwick = rrset.MustName(f[2])
		r.TTLMin, r.TTLMax, r.Marks = 60, 300, rrset.HasTTL
	}
	var err error
	if r.Type, err = rrset.ParseType(f[1]); err != nil {
		t.Fatal(err)
	}
	for _, text := range strings.Split(strings.Join(f[5:], " "), "|") {
		rdata, err := rrset.ParseRdata(r.Type, text)
		if err != nil {
			t.Fatal(err)
		}
		r.Rdata = append(r.Rdata, rdata)
	}
	r.Rdata = rrset.SortRdata(r.Rdata)
	if err := s.Add(r); err != nil {
		t.Fatal(err)
	}
}

func day(s string) int64 {
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err) // a mistake in this test
	}
	return d.Unix()
}

// serve is the API over a store with lines of history. file has the keys; empty: none
// are needed.
func serve(t *testing.T, lines, file string) http.Handler {
	s, err := store.Open(t.TempDir(), store.Options{Flush: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	for _, line := range strings.Split(strings.TrimSpace(lines), "\n") {
		add(t, s, line)
	}
	h, err := httpapi.New(httpapi.Config{Address: "127.0.0.1:0", Keys: file, Source: func() store.Source { return s }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Stop(context.Background()) })
	return h.Handler()
}

func get(h http.Handler, target string) (int, string) { return ask(h, target, "any") }

func ask(h http.Handler, target, key string) (int, string) {
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, target, nil)
	r.Header.Set("APIKEY", key)
	h.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func TestHistory(t *testing.T) {
	h := serve(t, history, "")
	record := func(kind, first, last, values string) string {
		return fmt.Sprintf(`{"values":[%s],"type":"%s","organizations":[],"first_seen":"%s","last_seen":"%s"}`, values, kind, first, last)
	}
	tests := []struct{ name, kind, full, records, pages string }{
		{"www.example.com", "a", "a/ipv4",
			record("a", "2011-05-20", "2011-07-01", `{"ip":"192.0.2.1","ip_count":null}`) + "," +
				record("a", "2011-05-01", "2011-06-01", `{"ip":"192.0.2.1","ip_count":null},{"ip":"192.0.2.2","ip_count":null}`) + "," +
				record("a", "2011-01-07", "2011-04-01", `{"ip":"192.0.2.1","ip_count":null}`), "1"},
		{"www.example.com", "aaaa", "aaaa/ipv6", record("aaaa", "2012-01-01", "2012-01-01", `{"ipv6":"2001:db8::1","ipv6_count":null}`), "1"},
		{"example.com", "mx", "mx", record("mx", "2012-01-01", "2012-01-02",
			`{"host":"mail.example.com","host_count":null,"priority":10},{"host":"mail.example.net","host_count":null,"priority":20}`), "1"},
		{"example.com", "ns", "ns", record("ns", "2012-01-01", "2012-01-02",
			`{"nameserver":"ns1.example.net","nameserver_count":null},{"nameserver":"ns2.example.net","nameserver_count":null}`), "1"},
		{"example.com", "soa", "soa", record("soa", "2012-01-01", "2012-01-02",
			`{"email":"host.example.com","email_count":null,"ttl":300}`), "1"},
		{"example.com", "txt", "txt", record("txt", "2012-01-01", "2014-01-02", `{"value":"v=spf1 a:\\\"\u0007 -all"}`), "1"},
		{"never.test", "a", "a/ipv4", "", "0"},
	}
	for _, tt := range tests {
		path := "/v1/history/" + tt.name + "/dns/" + tt.kind
		want := `{"endpoint":"` + path + `","type":"` + tt.full + `","records":[` + tt.records + `],"pages":` + tt.pages + "}\n"
		if code, got := get(h, path); code != 200 || got != want {
			t.Errorf("%s: %d\n%s\nwant\n%s", path, code, got, want)
		}
	}
}

func TestPages(t *testing.T) {
	var lines strings.Builder
	first := day("2020-01-01")
	for i := range 205 {
		d := time.Unix(first, 0).AddDate(0, 0, i).UTC().Format(time.DateOnly)
		fmt.Fprintf(&lines, "a.test. A - %s %s 192.0.2.%d\n", d, d, i)
	}
	h := serve(t, lines.String(), "")
	for page, want := range map[string]struct {
		records int
		first   string
	}{
		"1": {100, `"192.0.2.204"`}, "2": {100, `"192.0.2.104"`}, "3": {5, `"192.0.2.4"`}, "4": {0, ""}, "9999999999": {0, ""},
	} {
		code, got := get(h, "/v1/history/a.test/dns/a?page="+page)
		if n := strings.Count(got, "first_seen"); code != 200 || n != want.records || !strings.HasSuffix(got, `],"pages":3}`+"\n") ||
			!strings.HasPrefix(got, `{"endpoint":"/v1/history/a.test/dns/a","type":"a/ipv4","records":[`) {
			t.Errorf("page %s: %d, %d records\n%s", page, code, n, got)
		}
		if i := strings.Index(got, `{"ip":`); i >= 0 && !strings.HasPrefix(got[i+6:], want.first) {
			t.Errorf("page %s begins with %.20s, want %s", page, got[i+6:], want.first)
		}
	}
}

func TestFaults(t *testing.T) {
	h := serve(t, history, "")
	tests := []struct {
		path    string
		status  int
		message string
	}{
		{"/v1/history/example.com/dns/cname", 400, `\"cname\": want a, aaaa, mx, ns, soa or txt`},
		{"/v1/history/*.example.com/dns/a", 400, `\"*.example.com\": want a domain name`},
		{"/v1/history/192.0.2.1/dns/a", 400, `\"192.0.2.1\": want a domain name`},
		{"/v1/history/example.com/dns/a?page=0", 400, `page=\"0\": want a whole number from 1 on`},
		{"/v1/history/example.com/whois", 404, `want /v1/history/NAME/dns/TYPE`},
	}
	for _, tt := range tests {
		want := `{"message":"` + tt.message + `"}` + "\n"
		if code, got := get(h, tt.path); code != tt.status || got != want {
			t.Errorf("%s: %d\n%s\nwant %d\n%s", tt.path, code, got, tt.status, want)
		}
	}
}

func TestKeys(t *testing.T) {
	file := filepath.Join(t.TempDir(), "keys")
	secret, err := keys.Add(file, "alice")
	if err != nil {
		t.Fatal(err)
	}
	h := serve(t, history, file)
	if code, got := ask(h, "/v1/history/never.test/dns/a", "x"); code != 401 || got != `{"message":"no key that is known here"}`+"\n" {
		t.Errorf("%d %s", code, got)
	}
	if code, got := ask(h, "/v1/history/never.test/dns/a", secret); code != 200 {
		t.Errorf("%d %s", code, got)
	}
}

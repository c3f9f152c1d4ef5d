package virustotal_test

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

// history is one RRset a line: OWNER TYPE FIRST LAST RDATA|RDATA...
const history = `
www.example.com.  A     100 110 192.0.2.1|192.0.2.2
www.example.com.  A     200 300 192.0.2.2|192.0.2.3
www.example.com.  AAAA  150 150 2001:db8::1
www.example.com.  MX    100 110 10 192.0.2.1.example.com.
a.test.           A     400 400 192.0.2.1
a.test.           A     100 120 192.0.2.1|192.0.2.9
1x.test.          A     500 500 198.51.100.2
h.test.           HTTPS 600 600 1 . ipv4hint=192.0.2.1
`

// serve is the API over a store with the history. file has the keys; empty: none are
// needed.
func serve(t *testing.T, file string) http.Handler {
	s, err := store.Open(t.TempDir(), store.Options{Flush: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	for _, line := range strings.Split(strings.TrimSpace(history), "\n") {
		f := strings.Fields(line)
		r := &rrset.RRset{Owner: rrset.MustName(f[0]), Figures: rrset.Figures{Count: 1}}
		if r.Type, err = rrset.ParseType(f[1]); err != nil {
			t.Fatal(err)
		}
		fmt.Sscan(f[2]+" "+f[3], &r.First, &r.Last)
		for _, text := range strings.Split(strings.Join(f[4:], " "), "|") {
			rdata, err := rrset.ParseRdata(r.Type, text)
			if err != nil {
				t.Fatal(err)
			}
			r.Rdata = append(r.Rdata, rdata)
		}
		if err := s.Add(r); err != nil {
			t.Fatal(err)
		}
	}
	h, err := httpapi.New(httpapi.Config{Address: "127.0.0.1:0", Source: func() store.Source { return s }, Origin: "https://pdns.example/", Keys: file})
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
	if key != "" {
		r.Header.Set("x-apikey", key)
	}
	h.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

// object is one resolution.
func object(date int, host, address, escaped string) string {
	return fmt.Sprintf(`{"type":"resolution","id":"%s%s","attributes":{"date":%d,"host_name":"%s","ip_address":"%s",`+
		`"resolver":"https://pdns.example/","host_name_last_analysis_stats":{},"ip_address_last_analysis_stats":{}},`+
		`"links":{"self":"http://example.com/api/v3/resolutions/%s"}}`, address, host, date, host, address, escaped)
}

func TestResolutions(t *testing.T) {
	h := serve(t, "")
	const domain = "/api/v3/domains/www.example.com/resolutions"
	one := object(110, "www.example.com", "192.0.2.1", "192.0.2.1www.example.com")
	two := object(300, "www.example.com", "192.0.2.2", "192.0.2.2www.example.com")
	three := object(300, "www.example.com", "192.0.2.3", "192.0.2.3www.example.com")
	six := object(150, "www.example.com", "2001:db8::1", "2001:db8::1www.example.com")
	aTest := object(400, "a.test", "192.0.2.1", "192.0.2.1a.test")
	tests := []struct{ path, want string }{
		{domain, `{"data":[` + two + "," + three + "," + six + "," + one + `],"meta":{},"links":{"self":"http://example.com` + domain + `"}}`},
		{domain + "?limit=2", `{"data":[` + two + "," + three + `],"meta":{"cursor":"MzAwIDE5Mi4wLjIuMw"},"links":{"self":"http://example.com` +
			domain + `?limit=2","next":"http://example.com` + domain + `?limit=2&cursor=MzAwIDE5Mi4wLjIuMw"}}`},
		{domain + "?limit=2&cursor=MzAwIDE5Mi4wLjIuMw", `{"data":[` + six + "," + one + `],"meta":{},"links":{"self":"http://example.com` +
			domain + `?limit=2&cursor=MzAwIDE5Mi4wLjIuMw"}}`},
		{"/api/v3/ip_addresses/192.0.2.1/resolutions", `{"data":[` + aTest + "," + one +
			`],"meta":{},"links":{"self":"http://example.com/api/v3/ip_addresses/192.0.2.1/resolutions"}}`},
		{"/api/v3/ip_addresses/2001:DB8::1/resolutions", `{"data":[` + six +
			`],"meta":{},"links":{"self":"http://example.com/api/v3/ip_addresses/2001:DB8::1/resolutions"}}`},
		{"/api/v3/domains/never.test/resolutions", `{"data":[],"meta":{},"links":{"self":"http://example.com/api/v3/domains/never.test/resolutions"}}`},
		{"/api/v3/resolutions/192.0.2.2www.example.com", `{"data":` + two + `}`},
		{"/api/v3/resolutions/198.51.100.21x.test", `{"data":` + object(500, "1x.test", "198.51.100.2", "198.51.100.21x.test") + `}`},
	}
	for _, tt := range tests {
		if code, got := get(h, tt.path); code != 200 || got != tt.want+"\n" {
			t.Errorf("%s: %d\n%s\nwant\n%s", tt.path, code, got, tt.want)
		}
	}
}

func TestFaults(t *testing.T) {
	h := serve(t, "")
	const domain = "/api/v3/domains/www.example.com/resolutions"
	tests := []struct {
		path    string
		status  int
		code    string
		message string
	}{
		{domain + "?limit=41", 400, "BadRequestError", "limit=41: want at most 40"},
		{domain + "?limit=x", 400, "BadRequestError", `limit=\"x\": want a whole number from 1 on`},
		{domain + "?cursor=x", 400, "BadRequestError", `cursor=\"x\": want meta.cursor of the page before, as it is`},
		{"/api/v3/domains/*.example.com/resolutions", 400, "BadRequestError", `\"*.example.com\": want a domain name`},
		{"/api/v3/domains/192.0.2.1/resolutions", 400, "BadRequestError", `\"192.0.2.1\": want a domain name`},
		{"/api/v3/domains/a..b/resolutions", 400, "BadRequestError", `\"a..b\": want a domain name`},
		{"/api/v3/ip_addresses/192.0.2.0%2F24/resolutions", 400, "BadRequestError", `\"192.0.2.0/24\": want an IPv4 or IPv6 address`},
		{"/api/v3/ip_addresses/fe80::1%25eth0/resolutions", 400, "BadRequestError", `\"fe80::1%eth0\": want an IPv4 or IPv6 address`},
		{"/api/v3/resolutions/192.0.2.200www.example.com", 404, "NotFoundError",
			`\"192.0.2.200www.example.com\": no resolution of an address and a name that were seen`},
		{"/api/v3/domains/www.example.com", 404, "NotFoundError", "want /api/v3/domains/NAME/resolutions, " +
			"/api/v3/ip_addresses/ADDRESS/resolutions or /api/v3/resolutions/ID"},
	}
	for _, tt := range tests {
		want := fmt.Sprintf(`{"error":{"code":"%s","message":"%s"}}`, tt.code, tt.message)
		if code, got := get(h, tt.path); code != tt.status || got != want+"\n" {
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
	h := serve(t, file)
	tests := []struct {
		key    string
		status int
		want   string
	}{
		{"", 401, `{"error":{"code":"AuthenticationRequiredError","message":"no key that is known here"}}`},
		{"x", 401, `{"error":{"code":"WrongCredentialsError","message":"no key that is known here"}}`},
		{secret, 200, `{"data":` + object(500, "1x.test", "198.51.100.2", "198.51.100.21x.test") + `}`},
	}
	for _, tt := range tests {
		if code, got := ask(h, "/api/v3/resolutions/198.51.100.21x.test", tt.key); code != tt.status || got != tt.want+"\n" {
			t.Errorf("%d %s, want %d %s", code, got, tt.status, tt.want)
		}
	}
}

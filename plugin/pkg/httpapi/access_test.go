package httpapi_test

import (
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"example.org/pdns/plugin/pkg/httpapi"
	"example.org/pdns/plugin/pkg/httpapi/dialect"
	"example.org/pdns/plugin/pkg/httpapi/keys"
)

func TestKeys(t *testing.T) {
	w := serve(t, httpapi.Config{Limit: 3, Keys: keyFile(t,
		"soc", "few limit=1", "many limit=4", "old expires=2001-01-01", "twice quota=2/month", "slow rate=0.000001/s")}, 5)
	var grant atomic.Pointer[keys.Grant]
	w.each = func(x *dialect.Exchange, _ int) error {
		grant.Store(x.Grant)
		return nil
	}
	more := func(n int) string { return strings.ReplaceAll(lines(n), "end", "more") }
	const unknown = "refused: no key that is known here\n"
	for _, c := range []struct {
		key    string
		status int
		body   string
	}{
		{"", 401, unknown},
		{"soc", 401, unknown},
		{"soc.Sesame", 401, unknown},
		{"nobody.sesame", 401, unknown},
		{"soc.sesame", 200, more(3)},
		{"soc:sesame", 200, more(3)},
		{"few.sesame", 200, more(1)},
		{"many.sesame", 200, more(4)},
		{"old.sesame", 401, "refused: the key has expired\n"},
		{"twice.sesame", 200, more(3)},
		{"twice.wrong", 401, unknown},
		{"twice.sesame", 200, more(3)},
		{"twice.sesame", 429, "refused: the quota of the key is used up\n"},
		{"slow.sesame", 200, more(3)},
		{"slow.sesame", 429, "refused: the key asks faster than it may\n"},
	} {
		w.want(c.status, c.body, "/test/all", "X-API-Key", c.key)
	}
	w.want(200, more(3), "/test/all", "Authorization", "Basic c29jOnNlc2FtZQ==") // soc:sesame
	grant.Load().Revoke()
	w.want(401, "refused: the key was revoked\n", "/test/all", "X-API-Key", "soc.sesame")
	// What nobody serves needs no key.
	w.want(404, nothingHere, "/else")
}

// TestKeyless: whoever needs no key is bounded by what the server is told, whatever
// he presents.
func TestKeyless(t *testing.T) {
	w := serve(t, httpapi.Config{Limit: 2, Rate: 0.000001}, 5)
	w.want(200, "n00000.example.\nn00001.example.\nmore\n", "/test/all", "X-API-Key", "any")
	w.want(429, "refused: the key asks faster than it may\n", "/test/all")
}

// TestRevokedAmid: an answer under way is cut.
func TestRevokedAmid(t *testing.T) {
	const n = 3000
	w := serve(t, httpapi.Config{Keys: keyFile(t, "soc")}, n)
	w.each = func(x *dialect.Exchange, i int) error {
		if i == 2 {
			x.Grant.Revoke()
		}
		return nil
	}
	r, body, err := w.ask(http.MethodGet, "/test/all", "X-API-Key", "soc.sesame")
	if err == nil || r == nil || r.StatusCode != 200 || !strings.HasPrefix(body, "n00000.example.\n") {
		t.Fatalf("%d octets, %v, want an answer that is cut", len(body), err)
	}
	if rec := <-w.records; !rec.Cut || rec.Results >= n {
		t.Errorf("%+v, want a part of %d", rec, n)
	}
}

// TestLimit: whoever needs no key gets no more results than the server gives, in any
// dialect, whatever he asks for.
func TestLimit(t *testing.T) {
	w := serve(t, httpapi.Config{Limit: 2}, 5)
	for path, cut := range map[string]bool{
		"/dnsdb/v2/lookup/rrset/name/*.example?limit=0":       false,
		"/dnsdb/v2/lookup/rdata/ip/192.0.2.1?limit=100":       false,
		"/dnsdb/v2/glob/rrnames/n*?limit=100":                 false,
		"/lookup/rrset/name/*.example?limit=0":                false,
		"/pdns/query/192.0.2.1":                               true, // nothing in it could say that there is more
		"/api/v1/indicators/IPv4/192.0.2.1/passive_dns":       false,
		"/v2/dns/passive?query=192.0.2.1":                     false,
		"/api/v3/ip_addresses/192.0.2.1/resolutions?limit=40": false,
		"/api/v1/lookup?subject=192.0.2.1&limit=0":            false,
	} {
		r, body, err := w.ask(http.MethodGet, path)
		names := map[string]bool{}
		for _, name := range regexp.MustCompile(`n\d{5}\.example`).FindAllString(body, -1) {
			names[name] = true
		}
		if r.StatusCode != 200 || len(names) != 2 || (err != nil) != cut {
			t.Errorf("%s: %d, %d names, %v, want 2 of 5\n%s", path, r.StatusCode, len(names), err, body)
		}
	}
}

// nothingHere is the answer about paths that no dialect has.
const nothingHere = "Error: nothing is served here: want a path of /dnsdb/v2/ /lookup/ /summarize/ /pdns/query/ /query/ " +
	"/fquery/ /info /api/v1/indicators/ /v2/dns/ /pt/v2/dns/ /v1/history/ /dnsdb/ip/ /dnsdb/name/ /api/v3/ /api/v1/\n"

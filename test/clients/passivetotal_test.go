package clients

import (
	"crypto/tls"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/pdns/test/lab"
)

// A passiveTotal is pt-client with its configuration.
type passiveTotal struct {
	t              *testing.T
	url, user, key string
	http           *http.Client
}

// newPassiveTotal serves as pt-client needs it: over TLS, to one with a key. (It
// does not verify where the server's name has 127.0.0.1 in it.)
func newPassiveTotal(t *testing.T) *passiveTotal {
	d := newDesk(t)
	d.recordWorld()
	secret := d.addKey("analyst")
	cert, key := lab.NewAuthority(t).Issue("pdns.test")
	d.serve("--tls-cert", cert, "--tls-key", key, "--keys", "keys")
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	t.Cleanup(transport.CloseIdleConnections)
	_, secret, _ = strings.Cut(secret, ".")
	return &passiveTotal{t: t, url: d.url, user: "analyst", key: secret, http: &http.Client{Transport: transport}}
}

// ask asks as pt-client 2.5.9 does.
func (c *passiveTotal) ask(pathAndQuery string) (status int, body []byte) {
	c.t.Helper()
	r, err := http.NewRequest(http.MethodGet, c.url+pathAndQuery, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	r.SetBasicAuth(c.user, c.key)
	r.Header.Set("Accept", "application/json")
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Riskiq-Context", "python/passivetotal/2.5.9/")
	r.Header.Set("User-Agent", "python-requests/2.31.0")
	res, err := c.http.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer res.Body.Close()
	if body, err = io.ReadAll(res.Body); err != nil {
		c.t.Fatal(err)
	}
	return res.StatusCode, body
}

// resolution is what pt-client reads of a result: the eight columns of its csv, of
// which all must be there, and when it was collected.
type resolution struct {
	FirstSeen, LastSeen, RecordHash, RecordType, Resolve, ResolveType, Value, Collected string

	Source []string
}

func (r *resolution) check(t *testing.T) {
	t.Helper()
	for _, at := range []string{r.FirstSeen, r.LastSeen, r.Collected} {
		if _, err := time.Parse(time.DateTime, at); err != nil {
			t.Errorf("%+v: %v", r, err)
		}
	}
	if r.RecordHash == "" || len(r.Source) == 0 {
		t.Errorf("%+v: no hash or no source", r)
	}
}

// TestPassiveTotal sends what pt-client pdns sends, as it was recorded.
func TestPassiveTotal(t *testing.T) {
	c := newPassiveTotal(t)
	for _, tt := range []struct {
		asked, path string
		kind        string
		first, last string
		want        []string // value, type, resolution and its type
	}{
		{"--query www.example.org", "/v2/dns/passive?query=www.example.org&timeout=3", "domain",
			"2019-08-01 00:00:00", "2019-09-08 00:00:00", []string{"www.example.org A 198.51.100.7 ip"}},
		{"--query www.example.org --sources riskiq pingly", "/v2/dns/passive?query=www.example.org&timeout=3&sources=riskiq&sources=pingly", "domain",
			"2019-08-01 00:00:00", "2019-09-08 00:00:00", []string{"www.example.org A 198.51.100.7 ip"}},
		{"--query 192.0.2.25", "/v2/dns/passive?query=192.0.2.25&timeout=3", "ip",
			"2019-08-01 01:00:00", "2019-08-02 01:00:00", []string{"192.0.2.25 A mail.example.com domain"}},
		{"--query *.example.net", "/v2/dns/passive?query=%2A.example.net&timeout=3", "domain",
			"2019-08-01 01:00:00", "2019-08-01 02:00:00", []string{"www.example.net CNAME www.example.com domain"}},
		{"from Python, with start and end", "/v2/dns/passive?query=www.example.com&start=2019-09-02+12%3A00%3A00&end=2019-09-03+00%3A00%3A00&timeout=7", "domain",
			"2019-09-02 00:00:00", "2019-09-03 00:00:00", []string{"www.example.com A 192.0.2.9 ip"}},
	} {
		t.Run(tt.asked, func(t *testing.T) {
			var answer struct {
				QueryValue, QueryType, FirstSeen, LastSeen string
				TotalRecords                               int
				Pager                                      *struct{}
				Results                                    []resolution
			}
			status, body := c.ask(tt.path)
			if err := json.Unmarshal(body, &answer); err != nil || status != http.StatusOK {
				t.Fatalf("%d %s: %v", status, body, err)
			}
			var got []string
			for _, r := range answer.Results {
				r.check(t)
				got = append(got, strings.Join([]string{r.Value, r.RecordType, r.Resolve, r.ResolveType}, " "))
			}
			if !slices.Equal(got, tt.want) || answer.TotalRecords != len(tt.want) {
				t.Errorf("%d records, %q, want %q", answer.TotalRecords, got, tt.want)
			}
			if answer.QueryType != tt.kind || answer.FirstSeen != tt.first || answer.LastSeen != tt.last || answer.Pager == nil {
				t.Errorf("%s", body)
			}
		})
	}
}

// TestPassiveTotalUnique sends what pt-client pdns --unique sends.
func TestPassiveTotalUnique(t *testing.T) {
	c := newPassiveTotal(t)
	status, body := c.ask("/v2/dns/passive/unique?query=www.example.com&timeout=3")
	want := `{"queryValue":"www.example.com","queryType":"domain","pager":{},"results":["192.0.2.1","192.0.2.2","192.0.2.9","2001:db8::1"],` +
		`"total":4,"frequency":[["192.0.2.1",8],["192.0.2.2",8],["192.0.2.9",2],["2001:db8::1",1]]}`
	if status != http.StatusOK || strings.TrimSpace(string(body)) != want {
		t.Errorf("%d\n%swant\n%s", status, body, want)
	}
}

// TestPassiveTotalRefused: the client shows any status but 200 with what it is told.
func TestPassiveTotalRefused(t *testing.T) {
	c := newPassiveTotal(t)
	for path, want := range map[string]int{
		"/v2/dns/passive?query=no..name&timeout=3":                   http.StatusBadRequest,
		"/v2/dns/passive?timeout=3":                                  http.StatusBadRequest,
		"/v2/dns/passive?query=www.example.com&start=soon&timeout=3": http.StatusBadRequest,
		"/v2/whois?query=www.example.com":                            http.StatusNotFound,
	} {
		if status, body := c.ask(path); status != want || len(body) == 0 {
			t.Errorf("%s: %d %s, want %d", path, status, body, want)
		}
	}
	c.key = "none"
	if status, body := c.ask("/v2/dns/passive?query=www.example.com&timeout=3"); status != http.StatusUnauthorized && status != http.StatusForbidden {
		t.Errorf("a wrong key: %d %s", status, body)
	}
}

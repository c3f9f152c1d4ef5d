package dnsdb_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"example.org/pdns/plugin/pkg/httpapi"
)

// FuzzRequest: whatever is asked, the answer is an error of the client's, in a line
// of text, or lines of JSON of which the last says how the search ended.
func FuzzRequest(f *testing.F) {
	for _, path := range []string{"lookup/rrset/name/%2A.example.com/ANY/com", "lookup/rrset/raw/03777777", "lookup/rdata/name/mail.example.*",
		"lookup/rdata/ip/192.0.2.0%252F24/A/", "lookup/rdata/raw/000a/MX", "summarize/rrset/name/%5C%2A.wild.test", "regex/rrnames/%5Ewww/A",
		"glob/rdata/%2A.example.com./NS", "lookup/rrset/name/.", "lookup/rrset/name//", "lookup/%2F/%00", "rate_limit/"} {
		f.Add(path, "limit=1&offset=1")
	}
	f.Add("lookup/rrset/name/www.example.com", "time_first_before=-1&time_last_after=9999999999&aggr=f&humantime=True&extra=1")
	f.Add("regex/rdata/mail", "exclude=%5B&verbose=0&max_count=1")
	h := serve(f, filled(f), httpapi.Config{})
	f.Fuzz(func(t *testing.T, path, query string) {
		raw := "/dnsdb/v2/" + path
		u, err := url.ParseRequestURI(raw)
		if err != nil {
			return
		}
		u.RawQuery = query
		r := &http.Request{Method: http.MethodGet, URL: u, Header: http.Header{}}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r.WithContext(t.Context()))
		check(t, w)
	})
}

func check(t *testing.T, w *httptest.ResponseRecorder) {
	body, whole := strings.CutSuffix(w.Body.String(), "\n")
	if !whole {
		t.Fatalf("%d: no line end behind %q", w.Code, body)
	}
	lines := strings.Split(body, "\n")
	if w.Code != http.StatusOK {
		if w.Code < 400 || w.Code >= 500 || len(lines) != 1 || !strings.HasPrefix(body, "Error: ") {
			t.Fatalf("%d %q: want a line about an error of the client's", w.Code, body)
		}
		return
	}
	var last struct {
		Cond       string
		Rate, Ping any // the whole answer
	}
	for _, line := range lines {
		last.Cond = ""
		if err := json.Unmarshal([]byte(line), &last); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
	}
	if single := last.Rate != nil || last.Ping != nil; !single && last.Cond != "succeeded" && last.Cond != "limited" {
		t.Fatalf("ends in %q", last.Cond)
	}
}

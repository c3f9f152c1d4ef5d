package clients

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// A bare object is what clients of version 1 read of a line.
type bare struct {
	RRName    string `json:"rrname"`
	RRType    string `json:"rrtype"`
	Rdata     any    `json:"rdata"`
	Count     *int64 `json:"count"`
	TimeFirst *int64 `json:"time_first"`
	TimeLast  *int64 `json:"time_last"`
}

// readBare reads lines of version 1 as Cortex and Ruby's client do: each is an object.
func readBare(t *testing.T, path, body string) (objects []bare) {
	t.Helper()
	for line := range strings.Lines(body) {
		var b bare
		if err := json.Unmarshal([]byte(line), &b); err != nil || b.Count == nil || b.TimeFirst == nil || b.TimeLast == nil {
			t.Fatalf("%s: %q: %v", path, line, err)
		}
		objects = append(objects, b)
	}
	return objects
}

// TestRubyClient: passivedns-client takes the dots at the end of names away, of which
// it insists on one, and 404 for nothing.
func TestRubyClient(t *testing.T) {
	d := newDesk(t)
	d.recordWorld()
	d.serve()
	header := []string{"X-API-Key", "k", "Accept", "application/json", "User-Agent", "Ruby/3.1.2 passivedns-client rubygem v2.1.1"}
	for path, want := range map[string]int{
		"rrset/name/example.com": 4, "rrset/name/www.example.com?limit=2": 2, "rdata/ip/192.0.2.1": 1, "rdata/ip/192.0.2.0,24": 4,
	} {
		status, body := d.get("/lookup/"+path, header...)
		objects := readBare(t, path, body)
		if status != http.StatusOK || len(objects) != want {
			t.Errorf("%s: %d, %d objects, want %d", path, status, len(objects), want)
		}
		for _, o := range objects {
			if !strings.HasSuffix(o.RRName, ".") {
				t.Errorf("%s: %s has no dot at its end", path, o.RRName)
			}
		}
	}
	for _, path := range []string{"rrset/name/nowhere.example.com", "rdata/ip/192.0.2.200"} {
		status, body := d.get("/lookup/"+path, header...)
		if status != http.StatusNotFound || body != "Error: no results found for query.\n" {
			t.Errorf("%s: %d %q", path, status, body)
		}
	}
}

// TestRubyCIRCL: the same client reads another dialect, in which 200 with nothing is
// nothing.
func TestRubyCIRCL(t *testing.T) {
	d := newDesk(t)
	d.recordWorld()
	d.serve()
	for value, want := range map[string]int{"www.example.com": 5, "192.0.2.0/24": 4, "1.0/25.2.0.192.in-addr.arpa": 1, "nowhere.example.com": 0} {
		status, body := d.get("/pdns/query/"+value, "User-Agent", "Ruby/3.1.2 passivedns-client rubygem v2.1.1", "Authorization", "Basic dTpw")
		if got := len(readBare(t, value, body)); status != http.StatusOK || got != want {
			t.Errorf("%s: %d, %d objects, want %d", value, status, got, want)
		}
	}
}

// TestCortex: the analyzer asks version 1 by name and address, any type that it has
// before a bailiwick, and reads each line as JSON; a status other than 200 is an
// error to it.
func TestCortex(t *testing.T) {
	d := newDesk(t)
	d.recordWorld()
	d.serve()
	for path, want := range map[string]int{
		"/lookup/rrset/name/www.example.com":                                                          3,
		"/lookup/rrset/name/example.com/NS/com":                                                       1,
		"/lookup/rrset/name/example.com/ANY/example.com":                                              3,
		"/lookup/rrset/name/%2A.example.org?limit=1000":                                               1,
		"/lookup/rdata/name/ns1.example.com":                                                          2,
		"/lookup/rdata/name/ns1.example.com/NS":                                                       1,
		"/lookup/rdata/ip/192.0.2.0,24":                                                               4,
		"/lookup/rdata/ip/2001:db8::1":                                                                1,
		"/lookup/rrset/name/1.0%2F25.2.0.192.in-addr.arpa":                                            1,
		"/lookup/rrset/name/www.example.com?time_first_after=1567296000&time_last_before=1567468800":  1,
		"/lookup/rrset/name/www.example.com?time_last_after=1567468800":                               1,
		"/lookup/rrset/name/www.example.com?limit=1000&time_first_before=1564617600":                  2,
		"/lookup/rdata/ip/198.51.100.7?time_last_after=1567296000":                                    1,
		"/lookup/rdata/raw/c6336407":                                                                  1,
		"/summarize/rrset/name/%2A.example.com?limit=1000":                                            1,
		"/lookup/rrset/name/%5C%2A.example.edu/A":                                                     1,
		"/lookup/rrset/name/www.example.com/A/?limit=1000&time_first_before=1564617600&extra=nothing": -1,
	} {
		status, body := d.get(path, "X-Api-Key", "k", "Accept", "application/json", "Accept-Encoding", "identity")
		if want < 0 {
			if status != http.StatusBadRequest || !strings.HasPrefix(body, "Error: ") {
				t.Errorf("%s: %d %s", path, status, body)
			}
			continue
		}
		if got := len(readBare(t, path, body)); status != http.StatusOK || got != want {
			t.Errorf("%s: %d, %d objects, want %d", path, status, got, want)
		}
	}
}

package own_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"example.org/pdns/plugin/pkg/clock"
	"example.org/pdns/plugin/pkg/httpapi"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// history is one RRset a line: OWNER TYPE BAILIWICK FIRST LAST COUNT RDATA|RDATA...
// All that has a bailiwick had a TTL of 60 to 300. Times are Unix seconds behind
// base.
const history = `
www.example.com.       NXDOMAIN example.com. 10 50 5
www.example.com.       A      example.com. 100 110 2 192.0.2.1
example.com.           NS     com.         100 100 1 ns1.example.net.|ns2.example.net.
flush
www.example.com.       A      example.com. 200 210 3 192.0.2.1
www.example.com.       A      -            205 206 1 192.0.2.2|192.0.2.3
www.example.com.       NODATA example.com. 200 200 1 AAAA
b.example.com.         A      example.com. 900 900 1 192.0.2.9
new.example.           A      -            950 960 4 192.0.2.1
a.new.example.         TXT    -            950 950 1 "hello"
www.example.org.       A      org.         500 510 1 198.51.100.7
github.io.             NS     -            10 10 1 ns1.example.net.
z.github.io.           A      -            800 800 1 192.0.2.20
`

// base is where the times of the history begin: 2001-09-09T01:46:40Z.
const base = 1_000_000_000

func set(line string) (*rrset.RRset, error) {
	f := strings.Fields(line)
	r := &rrset.RRset{Owner: rrset.MustName(f[0])}
	fmt.Sscan(strings.Join(f[3:6], " "), &r.First, &r.Last, &r.Count)
	r.First, r.Last = r.First+base, r.Last+base
	if f[2] != "-" {
		r.Bailiwick = rrset.MustName(f[2])
		r.TTLMin, r.TTLMax, r.Marks = 60, 300, rrset.HasTTL|rrset.BailiwickKnown|rrset.FromDnstap
	}
	var err error
	if r.Type, err = rrset.ParseType(f[1]); err != nil || len(f) == 6 {
		return r, err
	}
	for _, text := range strings.Split(strings.Join(f[6:], " "), "|") {
		rdata, err := rrset.ParseRdata(r.Type, text)
		if err != nil {
			return nil, err
		}
		r.Rdata = append(r.Rdata, rdata)
	}
	r.Rdata = rrset.SortRdata(r.Rdata)
	return r, nil
}

// filled is a store with the history.
func filled(t *testing.T) *store.Store {
	t.Helper()
	s, err := store.Open(t.TempDir(), store.Options{Flush: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	for _, line := range strings.Split(strings.TrimSpace(history), "\n") {
		if line == "flush" {
			err = s.Flush(context.Background())
		} else if r, bad := set(line); bad != nil {
			err = bad
		} else {
			err = s.Add(r)
		}
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
	}
	return s
}

// serve is the API over a source, every answer of which is checked against its
// document; it is 2001-09-09T02:03:20Z.
func serve(t *testing.T, source store.Source, c httpapi.Config) http.Handler {
	t.Helper()
	clock.Set(func() time.Time { return time.Unix(base+1000, 0) })
	t.Cleanup(func() { clock.Set(nil) })
	c.Address, c.Version = "127.0.0.1:0", "v1.2.3"
	c.Source = func() store.Source { return source }
	s, err := httpapi.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Stop(context.Background()) })
	return described(t, s.Handler())
}

func get(h http.Handler, target string, header ...string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, target, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	h.ServeHTTP(w, r)
	return w
}

const known = `,"ttl_min":60,"ttl_max":300,"bailiwick_known":true,"sources":["dnstap"]`

// record is one line of an answer; times are behind base.
func record(count, first, last int, name, rtype, bailiwick, rdata string) string {
	end := ""
	if bailiwick != "" {
		bailiwick, end = `"bailiwick":"`+bailiwick+`",`, known
	}
	return fmt.Sprintf(`{"count":%d,"time_first":%d,"time_last":%d,"rrname":"%s","rrtype":"%s",%s"rdata":[%s]%s}`+"\n",
		count, base+first, base+last, name, rtype, bailiwick, rdata, end)
}

const succeeded = `{"cond":"succeeded"}` + "\n"

var (
	oldWWW = record(2, 100, 110, "www.example.com.", "A", "example.com.", `"192.0.2.1"`)
	www    = record(5, 100, 210, "www.example.com.", "A", "example.com.", `"192.0.2.1"`)
	newWWW = record(3, 200, 210, "www.example.com.", "A", "example.com.", `"192.0.2.1"`)
	pair   = record(1, 205, 206, "www.example.com.", "A", "", `"192.0.2.2","192.0.2.3"`)
	nx     = record(5, 10, 50, "www.example.com.", "NXDOMAIN", "example.com.", `""`)
	nodata = record(1, 200, 200, "www.example.com.", "NODATA", "example.com.", `"AAAA"`)
	ns     = record(1, 100, 100, "example.com.", "NS", "com.", `"ns1.example.net.","ns2.example.net."`)
	b      = record(1, 900, 900, "b.example.com.", "A", "example.com.", `"192.0.2.9"`)
	fresh  = record(4, 950, 960, "new.example.", "A", "", `"192.0.2.1"`)
	text   = record(1, 950, 950, "a.new.example.", "TXT", "", `"\"hello\""`)
	github = record(1, 10, 10, "github.io.", "NS", "", `"ns1.example.net."`)
)

package dnsdb_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"example.org/pdns/plugin/pkg/httpapi"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// history is one RRset a line: OWNER TYPE BAILIWICK FIRST LAST COUNT RDATA|RDATA...
const history = `
www.example.com.       A      example.com. 100 110 2 192.0.2.1
example.com.           NS     com.         100 100 1 ns1.example.net.|ns2.example.net.
example.com.           NS     example.com. 120 130 4 ns1.example.net.|ns2.example.net.
flush
www.example.com.       A      example.com. 200 210 3 192.0.2.1
www.example.com.       A      -            205 206 1 192.0.2.2|192.0.2.3
example.com.           DS     com.         100 100 1 1 8 1 AAAA
example.com.           MX     example.com. 140 150 2 10 mail.example.com.|20 backup.example.org.
example.com.           SOA    example.com. 400 400 1 ns1.example.net. hostmaster.example.com. 1 2 3 4 5
example.com.           TXT    example.com. 300 300 1 "v=spf1 -all"
_sip._tcp.example.com. SRV    example.com. 300 310 1 1 2 5060 mail.example.com.
example.com.           NSEC   example.com. 300 310 1 www.example.com. A
flush
www.example.org.       A      org.         500 510 1 198.51.100.7
www.example.net.       AAAA   -            500 520 9 2001:db8::1
alias.test.            CNAME  test.        600 600 1 www.example.com.
.                      NS     .            700 700 1 a.root-servers.net.
*.wild.test.           A      wild.test.   700 700 1 192.0.2.77
a\.b"c.test.           TXT    -            700 700 1 "a\"b\\c\001"
x.test.                TYPE65280 -         700 700 1 \# 2 abcd
gone.test.             NXDOMAIN  -         700 700 1
h.test.                HTTPS  test.        700 700 1 1 www.example.com. ipv4hint=192.0.2.1
r.test.                RP     test.        700 700 1 admin.example.com. www.example.com.
`

func open(t testing.TB) *store.Store {
	s, err := store.Open(t.TempDir(), store.Options{Flush: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// filled is a store with the history.
func filled(t testing.TB) *store.Store {
	s := open(t)
	for _, line := range strings.Split(strings.TrimSpace(history), "\n") {
		var err error
		if line == "flush" {
			err = s.Flush(context.Background())
		} else {
			err = s.Add(set(t, line))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func set(t testing.TB, line string) *rrset.RRset {
	f := strings.Fields(line)
	r := &rrset.RRset{Owner: rrset.MustName(f[0])}
	var err error
	if r.Type, err = rrset.ParseType(f[1]); err != nil {
		t.Fatal(err)
	}
	if f[2] != "-" {
		r.Bailiwick = rrset.MustName(f[2])
	}
	fmt.Sscan(strings.Join(f[3:6], " "), &r.First, &r.Last, &r.Count)
	if r.Bailiwick != nil {
		r.TTLMin, r.TTLMax, r.Marks = 60, 300, rrset.HasTTL|rrset.BailiwickKnown|rrset.FromDnstap
	}
	if r.Type == rrset.TypeNXDOMAIN {
		return r
	}
	for _, text := range strings.Split(strings.Join(f[6:], " "), "|") {
		rdata, err := rrset.ParseRdata(r.Type, text)
		if err != nil {
			t.Fatal(line, err)
		}
		r.Rdata = append(r.Rdata, rdata)
	}
	r.Rdata = rrset.SortRdata(r.Rdata)
	return r
}

// serve is the API over a source. Whoever asks needs no key.
func serve(t testing.TB, source store.Source, c httpapi.Config) http.Handler {
	c.Address = "127.0.0.1:0"
	c.Source = func() store.Source { return source }
	s, err := httpapi.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return s.Handler()
}

func get(h http.Handler, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w
}

// saf is an answer in DNSDB's streaming answer format.
func saf(end string, objects ...string) string {
	body := `{"cond":"begin"}` + "\n"
	for _, o := range objects {
		body += `{"obj":` + o + "}\n"
	}
	return body + end + "\n"
}

const (
	succeeded = `{"cond":"succeeded"}`
	limited   = `{"cond":"limited","msg":"Result limit reached"}`
)

package httpapi_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"example.org/pdns/plugin/pkg/httpapi"
	"example.org/pdns/plugin/pkg/httpapi/dialect"
)

// TestCutOld: a client before HTTP/1.1, which knows the end of an answer by that of
// the connection, sees that one is cut, by TLS too; one that is whole is.
func TestCutOld(t *testing.T) {
	cert, key, pair := certificates(t, t.TempDir())
	for _, c := range []httpapi.Config{{}, {Cert: cert, CertKey: key}} {
		w := create(t, c, 3)
		w.each = func(x *dialect.Exchange, i int) error {
			if i == 3 && x.Values.Has("cut") {
				return io.ErrNoProgress
			}
			return nil
		}
		w.start()
		for query, cut := range map[string]bool{"": false, "?cut": true} {
			conn, _ := w.dial()
			if c.Cert != "" {
				conn = tls.Client(conn, &tls.Config{RootCAs: roots(pair), ServerName: "127.0.0.1"})
			}
			fmt.Fprintf(conn, "GET /test/all%s HTTP/1.0\r\n\r\n", query)
			b, err := io.ReadAll(conn)
			if (err != nil) != cut || strings.HasSuffix(string(b), "end\n") == cut {
				t.Errorf("%q, %v, want that it is cut: %t", b, err, cut)
			}
			if cut && !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("%v, want a reset", err)
			}
		}
	}
}

// TestHost: without keys, a page of the web cannot read the history by a name of its
// own that leads here.
func TestHost(t *testing.T) {
	w := serve(t, httpapi.Config{}, 1)
	for host, want := range map[string]int{
		"127.0.0.1": 200, "127.0.0.1:8053": 200, "[::1]:8053": 200, "[::1]": 200, "localhost": 200, "LOCALHOST:1": 200, "192.0.2.1": 200,
		"evil.example": 421, "evil.example:8053": 421, "localhost.evil.example": 421, "127.0.0.1.evil.example": 421, "localhost:8053:1": 421,
	} {
		c, in := w.dial()
		fmt.Fprintf(c, "GET /test/all HTTP/1.1\r\nHost: %s\r\n\r\n", host)
		r, err := http.ReadResponse(in, nil)
		if err != nil || r.StatusCode != want {
			t.Errorf("%s: %v, %v, want %d", host, r, err, want)
		}
	}
	w = serve(t, httpapi.Config{Keys: keyFile(t, "soc")}, 1)
	c, in := w.dial()
	fmt.Fprint(c, "GET /test/all HTTP/1.1\r\nHost: pdns.example\r\nX-API-Key: soc.sesame\r\n\r\n")
	if r, err := http.ReadResponse(in, nil); err != nil || r.StatusCode != 200 {
		t.Errorf("with a key: %v, %v, want 200", r, err)
	}
}

// TestRefusalHeaders: what goes with refusals whatever the dialect.
func TestRefusalHeaders(t *testing.T) {
	w := serve(t, httpapi.Config{Keys: keyFile(t, "soc", "once quota=1/month", "slow rate=0.1/s")}, 1)
	w.get("/test/all", "X-API-Key", "once.sesame")
	w.get("/test/all", "X-API-Key", "slow.sesame")
	for _, c := range []struct {
		path, key, challenge string
		status               int
		ends, later          bool
	}{
		{"/test/all", "", "", 401, true, false},
		{"/test/all", "once.sesame", "", 429, false, true},
		{"/test/all", "slow.sesame", "", 429, false, true},
		{"/test/wrong", "soc.sesame", "", 400, false, false},
		{"/dnsdb/v2/rate_limit", "x", "", 403, true, false},
		{"/lookup/rate_limit", "", "", 403, true, false},
		{"/pdns/query/a.example", "", `Basic realm="passive DNS"`, 401, true, false},
		{"/v2/dns/passive?query=a.example", "", `Basic realm="passive DNS"`, 401, true, false},
		{"/dnsdb/name/a/a.example", "", "Bearer", 401, true, false},
		{"/api/v1/status", "x", "Bearer", 401, true, false},
		{"/api/v3/domains/a.example/resolutions", "x", "", 401, true, false},
		{"/v1/history/a.example/dns/a", "x", "", 401, true, false},
		{"/api/v1/indicators/domain/a.example/passive_dns", "x", "", 401, true, false},
	} {
		r, _ := w.get(c.path, "X-API-Key", c.key, "Accept-Encoding", "gzip")
		if r.StatusCode != c.status || r.Header.Get("WWW-Authenticate") != c.challenge || r.Close != c.ends ||
			(r.Header.Get("Retry-After") != "") != c.later || r.Header.Get("Content-Encoding") != "" {
			t.Errorf("%s %s: %d, ends %t, %v, want %+v", c.path, c.key, r.StatusCode, r.Close, r.Header, c)
		}
	}
}

// TestStopSilent: a connection on which nothing was asked is no answer under way.
func TestStopSilent(t *testing.T) {
	w := serve(t, httpapi.Config{}, 1)
	for range 3 {
		c, _ := w.dial()
		defer c.Close()
	}
	w.want(200, lines(1), "/test/all") // by now they are accepted
	// It is cut only if it is waited for: the answer may not be over for the server yet.
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := w.Stop(ctx); err != nil {
		t.Errorf("%v, want that nothing was cut", err)
	}
	if _, err := net.Dial("tcp", w.Addr().String()); err == nil {
		t.Error("it still listens")
	}
}

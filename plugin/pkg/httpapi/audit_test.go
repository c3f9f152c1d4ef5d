package httpapi_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"example.org/pdns/plugin/pkg/httpapi"
)

// TestAudit: of each request is told what is to be, and never an address or a
// secret.
func TestAudit(t *testing.T) {
	const took = ` \d+(\.\d+)?(µs|ms|s)`
	hash := `"[0-9a-f]{16}"`
	for _, c := range []struct {
		audit httpapi.Audit
		want  []string
	}{
		{httpapi.AuditPlain, []string{
			`soc test "/test/all\?x=y%20z" 200 2 results` + took,
			`soc test "/test/all\?x=y%20z" 200 2 results` + took,
			`- test "/test/all" 401 0 results` + took,
			`soc test "/test/wrong%00" 400 0 results` + took,
			`- none "/" 404 0 results` + took,
			`soc test "/test/late/x" 200 0 results` + took + ` cut`,
		}},
		{httpapi.AuditHashed, []string{
			`soc test (` + hash + `) 200 2 results` + took,
			`soc test (` + hash + `) 200 2 results` + took,
			`- test ` + hash + ` 401 0 results` + took,
			`soc test ` + hash + ` 400 0 results` + took,
			`- none ` + hash + ` 404 0 results` + took,
			`soc test ` + hash + ` 200 0 results` + took + ` cut`,
		}},
		{httpapi.AuditOff, nil},
	} {
		w := serve(t, httpapi.Config{Audit: c.audit, Keys: keyFile(t, "soc")}, 2)
		var port string
		w.client.Transport.(*http.Transport).DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := new(net.Dialer).DialContext(ctx, network, address)
			if err == nil {
				_, port, _ = net.SplitHostPort(conn.LocalAddr().String())
			}
			return conn, err
		}
		for _, q := range [][2]string{{"/test/all?x=y%20z", "soc.sesame"}, {"/test/all?x=y%20z", "soc:sesame"}, {"/test/all", "soc.wrong"},
			{"/test/wrong%00", "soc.sesame"}, {"/", "soc.sesame"}, {"/test/late/x", "soc.sesame"}} {
			w.ask(http.MethodGet, q[0], "X-API-Key", q[1], "X-Forwarded-For", "203.0.113.9", "User-Agent", "spy/1.0")
			<-w.records
		}
		w.Stop(t.Context()) // what is told of a request is told before its end
		var told []string
		for _, line := range w.logged() {
			if !strings.HasPrefix(line, "defect: ") {
				told = append(told, line)
			}
			for _, secret := range []string{"sesame", "wrong\"", "127.0.0.1", ":" + port, "203.0.113.9", "spy", "argon2id"} {
				if strings.Contains(line, secret) {
					t.Errorf("%s tells of %s", line, secret)
				}
			}
		}
		checkLines(t, told, c.want)
		if c.audit == httpapi.AuditHashed && (told[0][:30] != told[1][:30] || told[0][:30] == told[3][:30]) {
			t.Errorf("the same has another hash, or another the same:\n%s", strings.Join(told, "\n"))
		}
	}
}

func checkLines(t *testing.T, lines, want []string) {
	t.Helper()
	if len(lines) != len(want) {
		t.Fatalf("%d lines, want %d:\n%s", len(lines), len(want), strings.Join(lines, "\n"))
	}
	for i, line := range lines {
		if !regexp.MustCompile("^" + want[i] + "$").MatchString(line) {
			t.Errorf("%s\nwant\n%s", line, want[i])
		}
	}
}

// TestDefect: a panic in a dialect is told, without what was asked, and no client
// takes it for an answer.
func TestDefect(t *testing.T) {
	w := serve(t, httpapi.Config{Audit: httpapi.AuditOff}, 3)
	for _, encoding := range []string{"identity", "gzip"} {
		r, body := w.get("/test/panic", "Accept-Encoding", encoding)
		if r.StatusCode != 500 || encoding != "gzip" && body != "refused: a defect of the server ended the search\n" {
			t.Errorf("%s: %d %q, want 500", encoding, r.StatusCode, body)
		}
		if rec := <-w.records; rec.Status != 500 || rec.Cut {
			t.Errorf("%+v, want 500", rec)
		}
		if _, _, err := w.ask(http.MethodGet, "/test/late/victim.example", "Accept-Encoding", encoding); err == nil {
			t.Error("the answer looks whole")
		}
		if rec := <-w.records; !rec.Cut {
			t.Errorf("%+v, want that it was cut", rec)
		}
	}
	told := strings.Join(w.logged(), "\n")
	for _, want := range []string{"defect: dialect test: panic: runtime error: index out of range [1] with length 0\n",
		"defect: dialect test: panic: string\n", "server_test.go:"} {
		if !strings.Contains(told, want) {
			t.Errorf("%q is not told:\n%s", want, told)
		}
	}
	if strings.Contains(told, "victim") {
		t.Errorf("what was asked is told:\n%s", told)
	}
	w.want(200, lines(3), "/test/all")
}

// TestTooLate: an error behind a whole answer is no second one.
func TestTooLate(t *testing.T) {
	w := serve(t, httpapi.Config{}, 3)
	_, body, err := w.ask(http.MethodGet, "/test/text")
	if rec := <-w.records; err == nil || !rec.Cut || strings.Contains(body, "refused") {
		t.Errorf("%q, %v, %+v, want that it was cut", body, err, rec)
	}
}

// TestAuditFlood: the log is not flooded by who has no key, nor by what is long.
func TestAuditFlood(t *testing.T) {
	w := serve(t, httpapi.Config{Keys: keyFile(t, "soc")}, 1)
	told := func() (lines, untold int) {
		for _, line := range w.logged() {
			var n int
			if k, _ := fmt.Sscanf(line, "%d refusals for want of a key were not told", &n); k == 1 {
				untold += n
			} else {
				lines++
			}
		}
		return lines, untold
	}
	asked := 0
	for untold := 0; untold == 0; _, untold = told() {
		w.get("/test/all")
		<-w.records
		asked++
	}
	w.get("/test/wrong/"+strings.Repeat("x", 4000), "X-API-Key", "soc.sesame")
	w.Stop(t.Context())
	lines, untold := told()
	if lines+untold != asked+1 {
		t.Errorf("%d lines and %d that were not told of %d", lines, untold, asked+1)
	}
	logged := w.logged()
	if last := logged[len(logged)-1]; len(last) > 400 || !strings.Contains(last, "x\"... 400 ") {
		t.Errorf("%s, want what was asked in part", last)
	}
}

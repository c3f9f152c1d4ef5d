package pdnsquery_test

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/coredns/caddy"
	"github.com/prometheus/client_golang/prometheus"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store/novelty"
)

// taken is an address that another program listens at.
func taken(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l.Addr().String()
}

// TestHTTPSetup: a block that means nothing does not start, and says where and why.
func TestHTTPSetup(t *testing.T) {
	busy := taken(t)
	dir := world(t)
	tests := []struct{ property, want string }{
		{"http 127.0.0.1:0", ""},
		{"http [::1]:0 {\n}", ""},
		{"http 127.0.0.1:0 {\n limit 5\n rate 0.5\n timeout 2s\n origin https://pdns.example/\n audit hashed\n}\n ttl 5", ""},
		{"http", "Corefile:3 - Error during parsing: http: 0 arguments: want one, an IP address and a port"},
		{"http 127.0.0.1:1 2", "http: 2 arguments: want one"},
		{"http 127.0.0.1", "http 127.0.0.1: want an IP address and a port, such as 127.0.0.1:8053"},
		{"http localhost:8053", "http localhost:8053: want an IP address and a port"},
		{"http 127.0.0.1:65536", "http 127.0.0.1:65536: want an IP address and a port"},
		{"http 127.0.0.1:0\nhttp 127.0.0.1:0", `property "http" given twice`},
		{"http :0", "http: address :0 is not loopback: want a file of keys"},
		{"http 192.0.2.1:0 {\n keys FILE\n}", "http: address 192.0.2.1:0 is not loopback: want TLS, or insecure"},
		{"http 127.0.0.1:0 {\n tls CERT\n}", "http: tls CERT: want CERT KEY [CLIENT_CA]"},
		{"http 127.0.0.1:0 {\n tls A B C D\n}", "http: tls A B C D: want CERT KEY [CLIENT_CA]"},
		{"http 127.0.0.1:0 {\n keys\n}", "http: keys : want FILE"},
		{"http 127.0.0.1:0 {\n limit 0\n}", "http: limit 0: want a number of results, 1 or more"},
		{"http 127.0.0.1:0 {\n limit many\n}", "http: limit many: want a number of results"},
		{"http 127.0.0.1:0 {\n rate 0\n}", "http: rate 0: want requests a second, a number above 0"},
		{"http 127.0.0.1:0 {\n rate NaN\n}", "http: rate NaN: want requests a second"},
		{"http 127.0.0.1:0 {\n rate inf\n}", "http: rate inf: want requests a second"},
		{"http 127.0.0.1:0 {\n timeout 0s\n}", "http: timeout 0s: want a duration above 0s"},
		{"http 127.0.0.1:0 {\n timeout 2h\n}", "http: timeout 2h0m0s: want a duration up to 1h"},
		{"http 127.0.0.1:0 {\n timeout 5\n}", "http: timeout 5: want a duration"},
		{"http 127.0.0.1:0 {\n origin pdns\n}", `http: origin "pdns": want a URI such as`},
		{"http 127.0.0.1:0 {\n origin \"\"\n}", "http: origin : want URI"},
		{"http 127.0.0.1:0 {\n audit all\n}", "http: audit \"all\": want plain, hashed or off"},
		{"http 127.0.0.1:0 {\n insecure yes\n}", "http: insecure yes: want no argument"},
		{"http 127.0.0.1:0 {\n limit 5\n limit 6\n}", `Corefile:5 - Error during parsing: http: property "limit" given twice`},
		{"http 127.0.0.1:0 {\n allow ::1\n}", `http: unknown property "allow": want tls, keys, limit`},
		{"http 127.0.0.1:0 {\n limit {\n 5\n }\n}", "http: limit : want N"},
		{"http 127.0.0.1:0 { limit 5 }", "http: limit: a brace behind it"},
		{"http 127.0.0.1:0 {\n tls none.crt none.key\n}", "Corefile:3 - http 127.0.0.1:0: none.crt, none.key: open"},
		{"http " + busy, "Corefile:3 - http " + busy + ": listen tcp " + busy + ": bind: address already in use"},
	}
	for _, test := range tests {
		corefile := "_pdns.local:0 {\npdnsquery " + dir + " {\n" + test.property + "\n}\n}"
		i, err := caddy.Start(caddy.CaddyfileInput{Contents: []byte(corefile), Filepath: "Corefile", ServerTypeName: "dns"})
		if err == nil {
			i.ShutdownCallbacks()
			if err := i.Stop(); err != nil {
				t.Error(err)
			}
		}
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s:\ngot %v\nwant %s", test.property, err, test.want)
		}
	}
}

// TestHTTPAudit: the log tells of a request what audit says, and never who asked.
func TestHTTPAudit(t *testing.T) {
	const path = "/dnsdb/v2/lookup/rrset/name/www.example.com/A"
	dir := world(t)
	for audit, want := range map[string]string{
		"plain":  `^\S+ \S+ \[INFO\] plugin/pdnsquery: - dnsdb "` + path + `" 200 3 results \S+s\n$`,
		"hashed": `^\S+ \S+ \[INFO\] plugin/pdnsquery: - dnsdb "[0-9a-f]{16}" 200 3 results \S+s\n$`,
		"off":    `^$`,
	} {
		at := freePort(t)
		start(t, "_pdns.local:0 {\npdnsquery "+dir+" {\nhttp "+at+" {\naudit "+audit+"\n}\n}\n}")
		told := logged(t, func() { get(t, at, path) })
		if !regexp.MustCompile(want).MatchString(told) {
			t.Errorf("audit %s: the log tells %q, want %s", audit, told, want)
		}
	}
}

// logged is what CoreDNS logs while f runs.
func logged(t *testing.T, f func()) string {
	t.Helper()
	var b bytes.Buffer
	log.SetOutput(&b)
	defer log.SetOutput(io.Discard)
	f()
	log.SetOutput(io.Discard) // from here on nothing writes to b
	return b.String()
}

// get asks. What is told of a request was told when the answer has ended.
func get(t *testing.T, address, path string) string {
	t.Helper()
	r, err := http.Get("http://" + address + path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// TestHTTPMetrics: requests are counted by dialect and code, results and times by
// dialect, but for the times of those who follow.
func TestHTTPMetrics(t *testing.T) {
	at, dir := freePort(t), world(t)
	set := &rrset.RRset{Owner: rrset.MustName("new.example"), Type: 1, Rdata: [][]byte{{192, 0, 2, 1}},
		Figures: rrset.Figures{First: now.Unix(), Last: now.Unix(), Count: 1}}
	logEvents(t, dir, novelty.NewEvent(novelty.Host, set.Owner, set, 0), novelty.NewEvent(novelty.Domain, set.Owner, set, 0))
	start(t, "_pdns.local:0 {\n"+web(dir, at, 5)+"\n}")
	const follow = "/api/v1/newly-observed?since=20190101&follow=true&limit=1"
	if got := get(t, at, follow); !strings.Contains(got, `"cond":"limited"`) {
		t.Errorf("%s: %s", follow, got)
	}
	get(t, at, "/api/v1/newly-observed?since=20190101&limit=1")
	get(t, at, "/dnsdb/v2/lookup/rrset/name/www.example.com/A")
	get(t, at, "/dnsdb/v2/lookup/rrset/name/www.example.com/AAAA")
	get(t, at, "/dnsdb/v2/lookup/rrset/name/www.example.com/TYPE-1")
	get(t, at, "/dnsdb/v2/ping")
	get(t, at, "/")
	want := []string{
		"request_duration_seconds dnsdb 4",
		"request_duration_seconds none 1",
		"request_duration_seconds own 1",
		"requests_total 200 dnsdb 3",
		"requests_total 200 own 2",
		"requests_total 400 dnsdb 1",
		"requests_total 404 none 1",
		"results_total dnsdb 4",
		"results_total none 0",
		"results_total own 2",
	}
	if got := httpMetrics(t, "http://"+at); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// httpMetrics are the series of a server: name, labels and value, or the number of
// observations.
func httpMetrics(t *testing.T, server string) (series []string) {
	t.Helper()
	families, err := prometheus.DefaultGatherer.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		name, ok := strings.CutPrefix(f.GetName(), "coredns_pdnsquery_http_")
		if !ok {
			continue
		}
		for _, m := range f.GetMetric() {
			labels, ours := "", false
			for _, l := range m.GetLabel() {
				if l.GetName() == "server" {
					ours = l.GetValue() == server
				} else {
					labels += " " + l.GetValue()
				}
			}
			if ours {
				series = append(series, fmt.Sprintf("%s%s %v", name, labels, m.GetCounter().GetValue()+float64(m.GetHistogram().GetSampleCount())))
			}
		}
	}
	slices.Sort(series)
	return series
}

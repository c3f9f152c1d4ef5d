package dnsdb_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"example.org/pdns/plugin/pkg/httpapi"
	"example.org/pdns/plugin/pkg/httpapi/ask"
	"example.org/pdns/plugin/pkg/httpapi/dialect"
	"example.org/pdns/plugin/pkg/httpapi/dnsdb"
	"example.org/pdns/plugin/pkg/httpapi/keys"
	"example.org/pdns/plugin/pkg/store"
)

func TestRefusals(t *testing.T) {
	const (
		path    = "path: want rrset or rdata, name, ip or raw, and a value, as in rrset/name/www.example.com"
		kinds   = "want rrset/name, rrset/raw, rdata/name, rdata/ip or rdata/raw"
		many    = "path: want at most a type behind the value, and behind that of rrset/name a bailiwick"
		types   = "want ANY, ANY-DNSSEC, a mnemonic of data such as A or NS, or TYPE and a number"
		labels  = "want labels of up to 63 octets, at most 255 together, joined by dots"
		stars   = `want a * as the whole first label or the whole last, and \* for one that is part of the name`
		wire    = "want a whole name as on the wire, in hexadecimal, as in 03777777076578616d706c6500"
		address = "want an address, ADDRESS,LENGTH for a network, or LOWEST-HIGHEST of one family"
		number  = "want a whole number from 0 on"
		when    = "want Unix seconds, or a negative number of seconds before now"
	)
	tests := []struct {
		path   string
		status int
		text   string
	}{
		{"", 404, `"": want lookup, summarize, regex, glob, rate_limit or ping behind /dnsdb/v2/`},
		{"looking/rrset", 404, `"looking": want lookup, summarize, regex, glob, rate_limit or ping behind /dnsdb/v2/`},
		{"lookup", 400, path},
		{"lookup/rrset/name/", 400, path},
		{"summarize/rrset", 400, path},
		{"lookup/rrset/ip/192.0.2.1", 400, `path "rrset/ip": ` + kinds},
		{"lookup/zone/name/x", 400, `path "zone/name": ` + kinds},
		{"lookup/rrset/raw/00/A/com", 400, many},
		{"lookup/rdata/name/x/A/com", 400, many},
		{"lookup/rrset/name/x/A/com/y", 400, many},
		{"lookup/rdata/ip/192.0.2.0/24", 400, `type "24": ` + types},
		{"lookup/rrset/name/x/NOPE", 400, `type "NOPE": ` + types},
		{"lookup/rrset/name/x/TYPE65536", 400, `type "TYPE65536": ` + types},
		{"lookup/rrset/name/x/AXFR", 400, `type "AXFR": ` + types},
		{"lookup/rrset/name/x..y", 400, `name "x..y": ` + labels},
		{"lookup/rrset/name/" + strings.Repeat("a", 64), 400, `name "` + strings.Repeat("a", 64) + `": ` + labels},
		{"lookup/rrset/name/x/A/a..b", 400, `name "a..b": ` + labels},
		{"lookup/rrset/name/www*.example", 400, `name "www*.example": ` + stars},
		{"lookup/rrset/name/a.*.example", 400, `name "a.*.example": ` + stars},
		{"lookup/rdata/name/*.a.*", 400, `name "*.a.*": ` + stars},
		{"lookup/rrset/raw/0", 400, `name "0": ` + wire},
		{"lookup/rrset/raw/03777777", 400, `name "03777777": ` + wire},
		{"lookup/rdata/raw/xyz", 400, `rdata "xyz": want the octets that it begins with, in hexadecimal, two digits each`},
		{"lookup/rdata/ip/192.0.2", 400, `address "192.0.2": ` + address},
		{"lookup/rdata/ip/192.0.2.0,33", 400, `address "192.0.2.0,33": ` + address},
		{"lookup/rdata/ip/192.0.2.0,24x", 400, `address "192.0.2.0,24x": ` + address},
		{"lookup/rdata/ip/192.0.2.9-192.0.2.1", 400, `address "192.0.2.9-192.0.2.1": ` + address},
		{"lookup/rdata/ip/192.0.2.9-2001:db8::", 400, `address "192.0.2.9-2001:db8::": ` + address},
		{"lookup/rdata/ip/fe80::1%2525eth0", 400, `address "fe80::1%25eth0": ` + address},
		{"lookup/rdata/ip/192.0.2.1/NS", 400, "type NS: want A, AAAA or ANY for addresses"},
		{"lookup/rrset/name/x?limit=-1", 400, `limit="-1": ` + number},
		{"lookup/rrset/name/x?limit=10x", 400, `limit="10x": ` + number},
		{"lookup/rrset/name/x?offset=1.5", 400, `offset="1.5": ` + number},
		{"summarize/rrset/name/x?max_count=many", 400, `max_count="many": ` + number},
		{"summarize/rrset/name/x?offset=1", 416, "offset: a summary is of all results"},
		{"lookup/rrset/name/x?time_last_after=yesterday", 400, `time_last_after="yesterday": ` + when},
		{"lookup/rrset/name/x?aggr=maybe", 400, `aggr="maybe": want true or false`},
		{"lookup/rrset/name/x?limit=%zz", 400, "parameters do not decode: want NAME=VALUE, joined by &, with % escapes"},
		{"regex/rrnames", 400, "path: want rrnames or rdata, an expression, and perhaps a type, as in rrnames/mail/A"},
		{"regex/names/x", 400, `path "names": want rrnames or rdata`},
		{"regex/rrnames/(", 400, "not a regular expression: missing closing ): `(`"},
		{"glob/rrnames/x?exclude=%5Ba", 400, "glob: [a: want a ] at the end of a class"},
		{"glob/rdata/x/A", 400, "rdata of A is not searched by its text: want one of [CNAME DNAME HINFO MX NAPTR NS PTR RP SOA SPF SRV TXT]"},
	}
	h := serve(t, open(t), httpapi.Config{})
	for _, tt := range tests {
		w := get(h, "/dnsdb/v2/"+tt.path)
		if want := "Error: " + tt.text + "\n"; w.Code != tt.status || w.Body.String() != want {
			t.Errorf("%s: %d %swant:\n%d %s", tt.path, w.Code, w.Body, tt.status, want)
		}
		if got := w.Header().Get("Content-Type"); got != "text/plain; charset=utf-8" {
			t.Errorf("%s: content type %q", tt.path, got)
		}
	}
}

func TestPing(t *testing.T) {
	if w := get(serve(t, nil, httpapi.Config{}), "/dnsdb/v2/ping"); w.Code != 200 || w.Body.String() != `{"ping":"ok"}`+"\n" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestSecret(t *testing.T) {
	r := httptest.NewRequest(http.MethodGet, "/dnsdb/v2/rate_limit", nil)
	r.Header.Set("x-API-kEY", "abc")
	for _, d := range []dialect.Dialect{dnsdb.New(), dnsdb.NewV1()} {
		if got := d.Secret(r); got != "abc" {
			t.Errorf("%s: %q", d.Name, got)
		}
	}
}

// spend answers a request below the prefix of version 2 on behalf of a key with
// terms, one of whose requests it counts.
func spend(t *testing.T, source store.Source, path string, terms keys.Terms) *httptest.ResponseRecorder {
	now := time.Unix(86400*100+10, 0)
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, "/dnsdb/v2/"+path, nil)
	engine := ask.NewEngine(func() store.Source { return source }, time.Minute)
	x, fault := dialect.New(w, r, "/dnsdb/v2/", engine, now)
	if fault != nil {
		t.Fatal(fault)
	}
	x.Grant = keys.NewGrant("analyst", terms)
	if err := x.Grant.Spend(now); err != nil {
		t.Fatal(err)
	}
	d := dnsdb.New()
	if err := d.Serve(x); err != nil {
		refused, ok := err.(*dialect.Fault)
		if !ok {
			t.Fatal(err)
		}
		d.Refuse(x, refused)
	}
	return w
}

func TestTerms(t *testing.T) {
	quota := keys.Terms{Expires: time.Unix(9000000, 0), Quota: 100, Window: 24 * time.Hour, Limit: 2, Offset: 3, Rate: 2, Burst: 5}
	tests := []struct {
		name, path string
		terms      keys.Terms
		status     int
		body       string
	}{
		{"rate limit", "rate_limit", quota, 200,
			`{"rate":{"reset":8726400,"limit":100,"remaining":99,"expires":9000000,"results_max":2,"offset_max":3,"burst_size":5,"burst_window":3}}` + "\n"},
		{"no bounds", "rate_limit", keys.Terms{}, 200, `{"rate":{"reset":"n/a","limit":"unlimited","remaining":"n/a"}}` + "\n"},
		{"the default limit is clamped", "lookup/rdata/ip/192.0.2.0,24", quota, 200, saf(limited, recordA1, recordA2)},
		{"any limit is", "lookup/rdata/ip/192.0.2.0,24?limit=3", quota, 200, saf(limited, recordA1, recordA2)},
		{"so is none", "lookup/rdata/ip/192.0.2.0,24?limit=0", quota, 200, saf(limited, recordA1, recordA2)},
		{"no limit without bounds", "lookup/rdata/ip/192.0.2.0,24?limit=0", keys.Terms{}, 200, saf(succeeded, recordA1, recordA2, recordA3, recordWild)},
		{"the furthest offset", "lookup/rdata/ip/192.0.2.0,24?offset=3", quota, 200, saf(succeeded, recordWild)},
		{"one further", "lookup/rdata/ip/192.0.2.0,24?offset=4", quota, 416, "Error: offset=4: want at most 3\n"},
		{"one further in a search", "regex/rrnames/x?offset=4", quota, 416, "Error: offset=4: want at most 3\n"},
		{"without bounds", "lookup/rdata/ip/192.0.2.0,24?offset=4", keys.Terms{}, 200, saf(succeeded)},
		{"a summary is of all", "summarize/rdata/ip/192.0.2.0,24", quota, 200,
			saf(succeeded, `{"count":8,"num_results":4,"time_first":100,"time_last":700}`)},
	}
	source := filled(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := spend(t, source, tt.path, tt.terms)
			if w.Code != tt.status || w.Body.String() != tt.body {
				t.Errorf("%d, got:\n%swant:\n%d, %s", w.Code, w.Body, tt.status, tt.body)
			}
			want := []string{"unlimited", "n/a", "n/a", ""}
			if tt.terms.Quota > 0 {
				want = []string{"100", "99", "8726400", "9000000"}
			}
			for i, name := range []string{"Limit", "Remaining", "Reset", "Expires"} {
				if got := w.Header().Get("X-RateLimit-" + name); got != want[i] {
					t.Errorf("%s: %q, want %q", name, got, want[i])
				}
			}
		})
	}
}

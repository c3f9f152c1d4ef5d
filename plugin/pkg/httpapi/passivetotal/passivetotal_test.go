package passivetotal_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"example.org/pdns/plugin/pkg/httpapi"
	"example.org/pdns/plugin/pkg/httpapi/keys"
	"example.org/pdns/test/dialecttest"
)

// Times are seconds of 1970-01-01.
const history = `
magnit-boss.rocks.     A     100 110 2 60   magnit-boss.rocks. 192.0.2.1|192.0.2.2
magnit-boss.rocks.     A     200 210 3 60   -                  192.0.2.1
magnit-boss.rocks.     NS    50  60  1 60   rocks.             ns.magnit-boss.rocks.
magnit-boss.rocks.     MX    70  80  4 60   -                  10 mail.magnit-boss.rocks.|20 ns.magnit-boss.rocks.
magnit-boss.rocks.     SOA   70  80  1 60   -                  ns.magnit-boss.rocks. admin.test. 1 2 3 4 5
magnit-boss.rocks.     TXT   90  91  1 60   -                  "a \"b\""
www.magnit-boss.rocks. A     120 130 7 60   -                  192.0.2.1
a.test.                HTTPS 300 310 1 -    -                  1 . ipv4hint=192.0.2.1
`

// result is one record. The hash is left out.
func result(value, rtype, resolve, kind, first, last string) string {
	return fmt.Sprintf(`{"lastSeen":"1970-01-01 %s","resolve":"%s","firstSeen":"1970-01-01 %s","resolveType":"%s","value":"%s",`+
		`"recordType":"%s","recordHash":"#","collected":"1970-01-01 %s","source":["pdns"]}`, last, resolve, first, kind, value, rtype, last)
}

// blank takes hashes out of an answer and returns them, too.
func blank(t *testing.T, body string) (string, []string) {
	var parsed struct {
		Results []struct {
			RecordHash string `json:"recordHash"`
		}
	}
	if err := json.Unmarshal([]byte(body), &parsed); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	var hashes []string
	for _, r := range parsed.Results {
		if len(r.RecordHash) != 64 {
			t.Errorf("hash %s: want 64 digits", r.RecordHash)
		}
		hashes = append(hashes, r.RecordHash)
		body = strings.Replace(body, r.RecordHash, "#", 1)
	}
	return body, hashes
}

// What pt-client sends, as recorded.
var client = []string{
	"Authorization", "Basic dTpr", "Accept", "application/json", "Content-Type", "application/json",
	"X-RISKIQ-CONTEXT", "python/passivetotal/2.5.9/", "User-Agent", "python-requests/2.31.0",
}

func TestPassive(t *testing.T) {
	h := dialecttest.Serve(t, history, httpapi.Config{})
	const boss = "magnit-boss.rocks"
	a1 := result(boss, "A", "192.0.2.1", "ip", "00:01:40", "00:03:30")
	a2 := result(boss, "A", "192.0.2.2", "ip", "00:01:40", "00:01:50")
	ns := result(boss, "NS", "ns.magnit-boss.rocks", "domain", "00:00:50", "00:01:00")
	soa := result(boss, "SOA", "ns.magnit-boss.rocks", "domain", "00:01:10", "00:01:20")
	mx1 := result(boss, "MX", "mail.magnit-boss.rocks", "domain", "00:01:10", "00:01:20")
	mx2 := result(boss, "MX", "ns.magnit-boss.rocks", "domain", "00:01:10", "00:01:20")
	txt := result(boss, "TXT", `\"a \\\"b\\\"\"`, "text", "00:01:30", "00:01:31")
	www := result("www.magnit-boss.rocks", "A", "192.0.2.1", "ip", "00:02:00", "00:02:10")
	of1 := result("192.0.2.1", "A", boss, "domain", "00:01:40", "00:03:30")
	ofWWW := result("192.0.2.1", "A", "www.magnit-boss.rocks", "domain", "00:02:00", "00:02:10")
	ofHint := result("192.0.2.1", "HTTPS", "a.test", "domain", "00:05:00", "00:05:10")
	of2 := result("192.0.2.2", "A", boss, "domain", "00:01:40", "00:01:50")
	tests := []struct {
		name, query string
		shown, kind string
		results     []string
		first, last string
	}{
		{"pt-client pdns --query magnit-boss.rocks", "query=magnit-boss.rocks&timeout=3", boss, "domain",
			[]string{a1, a2, ns, soa, mx1, mx2, txt}, `"1970-01-01 00:00:50"`, `"1970-01-01 00:03:30"`},
		{"with sources", "query=magnit-boss.rocks&timeout=3&sources=riskiq&sources=kaspersky&start=1970-01-01+00%3A03%3A00", boss, "domain",
			[]string{a1}, `"1970-01-01 00:01:40"`, `"1970-01-01 00:03:30"`},
		{"a wildcard", "query=%2A.magnit-boss.rocks&timeout=3&start=1970-01-01+00:01:45&end=1970-01-01+00:02:05", "*." + boss, "domain",
			[]string{a1, a2, www}, `"1970-01-01 00:01:40"`, `"1970-01-01 00:03:30"`},
		{"an end that is a date includes the day", "query=www.magnit-boss.rocks&end=1970-01-01", "www." + boss, "domain",
			[]string{www}, `"1970-01-01 00:02:00"`, `"1970-01-01 00:02:10"`},
		{"an address", "query=192.0.2.1", "192.0.2.1", "ip", []string{of1, ofWWW, ofHint}, `"1970-01-01 00:01:40"`, `"1970-01-01 00:05:10"`},
		{"a network", "query=192.0.2.2/31", "192.0.2.2/31", "ip", []string{of2}, `"1970-01-01 00:01:40"`, `"1970-01-01 00:01:50"`},
		{"nothing", "query=never.test", "never.test", "domain", nil, "null", "null"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := fmt.Sprintf(`{"queryValue":"%s","queryType":"%s","pager":{},"results":[%s],"totalRecords":%d,"firstSeen":%s,"lastSeen":%s}`+"\n",
				tt.shown, tt.kind, strings.Join(tt.results, ","), len(tt.results), tt.first, tt.last)
			a := dialecttest.Get(t, h, "/v2/dns/passive?"+tt.query, client...)
			got, _ := blank(t, a.Body)
			if a.Status != 200 || got != want {
				t.Errorf("%d\n%s\nwant\n%s", a.Status, got, want)
			}
			again := dialecttest.Get(t, h, "/pt/v2/dns/passive?"+tt.query, client...)
			if again.Body != a.Body {
				t.Errorf("the second time\n%s\nwas\n%s", again.Body, a.Body)
			}
		})
	}
}

// A record has its own hash, and another one from the other side: clients keep what
// they got by it.
func TestHashes(t *testing.T) {
	h := dialecttest.Serve(t, history, httpapi.Config{})
	seen := map[string]string{}
	for _, query := range []string{"*.magnit-boss.rocks", "a.test", "192.0.2.1", "192.0.2.2"} {
		_, hashes := blank(t, dialecttest.Get(t, h, "/v2/dns/passive?query="+query).Body)
		for _, hash := range hashes {
			if seen[hash] != "" {
				t.Errorf("%s: hash of another result of %s", query, seen[hash])
			}
			seen[hash] = query
		}
	}
	if len(seen) != 13 {
		t.Errorf("%d hashes, want 13", len(seen))
	}
}

func TestUnique(t *testing.T) {
	h := dialecttest.Serve(t, history, httpapi.Config{})
	for query, want := range map[string]string{
		"magnit-boss.rocks": `{"queryValue":"magnit-boss.rocks","queryType":"domain","pager":{},"results":["192.0.2.1","192.0.2.2",` +
			`"ns.magnit-boss.rocks","mail.magnit-boss.rocks","\"a \\\"b\\\"\""],"total":5,"frequency":[["192.0.2.1",5],["192.0.2.2",2],` +
			`["ns.magnit-boss.rocks",6],["mail.magnit-boss.rocks",4],["\"a \\\"b\\\"\"",1]]}`,
		"192.0.2.1": `{"queryValue":"192.0.2.1","queryType":"ip","pager":{},"results":["magnit-boss.rocks","www.magnit-boss.rocks","a.test"],` +
			`"total":3,"frequency":[["magnit-boss.rocks",5],["www.magnit-boss.rocks",7],["a.test",1]]}`,
		"never.test": `{"queryValue":"never.test","queryType":"domain","pager":{},"results":[],"total":0,"frequency":[]}`,
	} {
		a := dialecttest.Get(t, h, "/v2/dns/passive/unique?timeout=3&query="+query, client...)
		if a.Status != 200 || a.Body != want+"\n" {
			t.Errorf("%s: %d\n%s\nwant\n%s", query, a.Status, a.Body, want)
		}
	}
}

func TestKeyword(t *testing.T) {
	h := dialecttest.Serve(t, history, httpapi.Config{})
	match := func(name string) string {
		return `{"matchType":"domain","fieldMatch":"domain","focusPoint":"` + name + `"}`
	}
	for query, want := range map[string]string{
		"MAGNIT":     match("magnit-boss.rocks") + "," + match("www.magnit-boss.rocks"),
		"www.magnit": match("www.magnit-boss.rocks"),
		"w.w":        "",
	} {
		a := dialecttest.Get(t, h, "/v2/dns/search/keyword?query="+query, client...)
		whole := `{"queryValue":"` + query + `","results":[` + want + "]}\n"
		if a.Status != 200 || a.Body != whole {
			t.Errorf("%s: %d\n%s\nwant\n%s", query, a.Status, a.Body, whole)
		}
	}
}

// An answer that is not all says so.
func TestLimit(t *testing.T) {
	h := dialecttest.Serve(t, history, httpapi.Config{Limit: 2})
	for path, want := range map[string]string{
		"passive?query=magnit-boss.rocks":        `"totalRecords":2,"firstSeen":"1970-01-01 00:01:40","lastSeen":"1970-01-01 00:03:30","limited":true}`,
		"passive/unique?query=magnit-boss.rocks": `"total":2,"frequency":[["192.0.2.1",5],["192.0.2.2",2]],"limited":true}`,
		"passive?query=192.0.2.1":                `"totalRecords":2,"firstSeen":"1970-01-01 00:01:40","lastSeen":"1970-01-01 00:03:30","limited":true}`,
		"passive/unique?query=192.0.2.2":         `"total":1,"frequency":[["magnit-boss.rocks",2]]}`,
		"search/keyword?query=t":                 `"focusPoint":"www.magnit-boss.rocks"}],"limited":true}`,
		"search/keyword?query=magnit":            `"focusPoint":"www.magnit-boss.rocks"}]}`,
	} {
		if a := dialecttest.Get(t, h, "/v2/dns/"+path, client...); a.Status != 200 || !strings.HasSuffix(a.Body, want+"\n") {
			t.Errorf("%s: %d\n%s\nwant it to end in\n%s", path, a.Status, a.Body, want)
		}
	}
}

// What a client sends comes back to it in its own characters.
func TestValueAsAsked(t *testing.T) {
	h := dialecttest.Serve(t, history, httpapi.Config{})
	for _, way := range []string{"passive", "passive/unique", "search/keyword"} {
		var got struct{ QueryValue string }
		a := dialecttest.Get(t, h, "/v2/dns/"+way+"?query=b%C3%BCcher.example", client...)
		if err := json.Unmarshal([]byte(a.Body), &got); err != nil || got.QueryValue != "b\u00fccher.example" {
			t.Errorf("%s: %v, %+v", way, err, a)
		}
	}
}

// Records as large as they can be are given up before their texts fill memory.
func TestUniqueOfLargeRecords(t *testing.T) {
	var b strings.Builder
	text := strings.Repeat(` "`+strings.Repeat(`\000`, 250)+`"`, 200)
	for i := range 120 { // as JSON, 250 KB each
		fmt.Fprintf(&b, "big.test. TXT 1 2 1 - - %d%s\n", i, text)
	}
	h := dialecttest.Serve(t, b.String(), httpapi.Config{})
	a := dialecttest.Get(t, h, "/v2/dns/passive/unique?query=big.test", client...)
	var got struct {
		Total     int
		Limited   bool
		Results   []string
		Frequency [][2]any
	}
	if err := json.Unmarshal([]byte(a.Body), &got); err != nil || !got.Limited || got.Total < 50 || got.Total > 100 ||
		len(got.Results) != got.Total || len(got.Frequency) != got.Total {
		t.Errorf("%v, %d octets, total %d of %d and %d, limited %v", err, len(a.Body), got.Total, len(got.Results), len(got.Frequency), got.Limited)
	}
}

// The user is the name of a key, the password its secret.
func TestKey(t *testing.T) {
	file := filepath.Join(t.TempDir(), "keys")
	token, err := keys.Add(file, "analyst")
	if err != nil {
		t.Fatal(err)
	}
	h := dialecttest.Serve(t, history, httpapi.Config{Keys: file})
	ask := func(authorization string) dialecttest.Answer {
		return dialecttest.Get(t, h, "/v2/dns/passive?query=never.test", "Authorization", authorization)
	}
	name, secret, _ := strings.Cut(token, ".")
	if a := ask(basic(name, secret)); a.Status != 200 {
		t.Errorf("%+v", a)
	}
	want := `{"message":"no key that is known here","developerMessage":"no key that is known here"}` + "\n"
	if a := ask(basic(name, "wrong")); a.Status != 401 || a.Body != want {
		t.Errorf("%+v", a)
	}
	if a := ask(""); a.Status != 401 || a.Body != want {
		t.Errorf("%+v", a)
	}
}

func TestRefusals(t *testing.T) {
	h := dialecttest.Serve(t, history, httpapi.Config{})
	tests := []struct {
		path   string
		status int
		want   string
	}{
		{"passive", 400, "query: want a name, an address or a keyword"},
		{"passive?query=", 400, "query: want a name, an address or a keyword"},
		{"passive?query=a..b", 400, `query: "a..b": malformed name "a..b": empty label`},
		{"passive?query=a.test&start=yesterday", 400, `start: "yesterday" is no time from 1970 on: want a date (20190801), date-time (20190801T101112) or age (7d, 12h, 2w)`},
		{"passive/unique?query=a.test&end=1969-01-01", 400, `end: "1969-01-01" is before 1970-01-01T00:00:01Z, the earliest time that can be asked for`},
		{"passive?query=a.test&start=2020-01-01&end=2019-01-01", 400, `start: "2020-01-01" is later than end, "2019-01-01"`},
		{"search/keyword?query=" + strings.Repeat("a", 1025), 400, "query: an expression of 1025 octets: want at most 1024"},
		{"search?query=a", 404, "want /v2/dns/passive, passive/unique or search/keyword"},
		{"?query=a", 404, "want /v2/dns/passive, passive/unique or search/keyword"},
		{"passive?query=%zz", 400, "parameters do not decode: want NAME=VALUE, joined by &, with % escapes"},
	}
	for _, tt := range tests {
		a := dialecttest.Get(t, h, "/v2/dns/"+tt.path, client...)
		var got struct{ Message, DeveloperMessage string }
		if err := json.Unmarshal([]byte(a.Body), &got); err != nil || a.Status != tt.status || got.Message != tt.want || got.DeveloperMessage != tt.want {
			t.Errorf("%.80s: %+v, want %d %s", tt.path, a, tt.status, tt.want)
		}
	}
}

func basic(user, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

func FuzzQuery(f *testing.F) {
	h := dialecttest.Serve(f, history, httpapi.Config{})
	dialecttest.Fuzz(f, h, "/v2/dns/", "X-RISKIQ-CONTEXT", "passive?query=magnit-boss.rocks&start=2019-01-01+00:00:00", "passive/unique?query=192.0.2.1&end=7d",
		"search/keyword?query=%5B", "passive?query=*")
}

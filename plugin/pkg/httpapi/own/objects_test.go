package own_test

import (
	"strings"
	"testing"

	"example.org/pdns/plugin/pkg/httpapi"
)

func TestObjects(t *testing.T) {
	h := serve(t, filled(t), httpapi.Config{})
	const (
		one    = `{"rrtype":"A","rdata":["192.0.2.1"],`
		all    = one + `"time_first":1000000100,"time_last":1000000210,"count":5,"slices":2` + known + "}"
		late   = one + `"time_first":1000000200,"time_last":1000000210,"count":3,"slices":1`
		early  = one + `"time_first":1000000100,"time_last":1000000110,"count":2,"slices":1` + known + "}"
		two    = `{"rrtype":"A","rdata":["192.0.2.2","192.0.2.3"],"time_first":1000000205,"time_last":1000000206,"count":1,"slices":1}`
		nodata = `{"rrtype":"NODATA","rdata":["AAAA"],"time_first":1000000200,"time_last":1000000200,"count":1,"slices":1` + known + "}"
		nx     = `{"rrtype":"NXDOMAIN","rdata":[],"time_first":1000000010,"time_last":1000000050,"count":5,"slices":1` + known + "}"
		born   = `"born":{"time_first":1000000100,"nxdomain_before":{"time_first":1000000010,"time_last":1000000050,"count":5}}`
		head   = `{"rrname":"www.example.com.","periods":[`
	)
	tests := []struct{ ask, want string }{
		{"summary?subject=*.example.com",
			`{"rrsets":4,"time_first":1000000100,"time_last":1000000900,"count":8,"types":{"A":3,"NS":1},"complete":true}`},
		{"summary?subject=www.example.com&negative=1&until=1000000100",
			`{"rrsets":2,"time_first":1000000010,"time_last":1000000210,"count":10,"types":{"A":1,"NXDOMAIN":1},"complete":true}`},
		{"summary?subject=never.test", `{"rrsets":0,"types":{},"complete":true}`},
		{"timeline?name=www.example.com", head + all + "," + two + "," + nodata + "," + nx + `],"total":4,` + born + `,"complete":true}`},
		{"timeline?name=www.example.com&gap=89", head + late + `,"unseen_since":1000000110` + known + "}," + two + "," + nodata + "," + early + "," + nx +
			`],"total":5,` + born + `,"complete":true}`},
		{"timeline?name=www.example.com&type=A&limit=1&offset=1", head + two + `],"total":3,` + born + `,"complete":true}`},
		{"timeline?name=www.example.com&type=AAAA", head + nx + `],"total":1,"complete":true}`},
		{"timeline?name=www.example.com&since=1000000206&type=A", head + late + known + "}," + two +
			`],"total":2,"born":{"time_first":1000000200},"complete":true}`},
		{"timeline?name=never.test", `{"rrname":"never.test.","periods":[],"total":0,"complete":true}`},
	}
	for _, tt := range tests {
		w := get(h, "/api/v1/"+tt.ask)
		if got := w.Body.String(); w.Code != 200 || got != tt.want+"\n" || w.Header().Get("Content-Type") != "application/json" {
			t.Errorf("%s: %d %s\n%s\nwant\n%s", tt.ask, w.Code, w.Header().Get("Content-Type"), got, tt.want)
		}
	}
}

func TestStatus(t *testing.T) {
	s := filled(t)
	s.Dropped("class").Add(3)
	h := serve(t, s, httpapi.Config{})
	got := get(h, "/api/v1/status").Body.String()
	bytes := got[strings.Index(got, `"bytes":`):]
	bytes = bytes[:strings.Index(bytes, ",")]
	until := got[strings.Index(got, `"until":`):]
	until = until[:strings.Index(until, ",")]
	want := `{"since":"2001-09-09T01:46:50Z",` + until + `,"recorded":22,"dropped":{"class":3},"runs":1,"damaged":0,"records":12,` + bytes +
		`,"collapsed_sets":0,"collapsed_names":0,"reduced":{},"conditions":[],"version":"v1.2.3"}` + "\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestMap(t *testing.T) {
	h := serve(t, filled(t), httpapi.Config{})
	const want = `{"seeds":["new.example."],"kinds":["address"],"depth":2,"nodes":[` +
		`{"id":"new.example.","type":"name","domain":"new.example.","depth":0,"state":"expanded","score":1,` +
		`"time_first":1000000950,"time_last":1000000960,"count":4},` +
		`{"id":"192.0.2.1","type":"address","depth":1,"state":"expanded","score":0.7071067811865475,"via":["new.example."],` +
		`"time_first":1000000100,"time_last":1000000960,"count":9,"names":2,"domains":2},` +
		`{"id":"www.example.com.","type":"name","domain":"example.com.","depth":2,"state":"frontier","score":0.7071067811865475,"via":["192.0.2.1"],` +
		`"time_first":1000000100,"time_last":1000000210,"count":5}],"edges":[` +
		`{"from":"new.example.","to":"192.0.2.1","kind":"address","time_first":1000000950,"time_last":1000000960,"count":4},` +
		`{"from":"www.example.com.","to":"192.0.2.1","kind":"address","time_first":1000000100,"time_last":1000000210,"count":5}],` +
		`"shared":[],"cut":[],"rrsets_read":3}` + "\n"
	w := get(h, "/api/v1/map?seed=new.example&kinds=address&depth=2&any_time=true")
	if w.Code != 200 || w.Body.String() != want {
		t.Errorf("%d\n%s\nwant\n%s", w.Code, w.Body, want)
	}
}

func TestProblems(t *testing.T) {
	h := serve(t, filled(t), httpapi.Config{})
	tests := []struct{ ask, want string }{
		{"lookup", "want either subject=, a name, *.name, name.*, an address, a network or a range, or raw=, octets in hexadecimal"},
		{"lookup?subject=a.test&raw=00", "want either subject=, a name, *.name, name.*, an address, a network or a range, or raw=, octets in hexadecimal"},
		{"lookup?subject=a..test", `subject: \"a..test\": malformed name \"a..test\": empty label`},
		{"lookup?subject=192.0.2.1%2F24", `subject: \"192.0.2.1/24\" has bits set behind the prefix: want 192.0.2.0/24`},
		{"lookup?raw=0", `raw=\"0\": want octets in hexadecimal, two digits each`},
		{"lookup?subject=a.test&type=X", `type: unknown type \"X\": want a mnemonic such as A or NS, or TYPE and a number`},
		{"lookup?subject=a.test&type=ANY", `type=\"ANY\": no type of data: leave it out to ask for every type`},
		{"lookup?subject=a.test&bailiwick=a..b", `bailiwick=\"a..b\": want the name of a zone`},
		{"lookup?subject=a.test&since=x", `since: \"x\" is no time from 1970 on: want a date (20190801), date-time (20190801T101112) or age (7d, 12h, 2w)`},
		{"lookup?subject=a.test&since=1d&until=2d", `since=\"1d\" is later than until=\"2d\"`},
		{"lookup?subject=a.test&limit=-1", `limit=\"-1\": want a whole number from 0 on`},
		{"lookup?subject=a.test&rdata=maybe", `rdata=\"maybe\": want true or false`},
		{"lookup?subject=a.test&records=true", "records=true: single records are found by rdata: want an address, raw= or rdata=true"},
		{"lookup?subject=a.test&ttl_from=2&ttl_to=1", "ttl_from=2 is more than ttl_to=1"},
		{"lookup?subject=a.test&subject=b.test", "subject: given twice, want it once"},
		{"lookup?subject=%zz", "parameters do not decode: want NAME=VALUE, joined by &, with % escapes"},
		{"at?subject=a.test", "at is missing: want a time"},
		{"at?subject=a.test&at=1d&since=2d", `\"since\": no such parameter, want one of subject, rdata, raw, type, bailiwick, ttl_from, ttl_to, at, negative, records, limit, offset`},
		{"negative?name=192.0.2.1", `name=\"192.0.2.1\": want a domain name or *.name`},
		{"negative", "name is missing: want a domain name or *.name"},
		{"timeline", "name is missing: want a domain name"},
		{"timeline?name=*.a.test", `name=\"*.a.test\": want a domain name`},
		{"new", "since is missing: want a time"},
		{"new?since=1d&kind=x", `kind=\"x\": want domain, host or rrset`},
		{"new?since=1d&below=www.example.com", `below=\"www.example.com\" lies inside a registered domain: want example.com. or a name above it, or kind=host`},
		{"new?since=1d&below=www.*&kind=host", `below=\"www.*\": want a domain name or *.name`},
		{"status?x=1", `\"x\": want no parameters`},
		{"map", "seed: want 1 to 100 names, addresses or networks"},
		{"map?seed=*.a.test", `seed: \"*.a.test\": want one name, an address or a network`},
		{"map?seed=a.test&kinds=x", `kinds: \"x\" is no kind of edge: want address, ns, mx, cname, https, domain or network`},
		{"map?seed=a.test&depth=0", `depth=\"0\": want a whole number from 1 on`},
		{"map?seed=a.test&seed=b.test&nodes=1", "nodes=1: want at least as many as there are seeds, and at most 10000"},
	}
	for _, tt := range tests {
		w := get(h, "/api/v1/"+tt.ask)
		want := `{"type":"about:blank","title":"Bad Request","status":400,"detail":"` + tt.want + `"}` + "\n"
		if w.Code != 400 || w.Body.String() != want || w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d\n%s\nwant\n%s", tt.ask, w.Code, w.Body, want)
		}
	}
	w := get(h, "/api/v1/look/up")
	want := `{"type":"about:blank","title":"Not Found","status":404,"detail":"\"look/up\": want at, lookup, map, negative, new, newly-observed, openapi.json, status, summary or timeline behind /api/v1/"}` + "\n"
	if w.Code != 404 || w.Body.String() != want {
		t.Errorf("%d\n%s\nwant\n%s", w.Code, w.Body, want)
	}
}

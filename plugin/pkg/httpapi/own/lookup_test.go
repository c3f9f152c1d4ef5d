package own_test

import (
	"fmt"
	"testing"

	"example.org/pdns/plugin/pkg/httpapi"
)

func limited(offset int) string {
	return fmt.Sprintf(`{"cond":"limited","msg":"there is more: ask again with offset=%d"}`+"\n", offset)
}

func TestLines(t *testing.T) {
	h := serve(t, filled(t), httpapi.Config{})
	single := func(server string) string {
		return `{"count":1,"time_first":1000000100,"time_last":1000000100,"rrname":"example.com.","rrtype":"NS","rdata":["` + server +
			`.example.net."]` + known + "}\n"
	}
	tests := []struct{ ask, want string }{
		{"lookup?subject=www.example.com", pair + www},
		{"lookup/?subject=hxxp://WWW.example[.]com/x", pair + www},
		{"lookup?subject=www.example.com&negative=true", pair + www + nx + nodata},
		{"lookup?subject=www.example.com&type=nxdomain,A&type=NS", pair + www + nx},
		{"lookup?subject=www.example.com&slices=true&type=A", pair + newWWW + oldWWW},
		{"lookup?subject=*.example.com&type=NS", ns},
		{"lookup?subject=www.example.*", pair + www + record(1, 500, 510, "www.example.org.", "A", "org.", `"198.51.100.7"`)},
		{"lookup?subject=192.0.2.1", www + fresh},
		{"lookup?subject=192.0.2.0/31", www + fresh},
		{"lookup?subject=192.0.2.2-192.0.2.9", pair + b},
		{"lookup?subject=192.0.2.3&records=1", record(1, 205, 206, "www.example.com.", "A", "", `"192.0.2.3"`)},
		{"lookup?subject=ns1.example.net&rdata=true", ns + github},
		{"lookup?subject=*.example.net&rdata=true&records=true&bailiwick=com", single("ns1") + single("ns2")},
		{"lookup?raw=C0000209", b},
		{"lookup?subject=www.example.com&bailiwick=example.com", www},
		{"lookup?subject=www.example.com&ttl_from=300", www},
		{"lookup?subject=www.example.com&ttl_to=60", www},
		{"lookup?subject=www.example.com&ttl_from=301", ""},
		{"lookup?subject=www.example.com&ttl_from=0&ttl_to=59", ""},
		{"lookup?subject=www.example.com&since=1000000207", www},
		{"lookup?subject=www.example.com&until=1000000204", www},
		{"lookup?subject=www.example.com&since=793s", www},
		{"lookup?subject=www.example.com&since=2001-09-10", ""},
		{"lookup?subject=www.example.com&until=2001-09-09", pair + www},
		{"lookup?subject=www.example.com&time_first_after=1000000101", pair},
		{"lookup?subject=www.example.com&time_first_before=1000000100", www},
		{"lookup?subject=www.example.com&time_last_after=1000000210", www},
		{"lookup?subject=www.example.com&time_last_before=1000000206", pair},
		{"lookup?subject=www.example.com&since=1000000001&time_last_after=1000000210&until=1000000300&time_first_before=1000000200", www},
		{"at?subject=www.example.com&at=1000000204", www},
		{"at?subject=www.example.com&at=1000000205", pair + www},
		{"at?subject=www.example.com&at=2001-09-09T02:03:20Z", www},
		{"at?subject=www.example.com&at=1000000020&negative=t", nx},
		{"at?subject=192.0.2.0/24&at=1000000205", www + pair},
		{"negative?name=www.example.com", nx + nodata},
		{"negative?name=*.example.com&since=1000000100", nodata},
		{"new?kind=rrset&since=1000000900", b + fresh + text},
		{"new?kind=rrset&since=1000000900&below=*.example.com", b},
	}
	for _, tt := range tests {
		w := get(h, "/api/v1/"+tt.ask)
		if got := w.Body.String(); w.Code != 200 || got != tt.want+succeeded || w.Header().Get("Content-Type") != "application/x-ndjson" {
			t.Errorf("%s: %d %s\n%s\nwant\n%s", tt.ask, w.Code, w.Header().Get("Content-Type"), got, tt.want)
		}
	}
}

func TestPages(t *testing.T) {
	h := serve(t, filled(t), httpapi.Config{Limit: 2})
	tests := []struct{ ask, want string }{
		{"lookup?subject=www.example.com&limit=1", pair + limited(1)},
		{"lookup?subject=www.example.com&limit=1&offset=1", www + succeeded},
		{"lookup?subject=www.example.com&offset=2", succeeded},
		{"lookup?subject=*&limit=0", ns + b + limited(2)},
		{"lookup?subject=*&limit=9&offset=1", b + pair + limited(3)},
		{"new?kind=host&since=1000000900&limit=1", `{"rrname":"b.example.com.","time_first":1000000900,"time_last":1000000900,"count":1,"rrsets":1}` + "\n" + limited(1)},
		{"new?kind=host&since=1000000900&offset=2", `{"rrname":"new.example.","time_first":1000000950,"time_last":1000000960,"count":4,"rrsets":1}` + "\n" + succeeded},
	}
	for _, tt := range tests {
		if w := get(h, "/api/v1/"+tt.ask); w.Code != 200 || w.Body.String() != tt.want {
			t.Errorf("%s: %d\n%s\nwant\n%s", tt.ask, w.Code, w.Body, tt.want)
		}
	}
}

func TestNew(t *testing.T) {
	h := serve(t, filled(t), httpapi.Config{})
	domain := func(name string, first, last, count, rrsets int) string {
		return fmt.Sprintf(`{"domain":"%s","time_first":%d,"time_last":%d,"count":%d,"rrsets":%d}`+"\n", name, base+first, base+last, count, rrsets)
	}
	tests := []struct{ ask, want string }{
		{"since=1000000800", domain("new.example.", 950, 960, 5, 2) + domain("z.github.io.", 800, 800, 1, 1) + succeeded},
		{"since=1000000801&kind=domain", domain("new.example.", 950, 960, 5, 2) + succeeded},
		{"since=1000000000&below=com", domain("example.com.", 100, 900, 8, 4) +
			`{"cond":"succeeded","msg":"the history begins at 2001-09-09T01:46:50Z: what was there before looks new"}` + "\n"},
		{"since=1000000100&below=example.com", domain("example.com.", 100, 900, 8, 4) + succeeded},
	}
	for _, tt := range tests {
		if w := get(h, "/api/v1/new?"+tt.ask); w.Code != 200 || w.Body.String() != tt.want {
			t.Errorf("%s: %d\n%s\nwant\n%s", tt.ask, w.Code, w.Body, tt.want)
		}
	}
}

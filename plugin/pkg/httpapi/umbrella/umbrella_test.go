package umbrella_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"example.org/pdns/plugin/pkg/httpapi"
	"example.org/pdns/test/dialecttest"
)

// It is the last second of 2019: the window begins on 2019-10-02.
const history = `
example.co.uk.       A     1571000000 1573000000 1 86400 - 192.0.2.1|198.51.100.7
example.co.uk.       A     1576000000 1577000000 1 3600  - 192.0.2.1
example.co.uk.       A     1560000000 1561000000 1 60    - 192.0.2.99
example.co.uk.       NS    1576000000 1577000000 1 60    - ns.example.com.
example.co.uk.       MX    1576000000 1577000000 1 60    - 10 mail.example.com.
www.example.co.uk.   A     1576000000 1577000000 1 60    - 192.0.2.1
a.b.example.org.     A     1576000000 1577000000 1 -     - 192.0.2.1
c.b.example.org.     A     1576000000 1577000000 1 -     - 192.0.2.1
www.example.com.     A     1576000000 1577000000 1 60    - 192.0.2.1
old.example.com.     A     1560000000 1570000000 1 60    - 192.0.2.1
ns.example.com.      A     1576000000 1577000000 1 60    - 192.0.2.53
ns.example.com.      AAAA  1576000000 1577000000 1 60    - 2001:db8::53
ns2.example.com.     A     1576000000 1577000000 1 60    - 192.0.2.53
other.test.          NS    1576000000 1577000000 1 60    - ns2.example.com.
older.test.          NS    1560000000 1561000000 1 60    - ns2.example.com.
mail.example.com.    A     1576000000 1577000000 1 60    - 192.0.2.25
inside.test.         A     1577000000 1577000000 1 60    - 10.0.0.1
alias.test.          CNAME 1577000000 1577000000 1 30    - www.example.com.
`

// record is an element of rrs.
func record(owner, rtype string, ttl int, asked string) string {
	return fmt.Sprintf(`{"rr":"%s","ttl":%d,"class":"IN","type":"%s","name":"%s"}`, owner, ttl, rtype, asked)
}

func get(t *testing.T, limit int, path string) dialecttest.Answer {
	t.Helper()
	h := dialecttest.Serve(t, history, httpapi.Config{Limit: limit})
	return dialecttest.Get(t, h, path, "Authorization", "Bearer any")
}

func TestAddress(t *testing.T) {
	const none = `"features":{"rr_count":0,"ld2_count":0,"ld3_count":0,"ld2_1_count":0,"ld2_2_count":0,"div_ld2":0,"div_ld3":0,"div_ld2_1":0,"div_ld2_2":0}}`
	one := func(n string) string {
		return fmt.Sprintf(`"features":{"rr_count":%s,"ld2_count":1,"ld3_count":1,"ld2_1_count":1,"ld2_2_count":1,"div_ld2":1,"div_ld3":1,"div_ld2_1":1,"div_ld2_2":1}}`, n)
	}
	five := `{"rrs":[` + record("www.example.com.", "A", 60, "192.0.2.1") + "," + record("a.b.example.org.", "A", 0, "192.0.2.1") + "," +
		record("c.b.example.org.", "A", 0, "192.0.2.1") + "," + record("example.co.uk.", "A", 86400, "192.0.2.1") + "," +
		record("www.example.co.uk.", "A", 60, "192.0.2.1") + `],"features":{"rr_count":5,"ld2_count":3,"ld3_count":4,"ld2_1_count":1,"ld2_2_count":3,` +
		`"div_ld2":0.6,"div_ld3":0.8,"div_ld2_1":0.2,"div_ld2_2":0.6}}`
	tests := []struct{ path, want string }{
		{"a/192.0.2.1.json", five},
		{"a/192.0.2.1", five},
		{"A/192.0.2.1.json", five},
		{"aaaa/2001:DB8::53.json", `{"rrs":[` + record("ns.example.com.", "AAAA", 60, "2001:db8::53") + `],` + one("1")},
		{"ns/192.0.2.53.json", `{"rrs":[` + record("example.co.uk.", "NS", 60, "192.0.2.53") + "," + record("other.test.", "NS", 60, "192.0.2.53") +
			`],"features":{"rr_count":2,"ld2_count":2,"ld3_count":2,"ld2_1_count":2,"ld2_2_count":2,"div_ld2":1,"div_ld3":1,"div_ld2_1":1,"div_ld2_2":1}}`},
		{"ns/2001:db8::53.json", `{"rrs":[` + record("example.co.uk.", "NS", 60, "2001:db8::53") + `],` + one("1")},
		{"mx/192.0.2.25", `{"rrs":[` + record("example.co.uk.", "MX", 60, "192.0.2.25") + `],` + one("1")},
		{"ns/192.0.2.1", `{"rrs":[],` + none},
		{"a/192.0.2.99.json", `{"rrs":[],` + none},
		{"a/203.0.113.1.json", `{"rrs":[],` + none},
	}
	for _, tt := range tests {
		if a := get(t, 0, "/dnsdb/ip/"+tt.path); a.Status != 200 || a.Body != tt.want+"\n" {
			t.Errorf("%s: %d\n%s\nwant\n%s", tt.path, a.Status, a.Body, tt.want)
		}
	}
}

// features are those of a name, without what nobody knows.
func features(rest string) string {
	return strings.NewReplacer("COUNTRIES", `"country_codes":[],"country_count":0,"asns":[],"asns_count":0`,
		"LOCATIONS", `"locations":[],"locations_count":0,"geo_distance_sum":0,"geo_distance_mean":0`).Replace(rest)
}

func TestName(t *testing.T) {
	old := `{"first_seen":"2019-10-13","last_seen":"2019-11-06","rrs":[{"name":"example.co.uk.","ttl":86400,"class":"IN","type":"A","rr":"192.0.2.1"},` +
		`{"name":"example.co.uk.","ttl":86400,"class":"IN","type":"A","rr":"198.51.100.7"}]}`
	now := `{"first_seen":"2019-12-10","last_seen":"2019-12-22","rrs":[{"name":"example.co.uk.","ttl":3600,"class":"IN","type":"A","rr":"192.0.2.1"}]}`
	apex := features(`"features":{"age":79,"ttls_min":3600,"ttls_max":86400,"ttls_mean":45000,"ttls_median":45000,"ttls_stddev":41400,COUNTRIES,` +
		`"prefixes":["192.0.2.0","198.51.100.0"],"prefixes_count":2,"rips":2,"div_rips":1,LOCATIONS,"non_routable":false,"mail_exchanger":true,` +
		`"cname":false,"ff_candidate":false,"rips_stability":1,"base_domain":"example.co.uk","is_subdomain":false}`)
	tests := []struct {
		path  string
		limit int
		want  string
	}{
		{"a/example.co.uk.json", 0, `{"rrs_tf":[` + now + "," + old + `],` + apex + "}"},
		{"A/Example.Co.Uk", 0, `{"rrs_tf":[` + now + "," + old + `],` + apex + "}"},
		{"a/example.co.uk", 1, `{"rrs_tf":[` + now + `],` + apex + `,"limited":true}`},
		{"cname/alias.test.json", 0, `{"rrs_tf":[{"first_seen":"2019-12-22","last_seen":"2019-12-22","rrs":[{"name":"alias.test.","ttl":30,"class":"IN",` +
			`"type":"CNAME","rr":"www.example.com."}]}],` + features(`"features":{"age":9,"ttls_min":30,"ttls_max":30,"ttls_mean":30,"ttls_median":30,`+
			`"ttls_stddev":0,COUNTRIES,"prefixes":[],"prefixes_count":0,"rips":0,"div_rips":0,LOCATIONS,"non_routable":false,"mail_exchanger":false,`+
			`"cname":true,"ff_candidate":false,"rips_stability":1,"base_domain":"alias.test","is_subdomain":false}}`)},
		{"a/inside.test", 0, `{"rrs_tf":[{"first_seen":"2019-12-22","last_seen":"2019-12-22","rrs":[{"name":"inside.test.","ttl":60,"class":"IN",` +
			`"type":"A","rr":"10.0.0.1"}]}],` + features(`"features":{"age":9,"ttls_min":60,"ttls_max":60,"ttls_mean":60,"ttls_median":60,`+
			`"ttls_stddev":0,COUNTRIES,"prefixes":["10.0.0.0"],"prefixes_count":1,"rips":1,"div_rips":1,LOCATIONS,"non_routable":true,`+
			`"mail_exchanger":false,"cname":false,"ff_candidate":false,"rips_stability":1,"base_domain":"inside.test","is_subdomain":false}}`)},
		{"txt/www.never.test.json", 0, `{"rrs_tf":[],` + features(`"features":{"age":0,"ttls_min":0,"ttls_max":0,"ttls_mean":0,"ttls_median":0,`+
			`"ttls_stddev":0,COUNTRIES,"prefixes":[],"prefixes_count":0,"rips":0,"div_rips":0,LOCATIONS,"non_routable":false,"mail_exchanger":false,`+
			`"cname":false,"ff_candidate":false,"rips_stability":1,"base_domain":"never.test","is_subdomain":true}}`)},
	}
	for _, tt := range tests {
		if a := get(t, tt.limit, "/dnsdb/name/"+tt.path); a.Status != 200 || a.Body != tt.want+"\n" {
			t.Errorf("%s: %d\n%s\nwant\n%s", tt.path, a.Status, a.Body, tt.want)
		}
	}
}

func TestLimit(t *testing.T) {
	a := get(t, 2, "/dnsdb/ip/a/192.0.2.1")
	want := `{"rrs":[` + record("www.example.com.", "A", 60, "192.0.2.1") + "," + record("a.b.example.org.", "A", 0, "192.0.2.1") +
		`],"features":{"rr_count":2,"ld2_count":2,"ld3_count":2,"ld2_1_count":1,"ld2_2_count":2,"div_ld2":1,"div_ld3":1,"div_ld2_1":0.5,"div_ld2_2":1},"limited":true}`
	if a.Body != want+"\n" {
		t.Errorf("got\n%s\nwant\n%s", a.Body, want)
	}
}

// A shared host has more names than are counted one by one.
func TestManyNames(t *testing.T) {
	const n = 70_000
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "n%d.test. A 1577000000 1577000000 1 - - 192.0.2.1\n", i)
	}
	h := dialecttest.Serve(t, b.String(), httpapi.Config{})
	a := dialecttest.Get(t, h, "/dnsdb/ip/a/192.0.2.1")
	var got struct {
		RRs      []struct{} `json:"rrs"`
		Features map[string]float64
	}
	if err := json.Unmarshal([]byte(a.Body), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.RRs) != n || got.Features["rr_count"] != n {
		t.Errorf("%d records, counted %v", len(got.RRs), got.Features["rr_count"])
	}
	// Ten times what the sample is off by on average.
	for _, name := range []string{"ld2_count", "ld3_count", "ld2_1_count", "ld2_2_count"} {
		if c := got.Features[name]; c < 0.94*n || c > 1.06*n {
			t.Errorf("%s: %v, want about %d", name, c, n)
		}
	}
	a = dialecttest.Get(t, h, "/dnsdb/ip/ns/192.0.2.1")
	want := `{"errorMessage":"192.0.2.1 had more than 10000 names: want an address of fewer, to find what each serves"}` + "\n"
	if a.Status != 400 || a.Body != want {
		t.Errorf("%.300s, want %s", a.Body, want)
	}
}

func TestRefusals(t *testing.T) {
	tests := []struct {
		path   string
		status int
		want   string
	}{
		{"ip/a", 404, "want /dnsdb/ip/TYPE/ADDRESS or /dnsdb/name/TYPE/NAME"},
		{"name/a/b/c", 404, "want /dnsdb/ip/TYPE/ADDRESS or /dnsdb/name/TYPE/NAME"},
		{"ip/a/www.example.com.json", 400, `"www.example.com": want an address`},
		{"ip/a/192.0.2.0%2F24.json", 400, `"192.0.2.0/24": want an address`},
		{"ip/aaaa/fe80::1%25eth0", 400, `"fe80::1%eth0": want an address`},
		{"ip/txt/192.0.2.1", 400, `type "txt": want a, aaaa, ns or mx`},
		{"name/a/192.0.2.1", 400, `"192.0.2.1": want a domain name`},
		{"name/a/*.example.com", 400, `"*.example.com": want a domain name`},
		{"name/a/www.example.*", 400, `"www.example.*": want a domain name`},
		{"name/nonsense/example.com", 400, `type "nonsense": want a mnemonic of data such as A or NS, TYPE and a number, or ANY`},
	}
	for _, tt := range tests {
		a := get(t, 0, "/dnsdb/"+tt.path)
		var got struct{ ErrorMessage string }
		if err := json.Unmarshal([]byte(a.Body), &got); err != nil || a.Status != tt.status || got.ErrorMessage != tt.want {
			t.Errorf("%s: %+v, want %d %s", tt.path, a, tt.status, tt.want)
		}
	}
}

func FuzzRequest(f *testing.F) {
	h := dialecttest.Serve(f, history, httpapi.Config{})
	dialecttest.Fuzz(f, h, "/dnsdb/", "Authorization", "ip/a/192.0.2.1.json", "ip/ns/2001:db8::53", "name/a/example.co.uk.json", "name/any/.", "name/TYPE1,MX/x")
}

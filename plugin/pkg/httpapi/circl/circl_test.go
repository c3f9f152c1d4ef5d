package circl_test

import (
	"fmt"
	"strings"
	"testing"

	"example.org/pdns/plugin/pkg/httpapi"
	"example.org/pdns/test/dialecttest"
)

const history = `
example.com.      NS    100 200 9 3600 com.         ns1.example.net.|ns2.example.net.
example.com.      MX    100 200 4 3600 example.com. 10 mail.example.com.
www.example.com.  A     100 110 2 60   example.com. 192.0.2.1|192.0.2.2
www.example.com.  A     200 210 3 60   example.com. 192.0.2.1
www.example.com.  AAAA  150 150 1 60   example.com. 2001:db8::1
mail.example.com. A     100 100 1 60   -            192.0.2.9
a.test.           CNAME 300 300 5 -    -            www.example.com.
odd.test.         TYPE65400 300 300 1 - -           \# 2 abcd
gone.test.        NXDOMAIN 300 300 1 - -            
`

// object is a line of an answer.
func object(count, first, last int, rest string) string {
	return fmt.Sprintf(`{"count":%d,"time_first":%d,"time_last":%d,%s,"origin":"https://pdns.example/"}`+"\n", count, first, last, rest)
}

var (
	ns       = object(9, 100, 200, `"rrname":"example.com.","rrtype":"NS","bailiwick":"com.","rdata":["ns1.example.net.","ns2.example.net."]`)
	mx       = object(4, 100, 200, `"rrname":"example.com.","rrtype":"MX","bailiwick":"example.com.","rdata":["10 mail.example.com."]`)
	mail     = object(1, 100, 100, `"rrname":"mail.example.com.","rrtype":"A","rdata":["192.0.2.9"]`)
	wwwOne   = object(3, 200, 210, `"rrname":"www.example.com.","rrtype":"A","bailiwick":"example.com.","rdata":["192.0.2.1"]`)
	wwwBoth  = object(2, 100, 110, `"rrname":"www.example.com.","rrtype":"A","bailiwick":"example.com.","rdata":["192.0.2.1","192.0.2.2"]`)
	wwwSix   = object(1, 150, 150, `"rrname":"www.example.com.","rrtype":"AAAA","bailiwick":"example.com.","rdata":["2001:db8::1"]`)
	alias    = object(5, 300, 300, `"rrname":"a.test.","rrtype":"CNAME","rdata":["www.example.com."]`)
	mxRecord = object(4, 100, 200, `"rrname":"example.com.","rrtype":"MX","rdata":["10 mail.example.com."]`)
	www1     = object(5, 100, 210, `"rrname":"www.example.com.","rrtype":"A","rdata":["192.0.2.1"]`)
	www2     = object(2, 100, 110, `"rrname":"www.example.com.","rrtype":"A","rdata":["192.0.2.2"]`)
	www6     = object(1, 150, 150, `"rrname":"www.example.com.","rrtype":"AAAA","rdata":["2001:db8::1"]`)
	ns1      = object(9, 100, 200, `"rrname":"example.com.","rrtype":"NS","rdata":["ns1.example.net."]`)
)

func TestQuery(t *testing.T) {
	h := dialecttest.Serve(t, history, httpapi.Config{Origin: "https://pdns.example/"})
	tests := []struct {
		name, path string
		header     []string
		want       string
	}{
		{"both sides of a name", "/pdns/query/www.example.com", nil, wwwOne + wwwBoth + wwwSix + alias},
		{"letter case, final dot and slash", "/pdns/query/WWW.Example.COM./", nil, wwwOne + wwwBoth + wwwSix + alias},
		{"in rdata only", "/pdns/query/ns1.example.net", nil, ns1},
		{"an exchange", "/pdns/query/mail.example.com", nil, mail + mxRecord},
		{"below a name, nothing twice", "/pdns/query/%2A.example.com", nil, ns + mx + mail + wwwOne + wwwBoth + wwwSix + alias},
		{"at names that begin so", "/pdns/query/www.example.*", nil, wwwOne + wwwBoth + wwwSix},
		{"an address", "/pdns/query/192.0.2.1", nil, www1},
		{"an address of six", "/pdns/query/2001%3Adb8%3A%3A1", nil, www6},
		{"a network", "/pdns/query/192.0.2.0/29", nil, www1 + www2},
		{"a network, escaped", "/pdns/query/192.0.2.0%2F29", nil, www1 + www2},
		{"a network, escaped twice", "/pdns/query/192.0.2.0%252F29", nil, www1 + www2},
		{"a network with a comma", "/pdns/query/192.0.2.0,29", nil, www1 + www2},
		{"a network with a comma, escaped", "/pdns/query/2001:db8::%2C32", nil, www6},
		{"a range", "/pdns/query/192.0.2.2-192.0.2.9", nil, www2 + mail},
		{"a type without a mnemonic", "/pdns/query/odd.test", nil,
			object(1, 300, 300, `"rrname":"odd.test.","rrtype":"TYPE65400","rdata":["\\# 2 abcd"]`)},
		{"nothing", "/pdns/query/never.test", nil, ""},
		{"what did not exist is not shown", "/pdns/query/gone.test", nil, ""},
		{"but if it is asked for", "/pdns/query/gone.test", []string{"dribble-filter-rrtype", "NXDOMAIN"},
			object(1, 300, 300, `"rrname":"gone.test.","rrtype":"NXDOMAIN","rdata":[""]`)},
		{"one type", "/pdns/query/www.example.com", []string{"dribble-filter-rrtype", "aaaa"}, wwwSix},
		{"types", "/pdns/query/www.example.com", []string{"dribble-filter-rrtype", "AAAA,CNAME"}, wwwSix + alias},
		{"nothing is resolved anyway", "/pdns/query/192.0.2.9", []string{"dribble-disable-active-query", "1"}, mail},
		{"D4", "/query/192.0.2.9", nil, mail},
		{"D4, full", "/fquery/192.0.2.9", nil, mail},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := dialecttest.Get(t, h, tt.path, tt.header...)
			if a.Status != 200 || a.Cut || a.Header.Get("Content-Type") != "application/x-ndjson" || a.Header.Get("x-dribble-cursor") != "" {
				t.Errorf("%+v", a)
			}
			if a.Body != tt.want {
				t.Errorf("got\n%s\nwant\n%s", a.Body, tt.want)
			}
		})
	}
}

// Pages put one behind the other are the whole answer, whatever their size, and the
// last one has no cursor.
func TestPages(t *testing.T) {
	h := dialecttest.Serve(t, history, httpapi.Config{Origin: "https://pdns.example/"})
	const path = "/pdns/query/*.example.com"
	whole := dialecttest.Get(t, h, path).Body
	objects := strings.Count(whole, "\n")
	for count := 1; count <= objects+1; count++ {
		body, pages, cursor := "", 0, ""
		for {
			header := []string{"dribble-paginate-count", fmt.Sprint(count)}
			if cursor != "" {
				header = append(header, "dribble-paginate-cursor", cursor)
			}
			a := dialecttest.Get(t, h, path, header...)
			if a.Status != 200 {
				t.Fatalf("%+v", a)
			}
			body += a.Body
			pages++
			if cursor = a.Header.Get("x-dribble-cursor"); cursor == "" {
				break
			}
			if want := pages * count; cursor != fmt.Sprint(want) || pages > objects {
				t.Fatalf("%d a page: cursor %s behind page %d, want %d", count, cursor, pages, want)
			}
		}
		if want := (objects + count - 1) / count; body != whole || pages != want {
			t.Errorf("%d a page: %d pages, want %d\n%s", count, pages, want, body)
		}
	}
	if a := dialecttest.Get(t, h, path, "dribble-paginate-cursor", "6"); a.Body != alias || a.Header.Get("x-dribble-cursor") != "" {
		t.Errorf("a cursor alone: %+v", a)
	}
	if a := dialecttest.Get(t, h, path, "dribble-paginate-cursor", "99"); a.Status != 200 || a.Body != "" {
		t.Errorf("behind the end: %+v", a)
	}
}

// More than the key may have is no answer without paging: it is cut behind what the
// key may have.
func TestLimit(t *testing.T) {
	h := dialecttest.Serve(t, history, httpapi.Config{Origin: "https://pdns.example/", Limit: 2})
	if a := dialecttest.Get(t, h, "/pdns/query/www.example.com"); !a.Cut || a.Body != wwwOne+wwwBoth {
		t.Errorf("%+v", a)
	}
	if a := dialecttest.Get(t, h, "/pdns/query/192.0.2.0/29"); a.Cut || a.Body != www1+www2 {
		t.Errorf("%+v", a)
	}
	a := dialecttest.Get(t, h, "/pdns/query/www.example.com", "dribble-paginate-count", "50")
	if a.Cut || a.Body != wwwOne+wwwBoth || a.Header.Get("x-dribble-cursor") != "2" {
		t.Errorf("%+v", a)
	}
}

// What could be read is given and then cut: in pages, a header field tells of it.
// Where nothing was found, it is an error.
func TestDamage(t *testing.T) {
	h := dialecttest.Damaged(t, history, httpapi.Config{Origin: "https://pdns.example/"})
	if a := dialecttest.Get(t, h, "/pdns/query/mail.example.com"); !a.Cut || a.Body != mail+mxRecord {
		t.Errorf("%+v", a)
	}
	if a := dialecttest.Get(t, h, "/pdns/query/never.test"); a.Cut || a.Status != 503 || a.Body != "Error: the history could not be read\n" {
		t.Errorf("%+v", a)
	}
	a := dialecttest.Get(t, h, "/pdns/query/mail.example.com", "dribble-paginate-count", "50")
	if a.Cut || a.Status != 200 || a.Body != mail+mxRecord || a.Header.Get("x-dribble-errors") != `{"error":"a part of the history could not be read: there may be more"}` {
		t.Errorf("%+v", a)
	}
	a = dialecttest.Get(t, h, "/pdns/query/%2A.example.com", "dribble-paginate-cursor", "5", "dribble-paginate-count", "1")
	if a.Body != wwwSix || a.Header.Get("x-dribble-cursor") != "6" {
		t.Errorf("%+v", a)
	}
	a = dialecttest.Get(t, h, "/pdns/query/%2A.example.com", "dribble-paginate-cursor", "6", "dribble-paginate-count", "1")
	if a.Body != alias || a.Header.Get("x-dribble-cursor") != "" || a.Header.Get("x-dribble-errors") == "" {
		t.Errorf("%+v", a)
	}
}

// A page of large objects ends early.
func TestLargeObjects(t *testing.T) {
	var b strings.Builder
	text := `"` + strings.Repeat("x", 255) + `"`
	for i := range 120 {
		fmt.Fprintf(&b, "big.test. TXT 1 2 1 - - \"%d\" %s\n", i, strings.Join(slicesOf(text, 200), " "))
	}
	h := dialecttest.Serve(t, b.String(), httpapi.Config{})
	objects, pages, cursor := 0, 0, "0"
	for cursor != "" {
		a := dialecttest.Get(t, h, "/query/big.test", "dribble-paginate-cursor", cursor)
		if a.Status != 200 || len(a.Body) > 5<<20 {
			t.Fatalf("status %d, %d octets", a.Status, len(a.Body))
		}
		objects += strings.Count(a.Body, "\n")
		cursor = a.Header.Get("x-dribble-cursor")
		pages++
	}
	if objects != 120 || pages < 2 {
		t.Errorf("%d objects in %d pages, want 120 in more than one", objects, pages)
	}
}

func slicesOf(s string, n int) (all []string) {
	for range n {
		all = append(all, s)
	}
	return all
}

func TestOriginThatIsNotConfigured(t *testing.T) {
	h := dialecttest.Serve(t, history, httpapi.Config{})
	want := strings.Replace(mail, "https://pdns.example/", "http://example.com/", 1)
	if a := dialecttest.Get(t, h, "/pdns/query/192.0.2.9"); a.Body != want {
		t.Errorf("got %s, want %s", a.Body, want)
	}
}

func TestInfo(t *testing.T) {
	h := dialecttest.Serve(t, history, httpapi.Config{Version: "v1.2.3"})
	want := `{"version":"v1.2.3","software":"pdns","stats":27,"sensors":[]}` + "\n"
	if a := dialecttest.Get(t, h, "/info"); a.Status != 200 || a.Body != want {
		t.Errorf("%+v", a)
	}
}

func TestRefusals(t *testing.T) {
	h := dialecttest.Serve(t, history, httpapi.Config{})
	tests := []struct {
		path, field, value string
		status             int
		want               string
	}{
		{"/pdns/query/", "", "", 400, `"": want a name or an address`},
		{"/pdns/query", "", "", 400, `"": want a name or an address`},
		{"/query/a..b", "", "", 400, `"a..b": malformed name "a..b": empty label`},
		{"/query/192.0.2.300", "", "", 400, `"192.0.2.300" is no address: want an address, a network (192.0.2.0/24, 2001:db8::/32) or a range (192.0.2.1-192.0.2.9)`},
		{"/query/192.0.2.1/24", "", "", 400, `"192.0.2.1/24" has bits set behind the prefix: want 192.0.2.0/24`},
		{"/query/a.test", "dribble-filter-rrtype", "NONSENSE", 400, `type "NONSENSE": want a mnemonic of data such as A or NS, TYPE and a number, or ANY`},
		{"/query/a.test", "dribble-paginate-count", "0", 400, `dribble-paginate-count: "0": want a whole number from 1 on`},
		{"/query/a.test", "dribble-paginate-count", "+5", 400, `dribble-paginate-count: "+5": want a whole number from 1 on`},
		{"/query/a.test", "dribble-paginate-cursor", "-1", 400, `dribble-paginate-cursor: "-1": want a whole number from 0 on`},
		{"/query/a.test", "dribble-paginate-cursor", "99999999999999999999", 400, `dribble-paginate-cursor: "99999999999999999999": want a whole number from 0 on`},
		{"/info/x", "", "", 404, "want /info and nothing behind it"},
	}
	for _, tt := range tests {
		t.Run(tt.path+" "+tt.field+tt.value, func(t *testing.T) {
			a := dialecttest.Get(t, h, tt.path, tt.field, tt.value)
			if a.Status != tt.status || !strings.Contains(a.Body, tt.want) || !strings.HasPrefix(a.Body, "Error: ") {
				t.Errorf("%+v, want %d %s", a, tt.status, tt.want)
			}
			if e := a.Header.Get("x-dribble-errors"); !strings.HasPrefix(e, `{"error":"`) {
				t.Errorf("x-dribble-errors: %s", e)
			}
		})
	}
}

func FuzzQuery(f *testing.F) {
	h := dialecttest.Serve(f, history, httpapi.Config{})
	dialecttest.Fuzz(f, h, "/pdns/query/", "dribble-paginate-count", "www.example.com", "%2A.example.com", "192.0.2.0,24", "2001:db8::%2F32", "a//b", "*", "1.0%5C04725.x")
}

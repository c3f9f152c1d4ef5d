package otx_test

import (
	"fmt"
	"strings"
	"testing"

	"example.org/pdns/plugin/pkg/httpapi"
	"example.org/pdns/test/dialecttest"
)

// Times are seconds of 1970-01-01.
const history = `
example.co.uk.     A     100 110 2 60 - 192.0.2.1|192.0.2.2
example.co.uk.     A     200 210 3 60 - 192.0.2.1
example.co.uk.     MX    70  80  4 60 - 10 mail.example.co.uk.
www.example.co.uk. AAAA  120 130 7 60 - 2001:db8::1
www.example.co.uk. HTTPS 300 310 1 -  - 1 . ipv4hint=192.0.2.1
a\"b.test.         CNAME 300 310 1 -  - www.example.co.uk.
`

// element is one record.
func element(address, rtype, hostname, kind, first, last string) string {
	return fmt.Sprintf(`{"address":"%s","first":"1970-01-01T00:%s","last":"1970-01-01T00:%s","hostname":"%s","record_type":"%s",`+
		`"indicator_link":"/indicator/%s/%[4]s","flag_url":"","flag_title":"","asset_type":"%[6]s","asn":""}`,
		address, first, last, hostname, rtype, kind)
}

const (
	apex = "example.co.uk"
	www  = "www.example.co.uk"
)

var (
	a1      = element("192.0.2.1", "A", apex, "domain", "01:40", "03:30")
	a2      = element("192.0.2.2", "A", apex, "domain", "01:40", "01:50")
	mx      = element("mail.example.co.uk", "MX", apex, "domain", "01:10", "01:20")
	six     = element("2001:db8::1", "AAAA", www, "hostname", "02:00", "02:10")
	service = element("1 . ipv4hint=\\\"192.0.2.1\\\"", "HTTPS", www, "hostname", "05:00", "05:10")
	hint    = element("192.0.2.1", "HTTPS", www, "hostname", "05:00", "05:10")
	alias   = element(www, "CNAME", `a\\\"b.test`, "domain", "05:00", "05:10")
)

// What the SDK sends, as its source has it.
var client = []string{"X-OTX-API-KEY", "any", "User-Agent", "OTX Python SDK/1.5.12", "Accept", "application/json"}

func TestPassiveDNS(t *testing.T) {
	h := dialecttest.Serve(t, history, httpapi.Config{})
	tests := []struct {
		path string
		want []string
	}{
		{"domain/example.co.uk", []string{a1, a2, mx, six, service}},
		{"domain/www.example.co.uk", []string{six, service}},
		{"hostname/Example.CO.UK.", []string{a1, a2, mx}},
		{"hostname/a%5C%22b.test", []string{alias}},
		{"IPv4/192.0.2.1", []string{a1, hint}},
		{"IPv6/2001:DB8:0::1", []string{six}},
		{"domain/never.test", nil},
	}
	for _, tt := range tests {
		want := fmt.Sprintf(`{"passive_dns":[%s],"count":%d}`+"\n", strings.Join(tt.want, ","), len(tt.want))
		for _, slash := range []string{"", "/"} {
			a := dialecttest.Get(t, h, "/api/v1/indicators/"+tt.path+"/passive_dns"+slash, client...)
			if a.Status != 200 || a.Body != want || a.Header.Get("Content-Type") != "application/json" {
				t.Errorf("%s: %d\n%s\nwant\n%s", tt.path, a.Status, a.Body, want)
			}
		}
	}
}

func TestLimit(t *testing.T) {
	h := dialecttest.Serve(t, history, httpapi.Config{Limit: 2})
	want := `{"passive_dns":[` + a1 + "," + a2 + `],"count":2,"limited":true}` + "\n"
	if a := dialecttest.Get(t, h, "/api/v1/indicators/domain/example.co.uk/passive_dns", client...); a.Body != want {
		t.Errorf("got\n%s\nwant\n%s", a.Body, want)
	}
}

// What could be read stays without an end, so that nobody takes it for the whole.
func TestDamage(t *testing.T) {
	h := dialecttest.Damaged(t, history, httpapi.Config{})
	a := dialecttest.Get(t, h, "/api/v1/indicators/IPv6/2001:db8::1/passive_dns", client...)
	if !a.Cut || a.Body != `{"passive_dns":[`+six {
		t.Errorf("%+v", a)
	}
	a = dialecttest.Get(t, h, "/api/v1/indicators/domain/never.test/passive_dns", client...)
	if a.Cut || a.Status != 503 || a.Body != `{"detail":"the history could not be read"}`+"\n" {
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
		{"domain/example.com", 404, "want /api/v1/indicators/TYPE/INDICATOR/passive_dns, TYPE being domain, hostname, IPv4 or IPv6"},
		{"domain/example.com/general", 404, "want /api/v1/indicators/TYPE/INDICATOR/passive_dns, TYPE being domain, hostname, IPv4 or IPv6"},
		{"file/0123/passive_dns", 400, `type \"file\": want domain, hostname, IPv4 or IPv6`},
		{"domain//passive_dns", 400, `\"\": want the name of a host or domain`},
		{"domain/*.example.com/passive_dns", 400, `\"*.example.com\": want the name of a host or domain`},
		{"hostname/*.example.com/passive_dns", 400, `\"*.example.com\": want the name of a host or domain`},
		{"hostname/192.0.2.1/passive_dns", 400, `\"192.0.2.1\": want the name of a host or domain`},
		{"IPv4/2001:db8::1/passive_dns", 400, `\"2001:db8::1\": want an IPv4 address`},
		{"IPv6/192.0.2.1/passive_dns", 400, `\"192.0.2.1\": want an IPv6 address`},
		{"IPv4/192.0.2.0-192.0.2.9/passive_dns", 400, `\"192.0.2.0-192.0.2.9\": want an IPv4 address`},
	}
	for _, tt := range tests {
		a := dialecttest.Get(t, h, "/api/v1/indicators/"+tt.path, client...)
		if a.Status != tt.status || a.Body != `{"detail":"`+tt.want+`"}`+"\n" {
			t.Errorf("%s: %+v, want %d %s", tt.path, a, tt.status, tt.want)
		}
	}
}

func FuzzRequest(f *testing.F) {
	h := dialecttest.Serve(f, history, httpapi.Config{})
	dialecttest.Fuzz(f, h, "/api/v1/indicators/", "X-OTX-API-KEY", "domain/example.co.uk/passive_dns", "hostname/a%5C%22b.test/passive_dns",
		"IPv4/192.0.2.1/passive_dns", "IPv6/::/passive_dns", "domain/%00/passive_dns")
}

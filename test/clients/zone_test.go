package clients

import (
	"encoding/json"
	"fmt"
	"net"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"example.org/pdns/test/lab"
)

// newResolver is CoreDNS that records into the store, shows it in the query zone
// and serves it over HTTP.
func newResolver(t *testing.T) (d *desk, addr string, upstream *lab.Upstream) {
	d = newDesk(t)
	d.recordWorld()
	upstream = lab.NewUpstream(t)
	port := lab.FreePort(t, "127.0.0.1")
	s := lab.StartCoreDNS(t, binaries.CoreDNS, d.dir, `
.:$PORT {
    bind 127.0.0.1
    errors
    pdnscollect `+d.store+`
    forward . `+upstream.Addr+`
}
_pdns.local:$PORT {
    bind 127.0.0.1
    pdnsquery `+d.store+` {
        http 127.0.0.1:`+port+`
    }
    transfer {
        to 127.0.0.1
    }
}
`)
	d.url = "http://127.0.0.1:" + port
	return d, s.Addr, upstream
}

// dig is what dig prints of an answer, a record a line.
func (d *desk) dig(addr string, args ...string) []string {
	d.t.Helper()
	host, port, _ := net.SplitHostPort(addr)
	args = append([]string{"@" + host, "-p", port, "+noall", "+answer", "+nosplit", "+tries=2", "+time=5"}, args...)
	out, err := exec.Command("dig", args...).CombinedOutput()
	if err != nil {
		d.t.Fatalf("dig %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}

// objects are the objects in the TXT records that dig prints.
func objects(t *testing.T, lines []string) string {
	t.Helper()
	plain := strings.NewReplacer(`\"`, `"`, `\\`, `\`)
	var text strings.Builder
	for _, line := range lines {
		rr, err := dns.NewRR(line)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if txt, ok := rr.(*dns.TXT); ok {
			text.WriteString(plain.Replace(strings.Join(txt.Txt, "")) + "\n")
		}
	}
	return text.String()
}

// rows are records in one form, whoever told of them, in one order.
func rows(t *testing.T, text string) []string {
	t.Helper()
	var all []string
	for _, r := range lab.Records(t, text) {
		all = append(all, fmt.Sprintf("%s %s %q %q %d %d %d", r.Owner, r.Type, r.Bailiwick, r.Rdata(t), r.First, r.Last, r.Count))
	}
	slices.Sort(all)
	return all
}

func same(t *testing.T, what string, zone, api []string, least int) {
	t.Helper()
	if len(zone) < least || !slices.Equal(zone, api) {
		t.Errorf("%s: dig and dnsdbq differ: %d and %d, want at least %d\n%s\n\n%s", what, len(zone), len(api), least,
			strings.Join(zone, "\n"), strings.Join(api, "\n"))
	}
}

// TestZoneAndAPI asks the same store by dig and by dnsdbq, record by record.
func TestZoneAndAPI(t *testing.T) {
	d, addr, upstream := newResolver(t)
	for _, name := range []string{"example.com", "example.edu", "example.org", "arpa", "example.net"} {
		zone := rows(t, objects(t, d.dig(addr, "AXFR", "*."+name+"._json._pdns.local")))
		text := d.shell(fmt.Sprintf("dnsdbq -j -l 0 -r '*.%[1]s'; dnsdbq -j -l 0 -r '*.%[1]s/ANY-DNSSEC'", name)).out
		same(t, "all below "+name, zone, rows(t, text), 1)
	}
	for _, tt := range []struct{ subject, args string }{
		{"www.example.com", "-r www.example.com"},
		{"www.example.com._a", "-r www.example.com/A"},
		{"www.example.*", "-r 'www.example.*'"},
		{`a\.b.example.edu`, `-r 'a\.b.example.edu'`},
		{`example.com._ns._bailiwick-com`, "-r example.com/NS/com"},
		{"*.example.com._a._since-20190901", "-r '*.example.com/A' -A 2019-09-01"},
		{"*.example.com._a._until-1564617600", "-r '*.example.com/A' -B 1564617600"},
		{"www.example.com._a._slices", "-r www.example.com/A -g"},
		{"198.51.100.7._rdata", "-i 198.51.100.7"},
		{"www.example.com._rdata", "-n www.example.com"},
	} {
		zone := rows(t, objects(t, d.dig(addr, "TXT", tt.subject+"._json._pdns.local")))
		api := rows(t, d.dnsdbq("-j "+tt.args))
		if strings.Contains(tt.subject, "_rdata") { // single records have no bailiwick
			zone = withoutBailiwick(zone)
		}
		same(t, tt.subject, zone, api, 1)
	}

	if err := upstream.Set("? new.example.com A\nnew.example.com. 300 A 192.0.2.77\n"); err != nil {
		t.Fatal(err)
	}
	d.dig(addr, "A", "new.example.com")
	zone := rows(t, objects(t, d.dig(addr, "TXT", "new.example.com._json._pdns.local")))
	same(t, "what is not on disk yet", zone, rows(t, d.dnsdbq("-j -r new.example.com")), 1)
}

func withoutBailiwick(rows []string) []string {
	var plain []string
	for _, r := range rows {
		f := strings.Fields(r)
		f[2] = `""`
		plain = append(plain, strings.Join(f, " "))
	}
	return plain
}

// TestZoneAndAPISummary: how much there is, as the zone and as the API have it.
func TestZoneAndAPISummary(t *testing.T) {
	d, addr, _ := newResolver(t)
	zone := strings.Join(d.dig(addr, "TXT", "*.example.edu._summary._pdns.local"), "\n")
	var sum struct {
		Count int `json:"count"`
		RRs   int `json:"num_results"`
	}
	if err := json.Unmarshal([]byte(d.dnsdbq("-V summarize -j -r '*.example.edu'")), &sum); err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf(`"rrsets=%d"`, sum.RRs)
	if sum.RRs != 7 || !strings.Contains(zone, want) || !strings.Contains(zone, fmt.Sprintf(`"count=%d"`, sum.Count)) {
		t.Errorf("the zone has %s, the API %+v", zone, sum)
	}
}

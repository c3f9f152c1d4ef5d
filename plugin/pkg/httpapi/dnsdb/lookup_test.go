package dnsdb_test

import (
	"testing"
	"time"

	"example.org/pdns/plugin/pkg/clock"
	"example.org/pdns/plugin/pkg/httpapi"
)

// An exchange is a path below that of version 2, and the objects of its answer.
type exchange struct {
	name, path string
	objects    []string
	end        string
}

// answers checks exchanges with version 2.
func answers(t *testing.T, tests []exchange) {
	h := serve(t, filled(t), httpapi.Config{})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			end := tt.end
			if end == "" {
				end = succeeded
			}
			w := get(h, "/dnsdb/v2/"+tt.path)
			if want := saf(end, tt.objects...); w.Code != 200 || w.Body.String() != want {
				t.Errorf("%s: %d, got:\n%swant:\n%s", tt.path, w.Code, w.Body, want)
			}
			if got := w.Header().Get("Content-Type"); got != "application/x-ndjson" {
				t.Errorf("content type %q", got)
			}
		})
	}
}

func TestLookupRRset(t *testing.T) {
	apex := []string{parentNS, childNS, soa, mx, txt}
	answers(t, []exchange{
		{name: "name", path: "lookup/rrset/name/www.example.com", objects: []string{wwwTwo, wwwA}},
		{name: "name in any letter case, with its dot, and type", path: "lookup/rrset/name/WWW.Example.COM./a", objects: []string{wwwTwo, wwwA}},
		{name: "another type", path: "lookup/rrset/name/www.example.com/AAAA"},
		{name: "number of a type", path: "lookup/rrset/name/example.com/type15", objects: []string{mx}},
		{name: "all but DNSSEC", path: "lookup/rrset/name/example.com/any", objects: apex},
		{name: "DNSSEC", path: "lookup/rrset/name/example.com/any-dnssec", objects: []string{ds, nsec}},
		{name: "one of DNSSEC", path: "lookup/rrset/name/example.com/DS", objects: []string{ds}},
		{name: "negative history is not there", path: "lookup/rrset/name/gone.test"},
		{name: "unless it is asked for", path: "lookup/rrset/name/gone.test/NXDOMAIN", objects: []string{gone}},
		{name: "bailiwick", path: "lookup/rrset/name/example.com/ANY/com", objects: []string{parentNS}},
		{name: "bailiwick that is not known is none", path: "lookup/rrset/name/www.example.com/A/Example.com.", objects: []string{wwwA}},
		{name: "trailing slash", path: "lookup/rrset/name/example.com/MX/", objects: []string{mx}},
		{name: "trailing slash without a type", path: "lookup/rrset/name/alias.test/?limit=0", objects: []string{
			`{"count":1,"time_first":600,"time_last":600,"rrname":"alias.test.","rrtype":"CNAME","bailiwick":"test.","rdata":["www.example.com."]}`}},
		{name: "root", path: "lookup/rrset/name/.", objects: []string{rootNS}},
		{name: "root and type", path: "lookup/rrset/name/./NS", objects: []string{rootNS}},
		{name: "wildcard, with the apex", path: "lookup/rrset/name/%2A.example.com", objects: append(apex, srv, wwwTwo, wwwA)},
		{name: "wildcard and bailiwick", path: "lookup/rrset/name/*.example.com/NS/example.com", objects: []string{childNS}},
		{name: "wildcard of all", path: "lookup/rrset/name/*/NS", objects: []string{rootNS, parentNS, childNS}},
		{name: "right wildcard", path: "lookup/rrset/name/www.example.*", objects: []string{wwwTwo, wwwA, wwwNet, wwwOrg}},
		{name: "right wildcard with its dot, and type", path: "lookup/rrset/name/www.example.%2A./AAAA", objects: []string{wwwNet}},
		{name: "a star that is one", path: "lookup/rrset/name/%5C%2A.wild.test", objects: []string{wild}},
		{name: "escapes", path: "lookup/rrset/name/a%5C.b%22c.test", objects: []string{quoted}},
		{name: "unknown type", path: "lookup/rrset/name/x.test/TYPE65280", objects: []string{unknown}},
		{name: "raw", path: "lookup/rrset/raw/03777777076578616D706C6503636F6D00", objects: []string{wwwTwo, wwwA}},
		{name: "raw and type", path: "lookup/rrset/raw/00/NS/", objects: []string{rootNS}},
	})
}

func TestLookupRdata(t *testing.T) {
	answers(t, []exchange{
		{name: "name", path: "lookup/rdata/name/WWW.example.com", objects: []string{recordCNAME, recordHTTPS}},
		{name: "exchange and target", path: "lookup/rdata/name/mail.example.com.", objects: []string{recordMX, recordSRV}},
		{name: "one type", path: "lookup/rdata/name/mail.example.com/SRV", objects: []string{recordSRV}},
		{name: "figures of both bailiwicks", path: "lookup/rdata/name/ns1.example.net", objects: []string{recordNS1, recordSOA}},
		{name: "not the mailbox of SOA", path: "lookup/rdata/name/hostmaster.example.com"},
		{name: "the mailbox of RP", path: "lookup/rdata/name/admin.example.com/rp/", objects: []string{recordRP}},
		{name: "DNSSEC", path: "lookup/rdata/name/www.example.com/ANY-DNSSEC", objects: []string{recordNSEC}},
		{name: "a type without names", path: "lookup/rdata/name/www.example.com/TXT"},
		{name: "wildcard", path: "lookup/rdata/name/*.example.net", objects: []string{recordNS1, recordSOA, recordNS2}},
		{name: "wildcard of a first name", path: "lookup/rdata/name/*.example.com", objects: []string{recordRP, recordMX, recordSRV, recordCNAME, recordHTTPS}},
		{name: "right wildcard", path: "lookup/rdata/name/mail.example.*", objects: []string{recordMX, recordSRV}},
		{name: "right wildcard of no whole label", path: "lookup/rdata/name/ail.example.*"},
		{name: "address, not of hints", path: "lookup/rdata/ip/192.0.2.1", objects: []string{recordA1}},
		{name: "AAAA means A", path: "lookup/rdata/ip/192.0.2.1/AAAA", objects: []string{recordA1}},
		{name: "IPv6", path: "lookup/rdata/ip/2001%3Adb8%3A%3A1/A", objects: []string{recordAAAA}},
		{name: "IPv4 mapped into IPv6", path: "lookup/rdata/ip/::ffff:192.0.2.1", objects: []string{recordA1}},
		{name: "network", path: "lookup/rdata/ip/192.0.2.0,24", objects: []string{recordA1, recordA2, recordA3, recordWild}},
		{name: "network given by an address of it", path: "lookup/rdata/ip/192.0.2.77,26/any", objects: []string{recordWild}},
		{name: "network escaped", path: "lookup/rdata/ip/192.0.2.2%2C31", objects: []string{recordA2, recordA3}},
		{name: "network escaped twice", path: "lookup/rdata/ip/192.0.2.2%252F31", objects: []string{recordA2, recordA3}},
		{name: "network of IPv6", path: "lookup/rdata/ip/2001:db8::,32", objects: []string{recordAAAA}},
		{name: "range", path: "lookup/rdata/ip/192.0.2.3-192.0.2.77/A", objects: []string{recordA3, recordWild}},
		{name: "raw", path: "lookup/rdata/raw/c0000202", objects: []string{recordA2}},
		{name: "raw is a prefix", path: "lookup/rdata/raw/000A/MX", objects: []string{recordMX}},
		{name: "raw without DNSSEC", path: "lookup/rdata/raw/03777777", objects: []string{recordCNAME}},
	})
}

func TestParameters(t *testing.T) {
	clock.Set(func() time.Time { return time.Unix(1000, 0) })
	t.Cleanup(func() { clock.Set(nil) })
	answers(t, []exchange{
		{name: "limit", path: "lookup/rdata/ip/192.0.2.0,24?limit=3", objects: []string{recordA1, recordA2, recordA3}, end: limited},
		{name: "limit that is just enough", path: "lookup/rdata/ip/192.0.2.0,24?limit=4", objects: []string{recordA1, recordA2, recordA3, recordWild}},
		{name: "limit counts what is not of DNSSEC", path: "lookup/rrset/name/example.com?limit=5", objects: []string{parentNS, childNS, soa, mx, txt}},
		{name: "offset", path: "lookup/rdata/ip/192.0.2.0,24?offset=1&limit=2", objects: []string{recordA2, recordA3}, end: limited},
		{name: "offset behind the filters", path: "lookup/rrset/name/*.example.com?time_first_after=200&offset=1&limit=2", objects: []string{txt, srv}, end: limited},
		{name: "offset of 0", path: "lookup/rrset/name/.?offset=0&limit=10&humantime=False", objects: []string{rootNS}},
		{name: "offset behind all", path: "lookup/rrset/name/.?offset=5"},
		{name: "first at or after", path: "lookup/rrset/name/www.example.*?time_first_after=205", objects: []string{wwwTwo, wwwNet, wwwOrg}},
		{name: "first at or before", path: "lookup/rrset/name/www.example.*?time_first_before=205", objects: []string{wwwTwo, wwwA}},
		{name: "last at or after", path: "lookup/rrset/name/www.example.*?time_last_after=510", objects: []string{wwwNet, wwwOrg}},
		{name: "last at or before", path: "lookup/rrset/name/www.example.*?time_last_before=210", objects: []string{wwwTwo, wwwA}},
		{name: "seconds before now", path: "lookup/rrset/name/www.example.*?time_last_after=-490", objects: []string{wwwNet, wwwOrg}},
		{name: "fences of what was put together", path: "lookup/rrset/name/www.example.com/A?time_last_before=150"},
		{name: "by slices", path: "lookup/rrset/name/www.example.com/A?aggr=f", objects: []string{wwwTwo, wwwALate, wwwAEarly}},
		{name: "fences of slices", path: "lookup/rrset/name/www.example.com/A?aggr=False&time_last_before=150", objects: []string{wwwAEarly}},
		{name: "slices of records", path: "lookup/rdata/ip/192.0.2.1?aggr=0", objects: []string{recordA1Early, recordA1Late}},
		{name: "times for people", path: "lookup/rrset/name/www.example.com?humantime=t", objects: []string{wwwTwoHuman, wwwAHuman}},
		{name: "extra", path: "lookup/rrset/name/www.example.com/A/example.com?extra=1", objects: []string{wwwAExtra}},
		{name: "extra of records", path: "lookup/rdata/ip/192.0.2.1?extra=true", objects: []string{recordA1Extra}},
		{name: "what clients say about themselves", path: "lookup/rrset/name/.?swclient=dnsdbq&version=2.6.4&id=a:b&what=ever", objects: []string{rootNS}},
	})
}

func TestSummarize(t *testing.T) {
	answers(t, []exchange{
		{name: "of names", path: "summarize/rrset/name/*.example.com", objects: []string{`{"count":16,"num_results":8,"time_first":100,"time_last":400}`}},
		{name: "of records", path: "summarize/rdata/ip/192.0.2.0,24/", objects: []string{`{"count":8,"num_results":4,"time_first":100,"time_last":700}`}},
		{name: "of nothing", path: "summarize/rrset/name/nothing.test", objects: []string{`{"count":0,"num_results":0}`}},
		{name: "as far as a count", path: "summarize/rdata/ip/192.0.2.0,24?max_count=6", objects: []string{`{"count":6,"num_results":2,"time_first":100,"time_last":210}`}},
		{name: "as far as a limit", path: "summarize/rdata/ip/192.0.2.0,24?limit=2", objects: []string{`{"count":6,"num_results":2,"time_first":100,"time_last":210}`}, end: limited},
		{name: "within fences", path: "summarize/rrset/name/*.example.com?time_last_after=300", objects: []string{`{"count":3,"num_results":3,"time_first":300,"time_last":400}`}},
		{name: "by slices", path: "summarize/rrset/name/www.example.com?aggr=f", objects: []string{`{"count":6,"num_results":3,"time_first":100,"time_last":210}`}},
		{name: "for people", path: "summarize/rrset/name/.?humantime=1", objects: []string{`{"count":1,"num_results":1,"time_first":"1970-01-01T00:11:40Z","time_last":"1970-01-01T00:11:40Z"}`}},
	})
}

func TestSearch(t *testing.T) {
	const (
		comA = `{"rrname":"www.example.com.","rrtype":"A","count":6,"time_first":100,"time_last":210}`
		orgA = `{"rrname":"www.example.org.","rrtype":"A","count":1,"time_first":500,"time_last":510}`
		mail = `{"rdata":"10 mail.example.com.","raw_rdata":"000A046D61696C076578616D706C6503636F6D00","rrtype":"MX","count":2,"time_first":140,"time_last":150}`
	)
	answers(t, []exchange{
		{name: "regex of names", path: "regex/rrnames/%5Ewww/A", objects: []string{comA, orgA}},
		{name: "regex escaped twice, as go-dnsdb does", path: "regex/rrnames/%255Ewww/A", objects: []string{comA, orgA}},
		{name: "a page of names", path: "regex/rrnames/%5Ewww/A/?limit=1", objects: []string{comA}, end: limited},
		{name: "the next page", path: "regex/rrnames/%5Ewww/A?limit=1&offset=1", objects: []string{orgA}},
		{name: "names but some", path: "regex/rrnames/%5Ewww/A?exclude=org", objects: []string{comA}},
		{name: "names within fences", path: "regex/rrnames/%5Ewww/A?time_first_after=500", objects: []string{orgA}},
		{name: "glob of names, brief", path: "glob/rrnames/%2A.example.net.?verbose=False", objects: []string{`{"rrname":"www.example.net.","rrtype":"AAAA"}`}},
		{name: "DNSSEC", path: "glob/rrnames/example.com./ANY-DNSSEC?verbose=f", objects: []string{
			`{"rrname":"example.com.","rrtype":"DS"}`, `{"rrname":"example.com.","rrtype":"NSEC"}`}},
		{name: "regex of rdata", path: "regex/rdata/mail?exclude=%5E1%20", objects: []string{mail}},
		{name: "glob of rdata, for people", path: "glob/rdata/ns1*/NS?humantime=t", objects: []string{
			`{"rdata":"ns1.example.net.","raw_rdata":"036E7331076578616D706C65036E657400","rrtype":"NS","count":5,"time_first":"1970-01-01T00:01:40Z","time_last":"1970-01-01T00:02:10Z"}`}},
		{name: "nothing", path: "glob/rrnames/nothing"},
	})
}

package question_test

import (
	"bytes"
	"errors"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/question"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
	"example.org/pdns/plugin/pkg/store/novelty"
)

var now = time.Date(2019, 9, 1, 12, 0, 0, 0, time.UTC)

func unix(s string) int64 {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t.Unix()
}

func name(s string) []byte { return rrset.MustName(s) }

func owner(s string) question.Question {
	return question.Question{Query: store.Query{Subject: store.Owner(name(s))}, Owner: name(s), Limit: 100}
}

func subject(s store.Subject) question.Question {
	return question.Question{Query: store.Query{Subject: s}, Limit: 100}
}

func with(q question.Question, f func(q *question.Question)) question.Question {
	f(&q)
	return q
}

func TestParse(t *testing.T) {
	www := owner("www.example.com")
	tests := []struct {
		name string
		want question.Question
	}{
		{"www.example.com", www},
		{"WWW.Example.COM", www},
		{`\.`, owner(".")},
		{"_dmarc.example.com", owner("_dmarc.example.com")},
		{"_sip._tcp.example.com", owner("_sip._tcp.example.com")},
		{"_443._tcp.www.example.com._type65", with(owner("_443._tcp.www.example.com"), func(q *question.Question) {
			q.Query.Types = []uint16{dns.TypeHTTPS}
		})},
		{"*.example.com", subject(store.Below(name("example.com")))},
		{"*", subject(store.Below(name(".")))},
		{"www.example.*", subject(store.Leading([]byte("www"), []byte("example")))},
		{"www.example.com._ns", with(www, func(q *question.Question) { q.Query.Types = []uint16{dns.TypeNS} })},
		{"www.example.com._a._aaaa", with(www, func(q *question.Question) {
			q.Query.Types = []uint16{dns.TypeAAAA, dns.TypeA}
		})},
		{"www.example.com._nsap-ptr", with(www, func(q *question.Question) { q.Query.Types = []uint16{dns.TypeNSAPPTR} })},
		{"www.example.com._nxdomain", with(www, func(q *question.Question) { q.Query.Types = []uint16{rrset.TypeNXDOMAIN} })},
		{"www.example.com._nodata", with(www, func(q *question.Question) { q.Query.Types = []uint16{rrset.TypeNODATA} })},
		{"92.119.113.112._rdata", subject(store.Address(netip.MustParseAddr("92.119.113.112")))},
		{"2001:db8::1._rdata", subject(store.Address(netip.MustParseAddr("2001:db8::1")))},
		{"::ffff:192.0.2.1._rdata", subject(store.Address(netip.MustParseAddr("192.0.2.1")))},
		{"192.0.2.0/24._rdata", subject(store.Network(netip.MustParsePrefix("192.0.2.0/24")))},
		{"2001:db8::/32._rdata", subject(store.Network(netip.MustParsePrefix("2001:db8::/32")))},
		{"192.0.2.1-192.0.2.9._rdata", subject(store.Range(netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.9")))},
		{"2001:db8::1-2001:db8::9._rdata", subject(store.Range(netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db8::9")))},
		{"ns1.example.com._rdata", subject(store.Target(name("ns1.example.com")))},
		{"*.example.com._rdata", subject(store.TargetBelow(name("example.com")))},
		{"0a0b.FF._raw", subject(store.Raw([]byte{10, 11, 255}))},
		{"www.example.com._since-20190801", with(www, func(q *question.Question) {
			q.Query.LastAfter = unix("2019-08-01T00:00:00Z")
		})},
		{"www.example.com._until-20190801", with(www, func(q *question.Question) {
			q.Query.FirstBefore = unix("2019-08-01T23:59:59Z")
		})},
		{"www.example.com._since-7d._until-20190831T101112", with(www, func(q *question.Question) {
			q.Query.LastAfter = unix("2019-08-25T12:00:00Z")
			q.Query.FirstBefore = unix("2019-08-31T10:11:12Z")
		})},
		{"www.example.com._at-2019-08-01", with(www, func(q *question.Question) {
			q.Query.At = unix("2019-08-01T23:59:59Z")
		})},
		{"www.example.com._at-20190801101112._json", with(www, func(q *question.Question) {
			q.Query.At, q.JSON = unix("2019-08-01T10:11:12Z"), true
		})},
		{"www.example.com._limit-50._offset-150", with(www, func(q *question.Question) { q.Limit, q.Offset = 50, 150 })},
		{"www.example.com._summary", with(www, func(q *question.Question) { q.Summary = true })},
		{"www.example.com._slices", with(www, func(q *question.Question) { q.Query.Slices = true })},
		{`www.example.com._bailiwick-example\.com`, with(www, func(q *question.Question) { q.Query.Bailiwick = name("example.com") })},
		{`www.example.com._bailiwick-com`, with(www, func(q *question.Question) { q.Query.Bailiwick = name("com") })},
		{`www.example.com._bailiwick-\.`, with(www, func(q *question.Question) { q.Query.Bailiwick = name(".") })},
		{"_status", question.Question{Status: true, Limit: 100}},
		{"_status._json", question.Question{Status: true, JSON: true, Limit: 100}},
		{"_sip._tcp._name", owner("_sip._tcp")},
		{"*.example.com._name", owner("*.example.com")},
		{"www.example.com._ns._name", owner("www.example.com._ns")},
		{"192.0.2.1._name._rdata", subject(store.Target(name("192.0.2.1")))},
		{"192.0.2.1._name", owner("192.0.2.1")},
	}
	for _, test := range tests {
		got, err := question.Parse(name(test.name), now)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		public := question.Question{
			Query: got.Query, Owner: got.Owner, Limit: got.Limit, Offset: got.Offset,
			JSON: got.JSON, Summary: got.Summary, Status: got.Status,
		}
		if !reflect.DeepEqual(public, test.want) {
			t.Errorf("%s:\n got %+v\nwant %+v", test.name, public, test.want)
		}
	}
}

// TestNew: what was newly observed is asked for with operators that go with it.
func TestNew(t *testing.T) {
	for text, want := range map[string]novelty.Selection{
		"_new":                       {},
		"_new-domain._json":          {Kinds: []novelty.Kind{novelty.Domain}},
		"_NEW-RRset-Again._limit-5":  {Kinds: []novelty.Kind{novelty.RRset, novelty.Again}},
		"*._new":                     {Name: name(".")},
		"*.example.com._new":         {Name: name("example.com")},
		"*.example.com._name._new":   {Name: name("*.example.com"), Exact: true},
		"example.com._new._offset-7": {Name: name("example.com"), Exact: true},
		"192.0.2.1._name._new":       {Name: name("192.0.2.1"), Exact: true},
		"_since-1h._new._nxdomain":   {Since: now.Unix() - 3601, Denied: true},
		"_new._until-20190831":       {Until: unix("2019-08-31T23:59:59Z")},
	} {
		q, err := question.Parse(name(text), now)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if !reflect.DeepEqual(q.New, &want) || q.Owner != nil || q.Query.Types != nil {
			t.Errorf("%s: %+v, want %+v", text, q.New, want)
		}
		if again, err := question.Parse(q.Page(100), now); err != nil || !reflect.DeepEqual(again.New, &want) || again.Offset != 100 {
			t.Errorf("%s: page %s: %v", text, rrset.NameString(q.Page(100)), err)
		}
	}
}

func TestParseErrors(t *testing.T) {
	long := strings.Repeat("x", 50)
	tests := []struct{ name, want string }{
		{".", "no subject"},
		{"_ns", "no subject"},
		{"www.example.com._nss", `"_nss" is no operator: want a type (_ns, _type65, _nxdomain, _nodata, _wildcard) or _rdata _raw`},
		{"www.example.com._nss", `_status`},
		{"_sip._tcp", `"_tcp" is no operator`},
		{"www.example.com._" + long, `is no operator`},
		{"www.example.com._any", `"_any" is no type of data`},
		{"www.example.com._type0", `is no operator`},
		{"www.example.com._rdata-x", `"_rdata-x": want _rdata alone`},
		{"www.example.com._limit", `"_limit": want _limit- and 1 to 1000`},
		{"www.example.com._limit-", `want _limit- and`},
		{"www.example.com._limit-0", "number from 1 to 1000"},
		{"www.example.com._limit-1001", "number from 1 to 1000"},
		{"www.example.com._limit-+5", "number from 1 to 1000"},
		{"www.example.com._offset--1", "number from 0 to 100000"},
		{"www.example.com._offset-99999", "out of reach"},
		{"www.example.com._ns._ns", `"_ns": given twice`},
		{"www.example.com._type2._ns", `"_type2": given twice`},
		{"www.example.com._since-7d._since-8d", `"_since-7d": given twice`},
		{"www.example.com._since-20190801._until-20190701", "_since- 2019-08-01T00:00:00Z is later than _until- 2019-07-01T23:59:59Z"},
		{"www.example.com._since-20190801._at-20190901", "_at and _since contradict"},
		{"www.example.com._summary._limit-5", "_summary and _limit contradict"},
		{"www.example.com._rdata._raw", "_rdata and _raw contradict"},
		{"00._name._raw", "_raw and _name contradict"},
		{"www.example.com._since-20190231", `"_since-20190231": "20190231" is no time from 1970 on: want a date (20190801)`},
		{"www.example.com._at-1960-01-01", `"_at-1960-01-01": "1960-01-01" is before 1970-01-01T00:00:01Z`},
		{"www.example.com._at-19700101t000000", "is before 1970"},
		{"www.example.com._since-19700101", "is before 1970"},
		{"www.example.com._until-000000000", "is before 1970"},
		{"www.example.com._at-900w52", "no time"},
		{"www.example.com._until-9000w", "is before 1970"},
		{"www.example.com._bailiwick-", "want _bailiwick-"},
		{`www.example.com._bailiwick-a\.\.b`, `its dots written "\."`},
		{"www.example.com._status", "_status has no subject"},
		{"_ns._status", "_status goes with no _NS"},
		{"192.0.2.1", `"192.0.2.1" is an address: want _rdata behind it`},
		{"192.0.2._rdata", `"192.0.2" is no address`},
		{"192.0.2.256._rdata", "no address"},
		{"fe80::1%eth0._rdata", "no address"},
		{"192.0.2.1/24._rdata", `bits set behind the prefix: want 192.0.2.0/24`},
		{"192.0.2.0/33._rdata", "no network"},
		{"::ffff:192.0.2.0/120._rdata", "want it as IPv4"},
		{"192.0.2.9-192.0.2.1._rdata", "the lower first"},
		{"192.0.2.9-2001:db8::1._rdata", "of one family"},
		{"www.*.com", `"*": want a wildcard as the whole first label`},
		{"*.example.*", "whole first label"},
		{"www*.example.com", `"www*": want a wildcard`},
		{"www.example.*._rdata", "about owners"},
		{"0a0._raw", "hexadecimal"},
		{"_new-", `"_new-": want _new alone, or kinds, of domain, host, again and rrset: _new-domain-again`},
		{"_new-domains", `"_new-domains": want kinds, of domain, host, again and rrset: _new-domain-again`},
		{"_new-host-host", `want kinds`},
		{"_new._new", `"_new": given twice`},
		{"_new._ns", "_new goes with no _ns: want _since-"},
		{"_new._slices", "_new goes with no _slices"},
		{"_status._new", "_status goes with no _new"},
		{"example.com._rdata._new", "_new goes with no _rdata"},
		{"www.example.*._new", `"www.example.*.": want a name, *.name or nothing left of _new`},
		{"192.0.2.1._new", `"192.0.2.1" is an address`},
		{"_new._since-1h._until-2h", "is later than"},
		{"xy._raw", "hexadecimal"},
	}
	for _, test := range tests {
		q, err := question.Parse(name(test.name), now)
		if err == nil {
			t.Errorf("%s: got %+v, want an error", test.name, q)
			continue
		}
		if !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %q, want it to say %q", test.name, err, test.want)
		}
		if len(err.Error()) > 200 {
			t.Errorf("%s: error of %d octets, want at most 200: %s", test.name, len(err.Error()), err)
		}
	}
	for _, malformed := range [][]byte{nil, {}, {3, 'w'}, {1, 'A', 0}, {1, 'a', 0, 0}} {
		if _, err := question.Parse(malformed, now); err == nil {
			t.Errorf("%x: want an error", malformed)
		}
	}
}

// TestAncestors: where a name below could be a question, the error says so; any
// other error is true of all names below.
func TestAncestors(t *testing.T) {
	tests := []struct {
		name, below string // the labels that make a question; none do if empty
	}{
		{"_ns", "example.com"},
		{"_json._at-7d", "*"},
		{"_name", "_tcp"},
		{"_offset-99999", "*._limit-1"},
		{"0.2.25._rdata", "192"},
		{"0.2.0/24._rdata", "192"},
		{"1-192.0.2.9._rdata", "192.0.2"},
		{"407._raw", "c63.36"},
		{"2.1", "foo"},
		{"300.0.2.1._rdata", "foo"},
		{"www.example.com._" + strings.Repeat("x", 60), ""},
		{"_since-yesterday", ""},
		{"example.com._at-7d._since-7d", ""},
		{"example.com._offset-99999", ""},
		{"example.com._status", ""},
		{"*.*", ""},
		{"www.*.com", ""},
		{"www.example.*._rdata", ""},
	}
	for _, test := range tests {
		_, err := question.Parse(name(test.name), now)
		if err == nil || errors.Is(err, question.ErrAncestor) != (test.below != "") {
			t.Errorf("%s: got %v", test.name, err)
		}
		if test.below != "" {
			if _, err := question.Parse(name(test.below+"."+test.name), now); err != nil {
				t.Errorf("%s.%s: %v", test.below, test.name, err)
			}
		}
	}
}

func TestSubtree(t *testing.T) {
	address, network := netip.MustParseAddr("192.0.2.1"), netip.MustParsePrefix("192.0.2.0/24")
	tests := []struct {
		name string
		want []store.Subject
	}{
		{"www.example.com._ns._since-7d", []store.Subject{store.Below(name("www.example.com"))}},
		{"*.example.com", []store.Subject{store.Below(name("example.com"))}},
		{"_sip._tcp._name", []store.Subject{store.Below(name("_sip._tcp"))}},
		{"www.example.*", nil},
		{"ns1.example.com._rdata", []store.Subject{store.TargetBelow(name("ns1.example.com"))}},
		{"*.example.com._rdata", []store.Subject{store.TargetBelow(name("example.com"))}},
		{"192.0.2.1._rdata", []store.Subject{store.Address(address), store.TargetBelow(name("192.0.2.1"))}},
		{"192.0.2.0/24._rdata", []store.Subject{store.Network(network), store.TargetBelow(name("192.0.2.0/24"))}},
		{"192.0.2.1._name._rdata", []store.Subject{store.TargetBelow(name("192.0.2.1"))}},
		{"25._rdata", nil},
		{"0/24._rdata", nil},
		{"0a._raw", nil},
	}
	for _, test := range tests {
		q, err := question.Parse(name(test.name), now)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
		} else if got := q.Subtree(); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}

// TestMnemonics: no operator takes the name of a type away.
func TestMnemonics(t *testing.T) {
	for code, mnemonic := range dns.TypeToString {
		if rrset.IsMeta(code) || code == dns.TypeReserved {
			continue
		}
		q, err := question.Parse(name("example.com._"+mnemonic), now)
		if err != nil || len(q.Query.Types) != 1 || q.Query.Types[0] != code {
			t.Errorf("_%s: got %+v, %v", mnemonic, q, err)
		}
	}
}

func TestPage(t *testing.T) {
	tests := []struct{ name, want string }{
		{"*.example.com", "*.example.com._offset-100"},
		{"*.example.com._ns._offset-100._json", "*.example.com._ns._json._offset-100"},
		{"192.0.2.1._name._rdata._since-7d", "192.0.2.1._name._rdata._since-7d._offset-100"},
	}
	for _, test := range tests {
		q, err := question.Parse(name(test.name), now)
		if err != nil {
			t.Fatal(err)
		}
		if got := rrset.NameString(q.Page(100)); got != test.want+"." {
			t.Errorf("%s: got %s, want %s", test.name, got, test.want)
		}
	}
	long := strings.Repeat("x.", 122) + "com"
	q, err := question.Parse(name(long), now)
	if err != nil {
		t.Fatal(err)
	}
	if got := q.Page(100); got != nil {
		t.Errorf("a name without room: got %s, want none", rrset.NameString(got))
	}
}

func TestAbout(t *testing.T) {
	tests := []struct{ name, owner, want string }{
		{"www.example.com", "cdn.example.net", "cdn.example.net."},
		{"www.example.com._at-20190801", "cdn.example.net", "cdn.example.net._at-20190801."},
		{"www.example.com._at-9d", "a._tcp", "a._tcp._name._at-9d."},
		{"www._tcp._name._at-9d", "example.net", "example.net._at-9d."},
		{"www.example.com._at-9d", "192.0.2.1", "192.0.2.1._name._at-9d."},
		{"www.example.com", "*.example.net", "*.example.net._name."},
		{"www.example.com", ".", `\..`},
	}
	for _, test := range tests {
		q, err := question.Parse(name(test.name), now)
		if err != nil {
			t.Fatal(err)
		}
		if got := rrset.NameString(q.About(name(test.owner))); got != test.want {
			t.Errorf("%s about %s: got %s, want %s", test.name, test.owner, got, test.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"www.example.com", "*.example.com._ns._since-7d", "2001:db8::/32._rdata._json", "0a._raw._offset-7",
		`\.._name._bailiwick-example\.com`, "_status", "_sip._tcp._name._at-20190801t101112z"} {
		f.Add(name(s))
	}
	f.Fuzz(func(t *testing.T, wire []byte) {
		q, err := question.Parse(wire, now)
		if err != nil {
			if len(err.Error()) > 200 || !utf8.ValidString(err.Error()) {
				t.Fatalf("%x: error does not fit: %q", wire, err)
			}
			for _, label := range []string{"\x01x", "\x01*", "\x03192", "\x0200", "\x05_name", "\x08_limit-1"} {
				if _, below := question.Parse(append([]byte(label), wire...), now); below == nil && !errors.Is(err, question.ErrAncestor) {
					t.Fatalf("%x is wrong for good (%v), but not below %q", wire, err, label)
				}
			}
			return
		}
		if q.Limit < 1 || q.Limit > question.MaxLimit || q.Offset < 0 || q.Offset+q.Limit > question.MaxReach {
			t.Fatalf("%x: page %d+%d", wire, q.Offset, q.Limit)
		}
		next := q.Page(q.Offset)
		if next == nil || q.Status || q.Summary {
			return
		}
		again, err := question.Parse(next, now)
		if err != nil {
			t.Fatalf("%x: page %x: %v", wire, next, err)
		}
		if !reflect.DeepEqual(q.Query, again.Query) || !bytes.Equal(q.Owner, again.Owner) || q.Offset != again.Offset {
			t.Fatalf("%x: page %x asks something else", wire, next)
		}
	})
}

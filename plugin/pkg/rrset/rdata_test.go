package rrset_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/rrset"
)

// packed is the rdata that the library makes of a record, names in lower case.
func packed(t *testing.T, s string) []byte {
	t.Helper()
	rr := parseRR(t, strings.ReplaceAll(strings.ReplaceAll(s, "Example", "example"), "Ns1", "ns1"))
	buf := make([]byte, 1024)
	end, err := dns.PackRR(rr, buf, 0, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	owner, err := rrset.NameLen(buf)
	if err != nil {
		t.Fatal(err)
	}
	return buf[owner+10 : end]
}

func TestAppendRdata(t *testing.T) {
	for _, s := range append(usual,
		`example. NAPTR 100 10 "u" "E2U+sip" "!^.*$!sip:a@example!" .`,
		`example. DS 1 8 2 E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855`,
		`example. RP admin.example. txt.example.`,
		`example. TYPE65400 \# 3 41ff00`,
		`example. HTTPS 1 . port=443 alpn=h2`,
		`example. LOC 42 21 54 N 71 06 18 W -24m 30m`,
	) {
		got, err := rrset.AppendRdata([]byte("kept"), parseRR(t, s))
		if want := "kept" + string(packed(t, s)); err != nil || string(got) != want {
			t.Errorf("%s:\n got %x, %v\nwant %x", s, got, err, want)
		}
		if err := rrset.CheckRdata(parseRR(t, s).Header().Rrtype, got[4:]); err != nil {
			t.Errorf("%s: %v", s, err)
		}
	}
}

// TestEveryOctetInText has each octet in a TXT record and in a label.
func TestEveryOctetInText(t *testing.T) {
	wire := []byte{255}
	for c := 1; c < 256; c++ {
		wire = append(wire, byte(c))
	}
	wire = append(wire, 1, 0)
	got, err := rrset.ParseRdata(dns.TypeTXT, rrset.RdataString(dns.TypeTXT, wire))
	if err != nil || !bytes.Equal(got, wire) {
		t.Errorf("TXT: %x, %v", got, err)
	}
	for c := range 256 {
		name := []byte{2, byte(c), 'a', 0}
		if 'A' <= c && c <= 'Z' {
			continue
		}
		got, err := rrset.ParseRdata(dns.TypeNS, rrset.RdataString(dns.TypeNS, name))
		if err != nil || !bytes.Equal(got, name) {
			t.Errorf("NS %x: %x, %v", name, got, err)
		}
	}
}

func TestAppendRdataErrors(t *testing.T) {
	long := strings.Repeat("a", 256)
	for _, rr := range []dns.RR{
		&dns.A{}, &dns.AAAA{}, &dns.A{A: []byte{1}}, &dns.NS{}, &dns.NS{Ns: "a..b"}, &dns.MX{}, &dns.SRV{}, &dns.SOA{Ns: "."}, &dns.SOA{Mbox: "."},
		&dns.TXT{Txt: []string{long}}, &dns.TXT{Txt: []string{`\9`}}, &dns.TXT{Txt: []string{`\`}}, &dns.TXT{Txt: []string{`\300`}},
		&dns.CAA{Tag: long}, &dns.CAA{Value: `\1`},
		&dns.HTTPS{SVCB: dns.SVCB{Target: ""}},
		&dns.HTTPS{SVCB: dns.SVCB{Target: ".", Value: []dns.SVCBKeyValue{&dns.SVCBAlpn{Alpn: []string{""}}}}},
		&dns.SVCB{Target: ".", Value: []dns.SVCBKeyValue{&dns.SVCBPort{}, &dns.SVCBPort{}}},
		&dns.DS{Digest: "xyz"},
	} {
		rr.Header().Name = "example."
		if _, err := rrset.AppendRdata(nil, rr); err == nil {
			t.Errorf("%T %v: no error", rr, rr)
		}
	}
}

func TestCheckRdata(t *testing.T) {
	for _, tc := range []struct {
		t     uint16
		rdata string
		ok    bool
	}{
		{dns.TypeA, "\xc0\x00\x02\x01", true},
		{dns.TypeA, "\xc0\x00\x02", false},
		{dns.TypeAAAA, strings.Repeat("\x01", 16), true},
		{dns.TypeAAAA, "\xc0\x00\x02\x01", false},
		{dns.TypeNS, "\x01a\x00", true},
		{dns.TypeNS, "\x01a\x00\x00", false},
		{dns.TypeNS, "", false},
		{dns.TypeNS, "\xc0\x0c", false},
		{dns.TypeMX, "\x00\x0a\x01a\x00", true},
		{dns.TypeMX, "\x00", false},
		{dns.TypeSOA, "\x00\x00" + strings.Repeat("\x00", 20), true},
		{dns.TypeNAPTR, "\x00\x01\x00\x01\x01u\x00\x00\x00", true},
		{dns.TypeNAPTR, "\x00\x01\x00\x01\xff", false},
		{dns.TypeNULL, "", true},
		{rrset.TypeNXDOMAIN, "", true},
		{rrset.TypeNXDOMAIN, "a", false},
		{rrset.TypeNODATA, "\x00\x01", true},
		{rrset.TypeNODATA, "\x00", false},
	} {
		if err := rrset.CheckRdata(tc.t, []byte(tc.rdata)); (err == nil) != tc.ok || err != nil && !errors.Is(err, rrset.ErrRdata) {
			t.Errorf("%s %x: %v", rrset.TypeString(tc.t), tc.rdata, err)
		}
	}
}

func TestRdataNames(t *testing.T) {
	for _, tc := range []struct{ record, want string }{
		{"example. SOA ns.example. root.example. 1 2 3 4 5", "ns.example. root.example."},
		{"example. MX 10 mail.example.", "mail.example."},
		{"example. SRV 1 2 3 sip.example.", "sip.example."},
		{"example. HTTPS 1 svc.example. alpn=h2", "svc.example."},
		{`example. NAPTR 100 10 "u" "" "" next.example.`, "next.example."},
		{"example. PX 10 a.example. b.example.", "a.example. b.example."},
		{"example. A 192.0.2.1", ""},
	} {
		rr := parseRR(t, tc.record)
		rdata, err := rrset.AppendRdata(nil, rr)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		if err := rrset.RdataNames(rr.Header().Rrtype, rdata, func(n []byte) { names = append(names, rrset.NameString(n)) }); err != nil {
			t.Error(err)
		}
		if got := strings.Join(names, " "); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.record, got, tc.want)
		}
	}
}

func TestRdataText(t *testing.T) {
	for _, tc := range []struct {
		t        uint16
		in, want string // want: in, if empty
	}{
		{dns.TypeA, "192.0.2.1", ""},
		{dns.TypeNS, "Ns1.Example", "ns1.example."},
		{dns.TypeTXT, "word", `"word"`},
		{dns.TypeTXT, `"semi;colon" "(paren" "\"quoted\""`, ""},
		{65400, `\# 3 41FF00`, `\# 3 41ff00`},
		{dns.TypeA, `\# 4 c0000201`, "192.0.2.1"},
		{dns.TypeNS, `\# 3 014100`, "a."},
		{rrset.TypeNODATA, "AAAA", ""},
		{rrset.TypeNODATA, `\# 2 0001`, "A"},
		{rrset.TypeNXDOMAIN, "", ""},
	} {
		rdata, err := rrset.ParseRdata(tc.t, tc.in)
		if err != nil {
			t.Errorf("%s %s: %v", rrset.TypeString(tc.t), tc.in, err)
			continue
		}
		want := tc.want
		if want == "" {
			want = tc.in
		}
		if got := rrset.RdataString(tc.t, rdata); got != want {
			t.Errorf("%s %s: %s, want %s", rrset.TypeString(tc.t), tc.in, got, want)
		}
	}
}

func TestParseRdataErrors(t *testing.T) {
	for _, tc := range []struct {
		t uint16
		s string
	}{
		{dns.TypeA, ""}, {dns.TypeA, "2001:db8::1"}, {dns.TypeA, "192.0.2.1 192.0.2.2"}, {dns.TypeA, "192.0.2.1\nb. A 192.0.2.2"},
		{dns.TypeA, `\# 3 c00002`}, {dns.TypeA, `\# 4 c00002`}, {dns.TypeA, `\# x c00002`}, {dns.TypeA, `\# `}, {dns.TypeA, `\# 1 zz`},
		{dns.TypeNS, "a b"}, {dns.TypeNS, `\# 2 c00c`}, {dns.TypeMX, "mail.example."},
		{rrset.TypeNXDOMAIN, "x"}, {rrset.TypeNODATA, "x"}, {rrset.TypeNODATA, `\# 1 00`}, {rrset.TypeNXDOMAIN, `\# 1 00`}, {rrset.TypeNODATA, ""},
	} {
		if rdata, err := rrset.ParseRdata(tc.t, tc.s); err == nil {
			t.Errorf("%s %q: %x", rrset.TypeString(tc.t), tc.s, rdata)
		}
	}
}

func TestTypes(t *testing.T) {
	for _, tc := range []struct {
		s string
		t uint16
	}{
		{"a", dns.TypeA}, {"HTTPS", dns.TypeHTTPS}, {"type65", dns.TypeHTTPS}, {"TYPE65400", 65400}, {"nxdomain", rrset.TypeNXDOMAIN}, {"NODATA", rrset.TypeNODATA},
	} {
		if got, err := rrset.ParseType(tc.s); err != nil || got != tc.t {
			t.Errorf("%s: %d, %v", tc.s, got, err)
		}
	}
	for _, s := range []string{"", "TYPE", "TYPE0", "TYPE65536", "nonsense", "None"} {
		if got, err := rrset.ParseType(s); err == nil {
			t.Errorf("%q: %d", s, got)
		}
	}
	for n := 1; n < 65536; n++ {
		if got, err := rrset.ParseType(rrset.TypeString(uint16(n))); err != nil || got != uint16(n) {
			t.Errorf("%d is called %s, which is %d, %v", n, rrset.TypeString(uint16(n)), got, err)
		}
	}
}

// FuzzRdata takes any octets as rdata of any type: once in canonical form, they
// stay what they are through records and presentation form.
func FuzzRdata(f *testing.F) {
	for _, s := range append(usual, "example. LOC 42 21 54 N 71 06 18 W -24m 30m", `example. NAPTR 100 10 "u" "" "" .`) {
		rr, err := dns.NewRR(s)
		if err != nil {
			f.Fatal(err)
		}
		rdata, err := rrset.AppendRdata(nil, rr)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(rr.Header().Rrtype, rdata)
	}
	f.Fuzz(func(t *testing.T, typ uint16, rdata []byte) {
		rr, err := rrset.ToRR([]byte{0}, typ, 0, rdata)
		if err != nil || rrset.IsMeta(typ) || rrset.IsNegative(typ) {
			rrset.RdataString(typ, rdata)
			return
		}
		c, err := rrset.AppendRdata(nil, rr)
		if err != nil || rrset.CheckRdata(typ, c) != nil {
			return
		}
		s := rrset.RdataString(typ, c)
		back, err := rrset.ParseRdata(typ, s)
		if err != nil || !bytes.Equal(back, c) {
			t.Errorf("%s %x as text: %s, read again: %x, %v", rrset.TypeString(typ), c, s, back, err)
		}
	})
}

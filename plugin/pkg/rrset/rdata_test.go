package rrset_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/rrset"
)

// packed is the rdata that the library makes of a record, names in lower case.
func packed(t testing.TB, s string) []byte {
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
		`example. URI 10 1 "https://example/a\\b\"c\255"`,
	) {
		rr := offWire(t, parseRR(t, s))
		before := *rr.Header()
		got, err := rrset.AppendRdata([]byte("kept"), rr)
		if want := "kept" + string(packed(t, s)); err != nil || string(got) != want {
			t.Errorf("%s:\n got %x, %v\nwant %x", s, got, err, want)
		}
		if err := rrset.CheckRdata(rr.Header().Rrtype, got[4:]); err != nil {
			t.Errorf("%s: %v", s, err)
		}
		if *rr.Header() != before {
			t.Errorf("%s: the record was changed", s)
		}
	}
}

// TestAppendRdataMadeByPrograms has records that tell no length of rdata.
func TestAppendRdataMadeByPrograms(t *testing.T) {
	for _, s := range []string{"a. A 0.0.0.0", "a. MX 0 .", "a. HTTPS 0 .", `a. TXT ""`, "a. EUI48 00-00-00-00-00-01", `a. HINFO "" "b"`} {
		rr := parseRR(t, s)
		if got, err := rrset.AppendRdata(nil, rr); err != nil || !bytes.Equal(got, packed(t, s)) || rr.Header().Rdlength != 0 {
			t.Errorf("%s: %x, %v", s, got, err)
		}
	}
}

// TestRdataCutShort: the library fills up with zeros what ends early.
func TestRdataCutShort(t *testing.T) {
	for _, tc := range []struct {
		t     uint16
		rdata string
	}{
		{dns.TypeA, ""}, {dns.TypeNS, ""}, {dns.TypeSOA, ""}, {dns.TypeMX, "\x00\x01"},
		{dns.TypeHINFO, ""}, {dns.TypeHINFO, "\x01a"}, {dns.TypeDS, "\x00\x01"}, {dns.TypeLOC, "\x00"}, {dns.TypeTLSA, "\x03"},
		{dns.TypeURI, ""}, {dns.TypeURI, "\x00\x01"}, {dns.TypeCAA, ""}, {dns.TypeCAA, "\x80"}, {dns.TypeUID, ""},
		{dns.TypeNSEC, "\x00\x00\x02\x40\x00"}, // a bitmap that ends in zeros
	} {
		rr, err := unpack(tc.t, []byte(tc.rdata))
		if err != nil {
			t.Errorf("%s %x: %v", rrset.TypeString(tc.t), tc.rdata, err)
			continue
		}
		if got, err := rrset.AppendRdata(nil, rr); !errors.Is(err, rrset.ErrRdata) && !errors.Is(err, rrset.ErrName) {
			t.Errorf("%s %x: %x, %v", rrset.TypeString(tc.t), tc.rdata, got, err)
		}
	}
}

// unpack makes a record of the root of rdata off the wire.
func unpack(t uint16, rdata []byte) (dns.RR, error) {
	h := dns.RR_Header{Name: ".", Rrtype: t, Class: dns.ClassINET, Rdlength: uint16(len(rdata))}
	rr, _, err := dns.UnpackRRWithHeader(h, rdata, 0)
	return rr, err
}

// TestEveryOctetInText has each octet in text of each kind, and in a label.
func TestEveryOctetInText(t *testing.T) {
	for c := range 256 {
		for _, tc := range []struct {
			t     uint16
			rdata []byte
		}{
			{dns.TypeTXT, []byte{3, 'a', byte(c), 'b', 1, byte(c)}},
			{dns.TypeSPF, []byte{2, byte(c), '1'}},
			{dns.TypeHINFO, []byte{1, byte(c), 3, byte(c), '0', '0'}},
			{dns.TypeNAPTR, []byte{0, 1, 0, 2, 1, byte(c), 0, 3, 'a', byte(c), 'b', 0}},
			{dns.TypeCAA, []byte{0, 5, 'i', 's', 's', 'u', 'e', 'a', byte(c), '0', '9', '2'}},
			{dns.TypeCAA, []byte{0, 5, 'i', 's', 's', 'u', 'e', 'a', byte(c)}},
			{dns.TypeURI, []byte{0, 1, 0, 2, byte(c), '.', byte(c)}},
			{dns.TypeSVCB, []byte{0, 1, 0, 0xff, 0, 0, 2, byte(c), 'b'}},
			{dns.TypeSVCB, []byte{0, 1, 0, 0, 1, 0, 3, 2, byte(c), 'b'}},
			{dns.TypeNS, []byte{2, byte(lowered(c)), 'a', 0}},
		} {
			throughRecordsAndText(t, tc.t, tc.rdata)
		}
	}
}

func lowered(c int) int {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// throughRecordsAndText takes canonical rdata through each form that it is
// given: it must stay what it is.
func throughRecordsAndText(t *testing.T, typ uint16, rdata []byte) {
	t.Helper()
	name := rrset.TypeString(typ)
	rr, err := unpack(typ, rdata)
	if err != nil {
		t.Errorf("%s %x: %v", name, rdata, err)
		return
	}
	if got, err := rrset.AppendRdata(nil, rr); err != nil || !bytes.Equal(got, rdata) {
		t.Errorf("%s %x off the wire: %x, %v", name, rdata, got, err)
	}
	if rr, err = rrset.ToRR([]byte{0}, typ, 0, rdata); err != nil {
		t.Errorf("%s %x as a record: %v", name, rdata, err)
		return
	}
	const header = 11 // of a record at the root
	buf := make([]byte, header+len(rdata)+16)
	if end, err := dns.PackRR(rr, buf, 0, nil, false); err != nil || !bytes.Equal(buf[header:end], rdata) {
		t.Errorf("%s %x packed: %x, %v", name, rdata, buf[:end], err)
	}
	s := rrset.RdataString(typ, rdata)
	if got, err := rrset.ParseRdata(typ, s); err != nil || !bytes.Equal(got, rdata) {
		t.Errorf("%s %x as text: %s, read again: %x, %v", name, rdata, s, got, err)
	}
}

// TestLongValue has values that the library unpacks but does not pack.
func TestLongValue(t *testing.T) {
	for _, c := range []string{"a", `\`, "\x00"} {
		throughRecordsAndText(t, dns.TypeCAA, []byte("\x00\x05issue"+strings.Repeat(c, 1000)))
		throughRecordsAndText(t, dns.TypeCAA, []byte("\x00\x05issue"+strings.Repeat(c, 2000)))
	}
}

func TestAppendRdataErrors(t *testing.T) {
	long := strings.Repeat("a", 256)
	for _, rr := range []dns.RR{
		&dns.A{}, &dns.AAAA{}, &dns.A{A: []byte{1}}, &dns.NS{}, &dns.NS{Ns: "a..b"}, &dns.MX{}, &dns.SRV{}, &dns.SOA{Ns: "."}, &dns.SOA{Mbox: "."},
		&dns.TXT{Txt: []string{long}}, &dns.TXT{Txt: []string{`\9`}}, &dns.TXT{Txt: []string{`\`}}, &dns.TXT{Txt: []string{`\300`}},
		&dns.CAA{Tag: long}, &dns.CAA{},
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
		{dns.TypeSOA, "\x00\x00" + strings.Repeat("\x00", 16), false},
		{dns.TypeSOA, "\x00\x00" + strings.Repeat("\x00", 21), false},
		{dns.TypeNAPTR, "\x00\x01\x00\x01\x01u\x00\x00\x00", true},
		{dns.TypeNAPTR, "\x00\x01\x00\x01\xff", false},
		{dns.TypeNULL, "", true},
		{rrset.TypeNXDOMAIN, "", true},
		{rrset.TypeNXDOMAIN, "a", false},
		{rrset.TypeNODATA, "\x00\x01", true},
		{rrset.TypeNODATA, "\x00", false},
		{rrset.TypeWildcard, "d1.d1.d1.d1", true},
		{rrset.TypeWildcard, "", false},
		{rrset.TypeWildcard, "two words", false},
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
		{dns.TypeCAA, `0 issue "a\\b \"c\" \.d\255\092"`, `0 issue "a\\b \"c\" .d\255\\"`},
		{dns.TypeURI, `1 2 "https://a\\b/\"c\""`, ""},
		{65400, `\# 3 41FF00`, `\# 3 41ff00`},
		{dns.TypeA, `\# 4 c0000201`, "192.0.2.1"},
		{dns.TypeNS, `\# 3 014100`, "a."},
		{rrset.TypeNODATA, "AAAA", ""},
		{rrset.TypeWildcard, "h32", ""},
		{rrset.TypeWildcard, "**", ""},
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

// A file may hold rdata that does not fit its type, none at all for instance.
func TestUnfitRdata(t *testing.T) {
	for _, tc := range []struct {
		t           uint16
		rdata, want string
	}{
		{dns.TypeA, "", `\# 0 `}, {dns.TypeCNAME, "", `\# 0 `}, {dns.TypeMX, "\x00", `\# 1 00`}, {dns.TypeNS, "\x03www", `\# 4 03777777`},
		{rrset.TypeNODATA, "\x00", `\# 1 00`}, {rrset.TypeWildcard, "", `\# 0 `}, {rrset.TypeWildcard, "\x1b[2J", `\# 4 1b5b324a`},
	} {
		if got := rrset.RdataString(tc.t, []byte(tc.rdata)); got != tc.want {
			t.Errorf("%s %q: %q, want %q", rrset.TypeString(tc.t), tc.rdata, got, tc.want)
		}
		if rr, err := rrset.ToRR([]byte{0}, tc.t, 0, []byte(tc.rdata)); err == nil && !rrset.IsPseudo(tc.t) {
			t.Errorf("%s %q: %v", rrset.TypeString(tc.t), tc.rdata, rr)
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
		{rrset.TypeNXDOMAIN, "x"}, {rrset.TypeNODATA, "x"}, {rrset.TypeNODATA, `\# 1 00`}, {rrset.TypeNXDOMAIN, `\# 1 00`}, {rrset.TypeNODATA, ""}, {rrset.TypeWildcard, ""}, {rrset.TypeWildcard, "a b"},
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
		{"a", dns.TypeA}, {"HTTPS", dns.TypeHTTPS}, {"type65", dns.TypeHTTPS}, {"TYPE65400", 65400}, {"nxdomain", rrset.TypeNXDOMAIN}, {"NODATA", rrset.TypeNODATA}, {"wildcard", rrset.TypeWildcard},
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

// FuzzRdata takes any octets as rdata of any type off the wire: it is refused, or
// stays what it is through records and presentation form.
func FuzzRdata(f *testing.F) {
	for _, s := range append(usual,
		"example. LOC 42 21 54 N 71 06 18 W -24m 30m", `example. NAPTR 100 10 "u" "" "" .`, `example. URI 1 2 "a\\b"`, `example. CAA 0 issue "a\\b"`,
		"example. NSEC a.example. A AAAA", "example. APL 1:192.0.2.0/24", `example. HINFO "a\\b" "c"`,
	) {
		rdata := packed(f, s)
		typ := parseRR(f, s).Header().Rrtype
		f.Add(typ, rdata)
		for n := range rdata {
			f.Add(typ, rdata[:n])
		}
	}
	f.Fuzz(func(t *testing.T, typ uint16, rdata []byte) {
		rrset.RdataString(typ, rdata)
		rr, err := unpack(typ, rdata)
		if err != nil || rrset.IsMeta(typ) || rrset.IsNegative(typ) {
			return
		}
		c, err := rrset.AppendRdata(nil, rr)
		if err != nil || rrset.CheckRdata(typ, c) != nil {
			return
		}
		if want, ok := canonical(rr, rdata); ok && !bytes.Equal(c, want) {
			t.Errorf("%s %x: %x, want %x", rrset.TypeString(typ), rdata, c, want)
		}
		throughRecordsAndText(t, typ, c)
	})
}

// canonical is rdata with the names inside in lower case, and whether it is what
// must become of rr. It is not where names are compressed, nor where the library
// puts in order what no zone should hold: host bits in APL, and mandatory keys
// that are not sorted.
func canonical(rr dns.RR, rdata []byte) ([]byte, bool) {
	var params []dns.SVCBKeyValue
	switch v := rr.(type) {
	case *dns.APL:
		return nil, false
	case *dns.SVCB:
		params = v.Value
	case *dns.HTTPS:
		params = v.Value
	}
	for _, p := range params {
		if m, ok := p.(*dns.SVCBMandatory); ok && !slices.IsSorted(m.Code) {
			return nil, false
		}
	}
	rdata = bytes.Clone(rdata)
	err := rrset.RdataNames(rr.Header().Rrtype, rdata, func(name []byte) {
		for i, c := range name {
			name[i] = byte(lowered(int(c)))
		}
	})
	return rdata, err == nil
}

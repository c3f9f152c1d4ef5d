package rrset_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/rrset"
)

func TestAppendWireName(t *testing.T) {
	label := "\x3f" + strings.Repeat("a", 63)
	longest := strings.Repeat(label, 3) + "\x3d" + strings.Repeat("b", 61) + "\x00"
	loop := "\x01a\xc0\x00"
	for name, tc := range map[string]struct {
		msg  string
		off  int
		want string // canonical; empty where an error is wanted
		next int
	}{
		"root":                   {"\x00", 0, "\x00", 1},
		"upper case":             {"\x03WwW\x00", 0, "\x03www\x00", 5},
		"octets that are no DNS": {"\x03\x00.\xff\x00", 0, "\x03\x00.\xff\x00", 5},
		"pointer":                {"\x03com\x00\x01A\xc0\x00", 5, "\x01a\x03com\x00", 9},
		"pointer alone":          {"\x03com\x00\xc0\x00", 5, "\x03com\x00", 7},
		"pointer forward":        {"\xc0\x02\x01a\x00", 0, "\x01a\x00", 2},
		"longest":                {longest, 0, longest, 255},
		"too long":               {"\x01c" + longest, 0, "", 0},
		"too long by a pointer":  {"\x01c\xc0\x04" + longest, 0, "", 0},
		"loop":                   {loop, 0, "", 0},
		"loop of one":            {"\xc0\x00", 0, "", 0},
		"pointer past the end":   {"\xc0\x09", 0, "", 0},
		"half a pointer":         {"\x01a\xc0", 0, "", 0},
		"label past the end":     {"\x05abc", 0, "", 0},
		"no end":                 {"\x01a", 0, "", 0},
		"label of another kind":  {"\x41a\x00", 0, "", 0},
		"behind the end":         {"\x00", 5, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			got, next, err := rrset.AppendWireName([]byte("before"), []byte(tc.msg), tc.off)
			if (err != nil) != (tc.want == "") || err != nil && !errors.Is(err, rrset.ErrName) {
				t.Fatalf("error %v", err)
			}
			if string(got) != "before"+tc.want || next != tc.next {
				t.Errorf("%q to %d, want %q to %d", got, next, tc.want, tc.next)
			}
		})
	}
}

// FuzzAppendWireName has the library as its oracle.
func FuzzAppendWireName(f *testing.F) {
	f.Add([]byte("\x03com\x00\x01A\xc0\x00"), 5)
	f.Add([]byte("\xc0\x02\x01a\x00"), 0)
	f.Add([]byte("\x01.\xc0\x00"), 0)
	f.Fuzz(func(t *testing.T, msg []byte, off int) {
		if off < 0 {
			return
		}
		got, next, err := rrset.AppendWireName(nil, msg, off)
		want, end, libraryErr := dns.UnpackDomainName(msg, off)
		if (err == nil) != (libraryErr == nil) {
			t.Fatalf("error %v; the library has %v", err, libraryErr)
		}
		if err != nil {
			return
		}
		if canonical := rrset.MustName(want); !bytes.Equal(got, canonical) || next != end {
			t.Errorf("%x to %d; the library has %x to %d", got, next, canonical, end)
		}
		if skipped, err := rrset.SkipWireName(msg, off); err != nil || skipped != next {
			t.Errorf("skipped to %d, %v", skipped, err)
		}
	})
}

func TestAppendWireRdata(t *testing.T) {
	for name, tc := range map[string]struct {
		t     uint16
		rdata string
		want  string // empty where an error is wanted
	}{
		"A":                     {dns.TypeA, "\xc0\x00\x02\x01", "\xc0\x00\x02\x01"},
		"A of 3":                {dns.TypeA, "abc", ""},
		"AAAA of 17":            {dns.TypeAAAA, "0123456789abcdefg", ""},
		"NS":                    {dns.TypeNS, "\x02NS\xc0\x00", "\x02ns\x07example\x00"},
		"NS and more":           {dns.TypeNS, "\x02NS\xc0\x00\x00", ""},
		"MX":                    {dns.TypeMX, "\x00\x0a\xc0\x00", "\x00\x0a\x07example\x00"},
		"MX of an octet":        {dns.TypeMX, "\x00", ""},
		"SRV":                   {dns.TypeSRV, "\x00\x01\x00\x02\x00\x03\xc0\x00", "\x00\x01\x00\x02\x00\x03\x07example\x00"},
		"SOA":                   {dns.TypeSOA, "\xc0\x00\xc0\x00" + strings.Repeat("s", 20), "\x07example\x00\x07example\x00" + strings.Repeat("s", 20)},
		"SOA cut off":           {dns.TypeSOA, "\xc0\x00\xc0\x00" + strings.Repeat("s", 19), ""},
		"TXT":                   {dns.TypeTXT, "\x03a\\\x00\x00", "\x03a\\\x00\x00"},
		"TXT past the end":      {dns.TypeTXT, "\x03ab", ""},
		"HTTPS":                 {dns.TypeHTTPS, "\x00\x01\xc0\x00\x00\x01\x00\x03\x02H2", "\x00\x01\x07example\x00\x00\x01\x00\x03\x02H2"},
		"HTTPS of another key":  {dns.TypeHTTPS, "\x00\x01\x00\xfd\xe8\x00\x01x", "\x00\x01\x00\xfd\xe8\x00\x01x"},
		"HTTPS keys fall":       {dns.TypeHTTPS, "\x00\x01\x00\x00\x03\x00\x02\x01\xbb\x00\x01\x00\x03\x02h2", ""},
		"HTTPS port of 3":       {dns.TypeHTTPS, "\x00\x01\x00\x00\x03\x00\x03\x01\xbb\x00", ""},
		"CAA":                   {dns.TypeCAA, "\x00\x05issueca.test", "\x00\x05issueca.test"},
		"HIP":                   {dns.TypeHIP, "\x02\x01\x00\x01hhk\x01A\x00\x00", "\x02\x01\x00\x01hhk\x01A\x00\x00"},
		"HIP without servers":   {dns.TypeHIP, "\x02\x01\x00\x01hhk", "\x02\x01\x00\x01hhk"},
		"HIP with a pointer":    {dns.TypeHIP, "\x02\x01\x00\x01hhk\xc0\x00", ""},
		"HIP cut off":           {dns.TypeHIP, "\x02\x01\x00\x05hhk", ""},
		"HIP of 3":              {dns.TypeHIP, "\x00\x01\x00", ""},
		"unknown":               {65000, "\x00\xff", "\x00\xff"},
		"NAPTR with upper case": {dns.TypeNAPTR, "\x00\x01\x00\x02\x01u\x03SIP\x00\x01A\x00", "\x00\x01\x00\x02\x01u\x03SIP\x00\x01a\x00"},
	} {
		t.Run(name, func(t *testing.T) {
			msg := []byte("\x07Example\x00")
			owner := len(msg)
			msg = append(msg, 0, byte(tc.t>>8), byte(tc.t), 0, 1, 0, 0, 0, 9, 0, byte(len(tc.rdata)))
			msg = append(append(msg, tc.rdata...), "behind"...)
			r, err := rrset.NextWireRecord(msg, owner)
			if err != nil || r.Type != tc.t || r.Class != 1 || r.TTL != 9 || r.End != len(msg)-len("behind") {
				t.Fatalf("%+v, %v", r, err)
			}
			got, err := rrset.AppendWireRdata([]byte("before"), msg, r.Span, r.Type)
			if err != nil {
				if tc.want != "" || !errors.Is(err, rrset.ErrRdata) {
					t.Errorf("error %v", err)
				}
				return
			}
			if string(got) != "before"+tc.want || tc.want == "" {
				t.Errorf("%q, want %q", got, tc.want)
			}
		})
	}
}

func TestNextWireRecordBad(t *testing.T) {
	for name, msg := range map[string]string{
		"nothing":            "",
		"no end of the name": "\x01a",
		"name only":          "\x00",
		"half a header":      "\x00\x00\x01\x00\x01\x00\x00\x00\x00\x00",
		"rdata past the end": "\x00\x00\x01\x00\x01\x00\x00\x00\x00\x00\x05abcd",
	} {
		if r, err := rrset.NextWireRecord([]byte(msg), 0); err == nil {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

package rrset_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"example.org/pdns/plugin/pkg/rrset"
)

var (
	label63 = strings.Repeat("a", 63)
	longest = label63 + "." + label63 + "." + label63 + "." + strings.Repeat("b", 61) // 255 octets on the wire
)

func TestParseName(t *testing.T) {
	for _, tc := range []struct{ in, wire, out string }{
		{".", "\x00", "."},
		{"com", "\x03com\x00", "com."},
		{"WWW.Example.COM.", "\x03www\x07example\x03com\x00", "www.example.com."},
		{`a\.b.example`, "\x03a.b\x07example\x00", `a\.b.example.`},
		{`\065\.\b.`, "\x03a.b\x00", `a\.b.`},
		{`\000\255\032.`, "\x03\x00\xff\x20\x00", `\000\255\ .`},
		{"ümlaut", "\x07\xc3\xbcmlaut\x00", `\195\188mlaut.`},
		{"*._sip", "\x01*\x04_sip\x00", "*._sip."},
		{label63, "\x3f" + label63 + "\x00", label63 + "."},
	} {
		got, err := rrset.ParseName(tc.in)
		if err != nil || string(got) != tc.wire {
			t.Errorf("%q: %q, %v, want %q", tc.in, got, err, tc.wire)
			continue
		}
		if s := rrset.NameString(got); s != tc.out {
			t.Errorf("%q: %q, want %q", tc.in, s, tc.out)
		}
		if err := rrset.CheckName(got); err != nil {
			t.Errorf("%q: %v", tc.in, err)
		}
	}
}

func TestParseNameErrors(t *testing.T) {
	for _, s := range []string{
		"", "..", ".com", "a..b", "a.b..", label63 + "a", longest + "b", longest + ".b", `a\`, `a\25`, `a\2x5`, `a\256`, `a\999.`,
	} {
		dst := []byte("kept")
		got, err := rrset.AppendName(dst, s)
		if !errors.Is(err, rrset.ErrName) {
			t.Errorf("%q: %v, want an error about the name", s, err)
		}
		if string(got) != "kept" {
			t.Errorf("%q: left %q behind", s, got)
		}
	}
	if n, err := rrset.ParseName(longest); err != nil || len(n) != 255 {
		t.Errorf("the longest name has %d octets, %v", len(n), err)
	}
}

func TestCheckName(t *testing.T) {
	for _, tc := range []struct {
		wire string
		ok   bool
	}{
		{"\x00", true},
		{"\x01a\x00", true},
		{"", false},
		{"\x01a", false},
		{"\x01A\x00", false},
		{"\x01a\x00\x00", false},
		{"\x40" + strings.Repeat("a", 64) + "\x00", false},
		{"\xc0\x0c", false},
		{strings.Repeat("\x01a", 127) + "\x00", true},
		{strings.Repeat("\x01a", 128) + "\x00", false},
	} {
		if err := rrset.CheckName([]byte(tc.wire)); (err == nil) != tc.ok {
			t.Errorf("%q: %v", tc.wire, err)
		}
	}
}

func TestLabels(t *testing.T) {
	name := rrset.MustName("www.example.com")
	if n := rrset.CountLabels(name); n != 3 {
		t.Errorf("%d labels", n)
	}
	for n, want := range []string{".", "com.", "example.com.", "www.example.com."} {
		if got := rrset.NameString(rrset.Suffix(name, n)); got != want {
			t.Errorf("suffix of %d labels: %s, want %s", n, got, want)
		}
	}
	if rrset.Suffix(name, 4) != nil {
		t.Error("a suffix of more labels than the name has")
	}
	if got := rrset.Parent([]byte{0}); len(got) != 1 {
		t.Errorf("the root's parent is %q", got)
	}
	if got := rrset.LabelString([]byte("a.B ")); got != `a\.B\ ` {
		t.Errorf("label %q", got)
	}
	if got := rrset.LabelString(nil); got != `\# ` {
		t.Errorf("no label: %q", got)
	}
}

func TestEncloses(t *testing.T) {
	for _, tc := range []struct {
		zone, name string
		want       bool
	}{
		{".", ".", true},
		{".", "www.example.com", true},
		{"example.com", "example.com", true},
		{"example.com", "www.example.com", true},
		{"www.example.com", "example.com", false},
		{"example.com", "notexample.com", false},
		{"example.com", `a\007example.com`, false},
		{"com", `a\003com`, false},
	} {
		if got := rrset.Encloses(rrset.MustName(tc.zone), rrset.MustName(tc.name)); got != tc.want {
			t.Errorf("%s encloses %s: %v", tc.zone, tc.name, got)
		}
	}
}

// TestReversedOrder: sorted by their reversed form, names come zone by zone.
func TestReversedOrder(t *testing.T) {
	want := []string{
		".", "com.", "example.com.", `\000.example.com.`, `\000\000.example.com.`, `\001.example.com.`, "a.example.com.", "b.a.example.com.",
		"aa.example.com.", "z.example.com.", "examplea.com.", "net.",
	}
	var keys [][]byte
	for _, s := range want {
		keys = append(keys, rrset.AppendReversed(nil, rrset.MustName(s)))
	}
	if !slices.IsSortedFunc(keys, bytes.Compare) {
		t.Errorf("not in order: %q", keys)
	}
	below := keys[2][:len(keys[2])-1]
	for i, k := range keys {
		if got, want := bytes.HasPrefix(k, below), rrset.Encloses(rrset.MustName("example.com"), rrset.MustName(want[i])); got != want {
			t.Errorf("%q begins with %q: %v", k, below, got)
		}
	}
}

func TestAppendUnreversedErrors(t *testing.T) {
	for _, b := range []string{
		"", "a", "a\x00", "\x01\x00\x00", "\x01\x03\x00\x00", "a\x01\x00\x00", strings.Repeat("a", 64) + "\x00\x00", strings.Repeat("a\x00", 128) + "\x00",
	} {
		if _, _, err := rrset.AppendUnreversed(nil, []byte(b)); !errors.Is(err, rrset.ErrName) {
			t.Errorf("%q: %v", b, err)
		}
	}
}

func FuzzName(f *testing.F) {
	for _, s := range []string{".", "www.Example.com", `a\.b\000.c`, longest, label63 + "a.b", `\`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		name, err := rrset.ParseName(s)
		if err != nil {
			return
		}
		if err := rrset.CheckName(name); err != nil {
			t.Fatalf("%q: %v", name, err)
		}
		again, err := rrset.ParseName(rrset.NameString(name))
		if err != nil || !bytes.Equal(again, name) {
			t.Errorf("%q read again: %q, %v", name, again, err)
		}
	})
}

func FuzzReversed(f *testing.F) {
	f.Add([]byte("\x03www\x07example\x00"), []byte("\x02\x00\x01\x00"))
	f.Add([]byte("\x00"), []byte("\x01a\x00"))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		if rrset.CheckName(a) != nil {
			rrset.AppendUnreversed(nil, a) // must not panic
			return
		}
		key := rrset.AppendReversed(nil, a)
		back, n, err := rrset.AppendUnreversed([]byte("x"), append(key, b...))
		if err != nil || n != len(key) || string(back) != "x"+string(a) {
			t.Fatalf("%q: %q, %d of %d, %v", a, back, n, len(key), err)
		}
		if rrset.CheckName(b) != nil {
			return
		}
		other := rrset.AppendReversed(nil, b)
		if got, want := bytes.HasPrefix(other, key[:len(key)-1]), rrset.Encloses(a, b); got != want {
			t.Errorf("%q begins with %q: %v, but %q encloses %q: %v", other, key, got, a, b, want)
		}
	})
}

package registered_test

import (
	"testing"

	"example.org/pdns/plugin/pkg/registered"
	"example.org/pdns/plugin/pkg/rrset"
)

func TestDomain(t *testing.T) {
	for _, tt := range []struct {
		name, domain string
		is           bool
	}{
		{"www.example.com.", "example.com.", false},
		{"example.com.", "example.com.", true},
		{"a.b.example.co.uk.", "example.co.uk.", false},
		{"co.uk.", "co.uk.", false},
		{"somebody.github.io.", "somebody.github.io.", true},
		{"www.somebody.github.io.", "somebody.github.io.", false},
		{"host.unknown-suffix.", "host.unknown-suffix.", true},
		{"com.", "com.", false},
		{".", ".", false},
		{`a\.co.uk.`, `a\.co.uk.`, true}, // its dot is no cut between labels
		{`\255.example.com.`, "example.com.", false},
		{"www.xn--85x722f.xn--55qx5d.cn.", "xn--85x722f.xn--55qx5d.cn.", false},
	} {
		name := rrset.MustName(tt.name)
		if got := rrset.NameString(registered.Domain(name)); got != tt.domain {
			t.Errorf("Domain(%s) = %s, want %s", tt.name, got, tt.domain)
		}
		if got := registered.Is(name); got != tt.is {
			t.Errorf("Is(%s) = %t", tt.name, got)
		}
	}
}

func TestSuffixLabels(t *testing.T) {
	for name, want := range map[string]int{
		".":                    0,
		"com.":                 1,
		"www.example.com.":     1,
		"www.example.co.uk.":   2,
		"co.uk.":               2,
		`a\.co.uk.`:            1,
		`a\.b.example.co.uk.`:  2,
		`\000.co.uk.`:          2,
		`b\195\188cher.co.uk.`: 2,
		`co.u\.k.`:             1,
		"_dmarc.example.com.":  1,
		"www.foo.ck.":          2,
		"nosuchsuffix.":        1,
	} {
		if got := registered.SuffixLabels(rrset.MustName(name)); got != want {
			t.Errorf("%s: %d labels, want %d", name, got, want)
		}
	}
}

func TestListed(t *testing.T) {
	for name, want := range map[string]bool{
		"www.example.com.": true, "com.": true, "somebody.github.io.": true, "www.example.co.uk.": true,
		"report.pdf.": false, "nosuchsuffix.": false, ".": false,
	} {
		if got := registered.Listed(rrset.MustName(name)); got != want {
			t.Errorf("Listed(%s) = %t", name, got)
		}
	}
}

package dialect_test

import (
	"testing"

	"example.org/pdns/plugin/pkg/httpapi/dialect"
	"example.org/pdns/plugin/pkg/rrset"
)

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
		if got := dialect.SuffixLabels(rrset.MustName(name)); got != want {
			t.Errorf("%s: %d labels, want %d", name, got, want)
		}
	}
}

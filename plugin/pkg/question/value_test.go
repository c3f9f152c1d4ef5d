package question_test

import (
	"testing"

	"example.org/pdns/plugin/pkg/question"
	"example.org/pdns/plugin/pkg/rrset"
)

func TestParseValue(t *testing.T) {
	tests := []struct {
		text, owner, rdata string // subjects; empty: none
		name               string
		below              bool
		covers, not        string
	}{
		{"www.Example.com", "www.example.com.", "www.example.com._rdata", "www.example.com.", false, "www.example.com", "a.www.example.com"},
		{"*.example.com", "*.example.com.", "*.example.com._rdata", "example.com.", true, "a.example.com", "example.org"},
		{"*", "*", "*_rdata", ".", true, "a.example.com", ""},
		{".", ".", "._rdata", ".", false, ".", "com"},
		{"www.example.*", "www.example.*", "", "", false, "", "www.example.com"},
		{"192.0.2.1", "", "192.0.2.1", "", false, "", "com"},
		{"2001:db8::/126", "", "2001:db8::-2001:db8::3", "", false, "", "com"},
		{"192.0.2.1-192.0.2.9", "", "192.0.2.1-192.0.2.9", "", false, "", "com"},
		{"hxxps://evil[.]example/x", "evil.example.", "evil.example._rdata", "evil.example.", false, "evil.example", "example"},
	}
	for _, tt := range tests {
		v, err := question.ParseValue(tt.text)
		if err != nil {
			t.Errorf("%s: %v", tt.text, err)
			continue
		}
		var owner, rdata, name string
		if s, ok := v.Owner(); ok {
			owner = s.String()
		}
		if s, ok := v.Rdata(); ok {
			rdata = s.String()
		}
		if v.Name != nil {
			name = rrset.NameString(v.Name)
		}
		if owner != tt.owner || rdata != tt.rdata || name != tt.name || v.Below != tt.below || v.Addresses() != (owner == "") {
			t.Errorf("%s: owner %q, rdata %q, name %q, below %t, addresses %t", tt.text, owner, rdata, name, v.Below, v.Addresses())
		}
		if tt.covers != "" && !v.Covers(rrset.MustName(tt.covers)) {
			t.Errorf("%s does not cover %s", tt.text, tt.covers)
		}
		if tt.not != "" && v.Covers(rrset.MustName(tt.not)) {
			t.Errorf("%s covers %s", tt.text, tt.not)
		}
	}
}

func TestParseValueRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":              `"": want a name or an address`,
		"a..b":          `"a..b": malformed name "a..b": empty label`,
		"192.0.2.300":   `"192.0.2.300" is no address: want an address, a network (192.0.2.0/24, 2001:db8::/32) or a range (192.0.2.1-192.0.2.9)`,
		"www.*.example": `"*": want a wildcard as the whole first label (*.example.com) or the whole last (www.example.*)`,
	} {
		if _, err := question.ParseValue(text); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

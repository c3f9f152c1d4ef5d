package analysis_test

import (
	"testing"

	"example.org/pdns/plugin/pkg/analysis"
)

func TestParseKey(t *testing.T) {
	tests := []struct{ text, id, kind string }{
		{"WWW.Example.com", "www.example.com.", "name"},
		{"hxxps://evil[.]example/pay?x=1", "evil.example.", "name"},
		{"192.0.2.1", "192.0.2.1", "address"},
		{"192.0.2.1/32", "192.0.2.1", "address"},
		{"192.0.2.0/24", "192.0.2.0/24", "network"},
		{"192.0.2.0-192.0.2.255", "192.0.2.0/24", "network"},
		{"0.0.0.0/0", "0.0.0.0/0", "network"},
		{"2001:db8::1", "2001:db8::1", "address"},
		{"2001:db8:1::/48", "2001:db8:1::/48", "network"},
	}
	for _, tt := range tests {
		k, err := analysis.ParseKey(tt.text)
		if err != nil || k.String() != tt.id || k.Type() != tt.kind {
			t.Errorf("%s: %s, %s, %v, want %s, %s", tt.text, k.Type(), k, err, tt.kind, tt.id)
		}
	}
	for _, text := range []string{"", "*.example.com", "www.example.*", "192.0.2.1-192.0.2.9", "192.0.2.1-192.0.2.2", "a..b"} {
		if k, err := analysis.ParseKey(text); err == nil {
			t.Errorf("%q is %s, want an error", text, k)
		}
	}
}

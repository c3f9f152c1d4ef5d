package dialect_test

import (
	"net/http/httptest"
	"testing"

	"example.org/pdns/plugin/pkg/httpapi/dialect"
)

func TestBasic(t *testing.T) {
	for _, tt := range []struct{ user, password, want string }{
		{"soc", "s3cret", "soc:s3cret"},
		{"someone@mail.example", "soc.s3cret", "soc.s3cret"},
		{"", "soc.s3cret", "soc.s3cret"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.SetBasicAuth(tt.user, tt.password)
		if got := dialect.Basic(r); got != tt.want {
			t.Errorf("%s, %s: %q, want %q", tt.user, tt.password, got, tt.want)
		}
	}
	if got := dialect.Basic(httptest.NewRequest("GET", "/", nil)); got != "" {
		t.Errorf("nothing presented: %q", got)
	}
}

package dnsdb_test

import (
	"testing"

	"example.org/pdns/plugin/pkg/httpapi"
)

func TestVersion1(t *testing.T) {
	const none = "Error: no results found for query.\n"
	tests := []struct {
		name, path string
		status     int
		body       string
	}{
		{"name", "/lookup/rrset/name/www.example.com", 200, wwwTwo + "\n" + wwwA + "\n"},
		{"bailiwick", "/lookup/rrset/name/example.com/ANY/com/", 200, parentNS + "\n"},
		{"address", "/lookup/rdata/ip/192.0.2.2,31?limit=1", 200, recordA2 + "\n"},
		{"name in rdata", "/lookup/rdata/name/mail.example.com/MX", 200, recordMX + "\n"},
		{"raw", "/lookup/rdata/raw/C0000202", 200, recordA2 + "\n"},
		{"nothing", "/lookup/rrset/name/nothing.test", 404, none},
		{"summary", "/summarize/rdata/ip/192.0.2.0,24", 200, `{"count":8,"num_results":4,"time_first":100,"time_last":700}` + "\n"},
		{"summary of nothing", "/summarize/rrset/name/nothing.test", 404, none},
		{"rate limit", "/lookup/rate_limit", 200, `{"rate":{"reset":"n/a","limit":"unlimited","remaining":"n/a","results_max":1000000}}` + "\n"},
		{"bad path", "/lookup/www.example.com", 400,
			"Error: path: want rrset or rdata, name, ip or raw, and a value, as in rrset/name/www.example.com\n"},
	}
	h := serve(t, filled(t), httpapi.Config{})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if w := get(h, tt.path); w.Code != tt.status || w.Body.String() != tt.body {
				t.Errorf("%s: %d, got:\n%swant:\n%d, %s", tt.path, w.Code, w.Body, tt.status, tt.body)
			}
		})
	}
}

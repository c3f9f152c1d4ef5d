package lab

import (
	"encoding/json"
	"strings"
	"testing"
)

// A Record is one line of the common output format.
type Record struct {
	Owner     string          `json:"rrname"`
	Type      string          `json:"rrtype"`
	Data      json.RawMessage `json:"rdata"`
	Count     uint64          `json:"count"`
	First     int64           `json:"time_first"`
	Last      int64           `json:"time_last"`
	Bailiwick string          `json:"bailiwick"`
	Known     bool            `json:"bailiwick_known"`
}

// Rdata is an array, or, in this format, a string where there is but one.
func (r *Record) Rdata(t testing.TB) []string {
	t.Helper()
	var many []string
	if json.Unmarshal(r.Data, &many) == nil {
		return many
	}
	var one string
	if err := json.Unmarshal(r.Data, &one); err != nil {
		t.Fatalf("rdata %s: %v", r.Data, err)
	}
	return []string{one}
}

// Records reads lines of the common output format.
func Records(t testing.TB, text string) []Record {
	t.Helper()
	var records []Record
	for line := range strings.Lines(text) {
		var r Record
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		records = append(records, r)
	}
	return records
}

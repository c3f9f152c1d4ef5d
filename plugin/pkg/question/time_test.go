package question_test

import (
	"strconv"
	"strings"
	"testing"

	"example.org/pdns/plugin/pkg/question"
)

func TestParseTime(t *testing.T) {
	tests := []struct {
		text string
		end  bool
		want string
	}{
		{"20190801", false, "2019-08-01T00:00:00Z"},
		{"20190801", true, "2019-08-01T23:59:59Z"},
		{"2019-08-01", true, "2019-08-01T23:59:59Z"},
		{"20190801T101112", true, "2019-08-01T10:11:12Z"},
		{"20190801t101112z", false, "2019-08-01T10:11:12Z"},
		{"20190801101112", false, "2019-08-01T10:11:12Z"},
		{"2019-08-01T10:11:12Z", false, "2019-08-01T10:11:12Z"},
		{"2019-08-01T10:11:12+02:00", false, "2019-08-01T08:11:12Z"},
		{"1564654272", false, "2019-08-01T10:11:12Z"},
		{"7d", true, "2019-08-25T12:00:00Z"},
		{"12h", false, "2019-09-01T00:00:00Z"},
		{"2W", false, "2019-08-18T12:00:00Z"},
		{"1y", false, "2018-09-01T12:00:00Z"},
		{"1y2w", false, "2018-08-18T12:00:00Z"},
		{"2019-08-01 10:11:12", true, "2019-08-01T10:11:12Z"},
		{"2019-08-01T10:11:12", true, "2019-08-01T10:11:12Z"},
		{"2019-08-01 10:11:12+02:00", false, "2019-08-01T08:11:12Z"},
		{"2019-08-01 10:11", true, "2019-08-01T10:11:00Z"},
		{"2019-08-01t10:11", false, "2019-08-01T10:11:00Z"},
		{"2019-08-01T10:11z", false, "2019-08-01T10:11:00Z"},
		{"1d12h30m1s", false, "2019-08-30T23:29:59Z"},
	}
	for _, test := range tests {
		got, err := question.ParseTime(test.text, now, test.end)
		if err != nil {
			t.Errorf("%s: %v", test.text, err)
		} else if got != unix(test.want) {
			t.Errorf("%s: got %d, want %s", test.text, got, test.want)
		}
	}
	for _, text := range []string{"", "d", "7", "7x", "-7d", "7d7d", "7h1d", "1w1y", "2019-08-01 25:00", "2019", "20191301", "20190801T25", "123456789012", "1969-12-31", "yesterday"} {
		if got, err := question.ParseTime(text, now, false); err == nil {
			t.Errorf("%q: got %d, want an error", text, got)
		}
	}
}

// TestEarliestTime: zero is no bound for a store, and must not come from a time.
func TestEarliestTime(t *testing.T) {
	for _, text := range []string{"1970-01-01T00:00:01Z", "19700101T000001", "000000001"} {
		if got, err := question.ParseTime(text, now, false); err != nil || got != 1 {
			t.Errorf("%s: got %d, %v, want 1", text, got, err)
		}
	}
	if got, err := question.ParseTime("19700101", now, true); err != nil || got != 86399 {
		t.Errorf("the end of the first day: got %d, %v", got, err)
	}
	age := strconv.FormatInt(now.Unix(), 10) + "s"
	for _, text := range []string{"19700101", "19700101T000000", "1970-01-01T00:00:00Z", "000000000", "1969-12-31", "9000w", age} {
		got, err := question.ParseTime(text, now, false)
		if err == nil || !strings.Contains(err.Error(), "before 1970-01-01T00:00:01Z") {
			t.Errorf("%s: got %d, %v", text, got, err)
		}
	}
}

package question

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

const wantTime = "a date (20190801), date-time (20190801T101112) or age (7d, 12h, 2w)"

// ParseTime reads a time and returns it in Unix seconds. It takes a date
// (20190801 or 2019-08-01), a date-time (20190801T101112, 20190801101112, RFC 3339,
// or as that without seconds or zone, with a blank for the T), all in UTC unless
// RFC 3339 says otherwise; an age before now such as 7d or 1d12h, in the units y
// (365 days), w, d, h, m (minutes) and s; or Unix seconds, 9 to 11 digits. Letter
// case does not matter. A date is its first second, with end its last: "until" and
// "at" a date include the day.
//
// The earliest time is 1970-01-01T00:00:01Z: zero means no bound in a
// store.Query, and would be answered as if nobody had asked for a time.
func ParseTime(s string, now time.Time, end bool) (int64, error) {
	u, ok := parseTime(strings.ToUpper(s), now, end)
	switch {
	case !ok:
		return 0, fmt.Errorf("%s is no time from 1970 on: want %s", show(s), wantTime)
	case u < 1:
		return 0, fmt.Errorf("%s is before %s, the earliest time that can be asked for", show(s), timeString(1))
	}
	return u, nil
}

var dateTimes = []string{"20060102T150405", "20060102T150405Z", "20060102150405", time.RFC3339,
	"2006-01-02T15:04:05", "2006-01-02T15:04Z07:00", "2006-01-02T15:04",
	"2006-01-02 15:04:05", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04"}

func parseTime(s string, now time.Time, end bool) (int64, bool) {
	for _, layout := range []string{"20060102", "2006-01-02"} {
		if t, err := time.Parse(layout, s); err == nil {
			if end {
				t = t.AddDate(0, 0, 1).Add(-time.Second)
			}
			return t.Unix(), true
		}
	}
	for _, layout := range dateTimes {
		if t, err := time.Parse(layout, s); err == nil {
			return t.Unix(), true
		}
	}
	if strings.Trim(s, "0123456789") == "" {
		u, err := strconv.ParseInt(s, 10, 64)
		return u, err == nil && 9 <= len(s) && len(s) <= 11
	}
	age, ok := parseAge(s)
	return now.Unix() - age, ok
}

// units of an age in seconds, largest first, the order in which they are written.
var units = []struct {
	letter  byte
	seconds int64
}{{'Y', 365 * 86400}, {'W', 604800}, {'D', 86400}, {'H', 3600}, {'M', 60}, {'S', 1}}

// parseAge reads numbers each followed by a unit, as 1D12H, in seconds.
func parseAge(s string) (age int64, ok bool) {
	left := s
	for _, u := range units {
		digits, rest, found := strings.Cut(left, string(u.letter))
		if !found {
			continue
		}
		n, err := strconv.ParseUint(digits, 10, 32)
		if err != nil {
			return 0, false
		}
		age += int64(n) * u.seconds
		left = rest
	}
	return age, left == "" && s != ""
}

func timeString(u int64) string { return time.Unix(u, 0).UTC().Format(time.RFC3339) }

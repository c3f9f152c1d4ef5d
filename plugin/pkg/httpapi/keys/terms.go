package keys

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// A term is a field of a line, NAME=VALUE.
type term struct {
	name string
	want string // what a value should be
	set  func(t *Terms, value string) bool
	show func(t *Terms) string // empty where there is no bound
}

var terms = []term{
	{"expires", "a date such as 2027-01-01, or a time of RFC 3339", (*Terms).setExpires, (*Terms).showExpires},
	{"quota", "requests in a window: 1000/hour, 1000/day or 1000/month", (*Terms).setQuota, (*Terms).showQuota},
	{"rate", "requests a second: 10/s", (*Terms).setRate, (*Terms).showRate},
	whole("burst", func(t *Terms) *int { return &t.Burst }),
	whole("limit", func(t *Terms) *int { return &t.Limit }),
	whole("offset", func(t *Terms) *int { return &t.Offset }),
}

// setField takes a field of a line, of which no name comes twice.
func (t *Terms) setField(field string, given map[string]bool) error {
	name, value, ok := strings.Cut(field, "=")
	for _, known := range terms {
		switch {
		case !ok || known.name != name:
			continue
		case given[name]:
			return fmt.Errorf("%s: want it once", name)
		case !known.set(t, value):
			return fmt.Errorf("%s %q: want %s", name, value, known.want)
		}
		given[name] = true
		return nil
	}
	// What stands there is not told: it may be a secret.
	return fmt.Errorf("a field is none that is known: want expires=, quota=, rate=, burst=, limit= or offset=")
}

// String is the terms as fields of a line.
func (t Terms) String() string {
	var fields []string
	for _, known := range terms {
		if value := known.show(&t); value != "" {
			fields = append(fields, known.name+"="+value)
		}
	}
	return strings.Join(fields, " ")
}

func (t *Terms) setExpires(value string) bool {
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if at, err := time.Parse(layout, value); err == nil && at.Unix() > 0 && at.UTC().Year() < 10000 {
			t.Expires = at.UTC()
			return true
		}
	}
	return false
}

func (t *Terms) showExpires() string {
	if t.Expires.IsZero() {
		return ""
	}
	return t.Expires.Format(time.RFC3339Nano)
}

// windows are those of quotas, by name.
var windows = map[string]time.Duration{"hour": time.Hour, "day": 24 * time.Hour, "month": 30 * 24 * time.Hour}

func (t *Terms) setQuota(value string) bool {
	n, unit, _ := strings.Cut(value, "/")
	var err error
	t.Quota, err = strconv.ParseUint(n, 10, 63)
	t.Window = windows[unit]
	return err == nil && t.Quota > 0 && t.Window > 0
}

func (t *Terms) showQuota() string {
	for unit, window := range windows {
		if t.Quota > 0 && t.Window == window {
			return fmt.Sprintf("%d/%s", t.Quota, unit)
		}
	}
	return ""
}

var decimal = regexp.MustCompile(`^\d{1,9}(\.\d{1,9})?$`)

func (t *Terms) setRate(value string) bool {
	n, ok := strings.CutSuffix(value, "/s")
	if !ok || !decimal.MatchString(n) {
		return false
	}
	t.Rate, _ = strconv.ParseFloat(n, 64) // it is a number
	return t.Rate > 0
}

func (t *Terms) showRate() string {
	if t.Rate == 0 {
		return ""
	}
	return strconv.FormatFloat(t.Rate, 'f', -1, 64) + "/s"
}

func whole(name string, of func(*Terms) *int) term {
	return term{
		name: name,
		want: "a whole number from 1 on",
		set: func(t *Terms, value string) bool {
			n, err := strconv.ParseUint(value, 10, 31)
			*of(t) = int(n)
			return err == nil && n > 0
		},
		show: func(t *Terms) string {
			if *of(t) == 0 {
				return ""
			}
			return strconv.Itoa(*of(t))
		},
	}
}

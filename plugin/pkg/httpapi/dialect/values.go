package dialect

import (
	"strconv"
	"strings"
)

// Int is a parameter that is a whole number of at least least; otherwise if it is
// not given.
func (x *Exchange) Int(name string, otherwise, least int) (int, *Fault) {
	s := x.Values.Get(name)
	if s == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < least || s[0] == '+' {
		return 0, Bad("%s=%s: want a whole number from %d on", name, Show(s), least)
	}
	return n, nil
}

// Bool is a parameter that is true or false, in one of the spellings that clients
// have: t, true, 1, and f, false, 0, in any letter case.
func (x *Exchange) Bool(name string, otherwise bool) (bool, *Fault) {
	switch s := x.Values.Get(name); strings.ToLower(s) {
	case "":
		return otherwise, nil
	case "t", "true", "1":
		return true, nil
	case "f", "false", "0":
		return false, nil
	default:
		return false, Bad("%s=%s: want true or false", name, Show(s))
	}
}

// Time is a parameter that is a time in Unix seconds, or a number of seconds
// before now where it is negative; 0 if it is not given.
func (x *Exchange) Time(name string) (int64, *Fault) {
	s := x.Values.Get(name)
	if s == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || s[0] == '+' || n < -maxAge || n > maxTime {
		return 0, Bad("%s=%s: want Unix seconds, or a negative number of seconds before now", name, Show(s))
	}
	if n < 0 {
		n += x.Now.Unix()
	}
	return max(n, 1), nil // zero is no bound
}

const (
	maxTime = 253402300799 // the last second of the year 9999
	maxAge  = 1 << 40
)

// Show quotes what a client sent, for a text about it, and cuts what is long.
func Show(s string) string {
	const most = 64
	if len(s) > most {
		s = s[:most] + "..."
	}
	return strconv.QuoteToASCII(s)
}

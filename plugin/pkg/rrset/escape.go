package rrset

import (
	"errors"
	"fmt"
)

// unescape returns the octet whose escape goes on at s[at], behind the backslash
// (RFC 1035, section 5.1), and where it ends.
func unescape(s string, at int) (byte, int, error) {
	if at == len(s) {
		return 0, at, errors.New(`ends in \`)
	}
	c := s[at]
	if !digit(c) {
		return c, at + 1, nil
	}
	if at+3 > len(s) || !digit(s[at+1]) || !digit(s[at+2]) {
		return 0, at, errors.New(`want three digits behind \`)
	}
	n := int(c-'0')*100 + int(s[at+1]-'0')*10 + int(s[at+2]-'0')
	if n > 255 {
		return 0, at, fmt.Errorf(`\%d is no octet`, n)
	}
	return byte(n), at + 3, nil
}

func digit(c byte) bool { return '0' <= c && c <= '9' }

// appendText appends the octets of text in presentation form.
func appendText(dst []byte, s string) ([]byte, error) {
	for at := 0; at < len(s); {
		c := s[at]
		at++
		if c == '\\' {
			var err error
			if c, at, err = unescape(s, at); err != nil {
				return dst, fmt.Errorf("%w: text %q: %w", ErrRdata, s, err)
			}
		}
		dst = append(dst, c)
	}
	return dst, nil
}

// appendStrings appends character strings: an octet of length and text each
// (RFC 1035, section 3.3).
func appendStrings(dst []byte, strings ...string) ([]byte, error) {
	for _, s := range strings {
		n := len(dst)
		var err error
		if dst, err = appendText(append(dst, 0), s); err != nil {
			return dst, err
		}
		length := len(dst) - n - 1
		if length > 255 {
			return dst, fmt.Errorf("%w: string of %d octets, want at most 255", ErrRdata, length)
		}
		dst[n] = byte(length)
	}
	return dst, nil
}

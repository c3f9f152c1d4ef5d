package cof

import (
	"fmt"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"example.org/pdns/plugin/pkg/rrset"
)

// Append appends r as one JSON object, without a line end.
func Append(dst []byte, r *rrset.RRset) []byte {
	dst = append(dst, `{"count":`...)
	dst = strconv.AppendUint(dst, r.Count, 10)
	dst = append(dst, `,"time_first":`...)
	dst = strconv.AppendInt(dst, r.First, 10)
	dst = append(dst, `,"time_last":`...)
	dst = strconv.AppendInt(dst, r.Last, 10)
	dst = AppendSet(append(dst, ','), r)
	return append(AppendExtras(dst, &r.Figures), '}')
}

// AppendSet appends the keys that say which RRset it is: rrname, rrtype,
// bailiwick where there is one, and rdata.
func AppendSet(dst []byte, r *rrset.RRset) []byte {
	dst = append(dst, `"rrname":`...)
	dst = AppendName(dst, r.Owner)
	dst = append(dst, `,"rrtype":`...)
	dst = AppendString(dst, rrset.TypeString(r.Type))
	if r.Bailiwick != nil {
		dst = append(dst, `,"bailiwick":`...)
		dst = AppendName(dst, r.Bailiwick)
	}
	dst = append(dst, `,"rdata":[`...)
	if len(r.Rdata) == 0 { // NXDOMAIN; readers print one line for each rdata
		dst = append(dst, `""`...)
	}
	for i, rdata := range r.Rdata {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = AppendRdata(dst, r.Type, rdata)
	}
	return append(dst, ']')
}

// AppendExtras appends the keys that the draft does not have, each behind a comma.
func AppendExtras(dst []byte, r *rrset.Figures) []byte {
	if r.Marks&rrset.HasTTL != 0 {
		dst = append(dst, `,"ttl_min":`...)
		dst = strconv.AppendUint(dst, uint64(r.TTLMin), 10)
		dst = append(dst, `,"ttl_max":`...)
		dst = strconv.AppendUint(dst, uint64(r.TTLMax), 10)
	}
	if r.Marks&rrset.BailiwickKnown != 0 {
		dst = append(dst, `,"bailiwick_known":true`...)
	}
	if r.Marks&anySource == 0 {
		return dst
	}
	dst = append(dst, `,"sources":[`...)
	for _, s := range sources {
		if r.Marks&s.mark == 0 {
			continue
		}
		if dst[len(dst)-1] != '[' {
			dst = append(dst, ',')
		}
		dst = AppendString(dst, s.name)
	}
	return append(dst, ']')
}

// AppendName appends a wire name as a JSON string.
func AppendName(dst, wire []byte) []byte {
	dst = append(dst, '"')
	dst = appendLabels(dst, wire)
	return append(dst, '"')
}

// appendLabels appends the presentation form of a wire name, escaped for JSON.
// Names of letters, digits, hyphens and underscores, nearly all, are written
// without the library's allocations.
func appendLabels(dst, wire []byte) []byte {
	start := len(dst)
	at := 0
	for at < len(wire) && wire[at] != 0 {
		end := at + 1 + int(wire[at])
		if end > len(wire) || !plain(wire[at+1:end]) {
			return appendEscaped(dst[:start], rrset.NameString(wire))
		}
		dst = append(append(dst, wire[at+1:end]...), '.')
		at = end
	}
	if at != len(wire)-1 {
		return appendEscaped(dst[:start], rrset.NameString(wire))
	}
	if at == 0 {
		dst = append(dst, '.')
	}
	return dst
}

// plain reports whether no octet of a label needs an escape in presentation
// form or in JSON.
func plain(label []byte) bool {
	for _, c := range label {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

// AppendText appends what people wrote, in UTF-8, as a JSON string in ASCII. Octets
// that are no UTF-8 become characters of their own.
func AppendText(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		if n == 1 {
			dst = appendEscaped(dst, s[:1])
		} else {
			for _, unit := range utf16.AppendRune(nil, r) {
				dst = fmt.Appendf(dst, `\u%04x`, unit)
			}
		}
		s = s[n:]
	}
	return append(dst, '"')
}

// AppendString appends s, octet by octet, as a JSON string in ASCII.
func AppendString(dst []byte, s string) []byte {
	return append(appendEscaped(append(dst, '"'), s), '"')
}

// appendEscaped appends s as the inside of a JSON string, in ASCII.
func appendEscaped(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c < ' ' || c > '~':
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

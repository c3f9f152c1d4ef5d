package pdnsquery

import (
	"fmt"
	"strings"
	"time"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/cof"
	"example.org/pdns/plugin/pkg/rrset"
)

const (
	maxString = 255    // octets of one string of a TXT record
	maxRecord = 60_000 // octets of the strings of one TXT record here; the message needs the rest
)

// textOf is the TXT record of one RRset: TYPE FIRST LAST COUNT, and OWNER if
// that is not the name asked for; then a string for each rdata. With json it is
// one object of the Common Output Format. What is too large for a record is given
// as an excerpt.
func (x *exchange) textOf(r *rrset.RRset, owner, json bool) *dns.TXT {
	if json {
		whole := string(cof.Append(nil, r))
		if stringsSize(whole) > maxRecord {
			whole = excerptObject(r)
		}
		return x.text(whole)
	}
	head := fmt.Sprintf("%s %s %s %d", rrset.TypeString(r.Type), timeString(r.First), timeString(r.Last), r.Count)
	if owner {
		head += " " + rrset.NameString(r.Owner)
	}
	parts := []string{head}
	for _, rdata := range r.Rdata {
		if r.Type != rrset.TypeNXDOMAIN { // which has none
			parts = append(parts, rrset.RdataString(r.Type, rdata))
		}
	}
	if stringsSize(parts...) > maxRecord {
		rdata, note := excerpt(r)
		parts = append(append(parts[:1], rdata...), "; "+note)
	}
	return x.text(parts...)
}

// text is a TXT record of some texts, each in as many strings as it needs.
func (x *exchange) text(parts ...string) *dns.TXT {
	txt := &dns.TXT{Hdr: x.header(dns.TypeTXT)}
	for _, p := range parts {
		txt.Txt = appendStrings(txt.Txt, p)
	}
	return txt
}

// stringsSize is what some texts take in a TXT record, by the measure of textSize.
func stringsSize(parts ...string) int {
	n := 0
	for _, p := range parts {
		n += len(p) + strings.Count(p, `\`) + len(p)/maxString + 1
	}
	return n
}

// appendStrings cuts s into strings. One of 255 octets is continued by the next
// one, if only by an empty one; a shorter one is the last of its text.
func appendStrings(dst []string, s string) []string {
	for ; len(s) >= maxString; s = s[maxString:] {
		dst = append(dst, escape(s[:maxString]))
	}
	return append(dst, escape(s))
}

// escape protects the one octet that dns.TXT reads as more than itself.
func escape(s string) string { return strings.ReplaceAll(s, `\`, `\\`) }

// textSize is what a TXT record takes in a message, its owner compressed, in the
// eyes of the library: it counts escapes too, and the server truncates by that.
func textSize(txt *dns.TXT) int {
	n := 12
	for _, s := range txt.Txt {
		n += 1 + len(s)
	}
	return n
}

// timeString writes Unix seconds as RFC 3339 in UTC.
func timeString(u int64) string { return time.Unix(u, 0).UTC().Format(time.RFC3339) }

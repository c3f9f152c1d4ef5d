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
// one object of the Common Output Format.
func (x *exchange) textOf(r *rrset.RRset, owner, json bool) *dns.TXT {
	if json {
		return x.text(string(cof.Append(nil, r)))
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
	return x.text(parts...)
}

// text is a TXT record of some texts, each in as many strings as it needs. A
// record takes only so much: what is left out is counted in a last string.
func (x *exchange) text(parts ...string) *dns.TXT {
	txt := &dns.TXT{Hdr: x.header(dns.TypeTXT)}
	size := 0
	for i, p := range parts {
		size += len(p) + len(p)/maxString + 1
		if size > maxRecord {
			txt.Txt = append(txt.Txt, fmt.Sprintf("; %d more do not fit", len(parts)-i))
			break
		}
		txt.Txt = appendStrings(txt.Txt, p)
	}
	return txt
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

// textSize is what a TXT record takes in a message, its owner compressed.
func textSize(txt *dns.TXT) int {
	n := 12
	for _, s := range txt.Txt {
		n += 1 + len(s) - strings.Count(s, `\\`)
	}
	return n
}

// timeString writes Unix seconds as RFC 3339 in UTC.
func timeString(u int64) string { return time.Unix(u, 0).UTC().Format(time.RFC3339) }

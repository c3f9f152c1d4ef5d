package question

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/net/idna"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// ParseSubject reads a subject as people type or paste it: what the query zone
// takes left of its operators (www.example.com, *.example.com, www.example.*),
// addresses, networks and ranges, names in Unicode (IDNA 2008), URLs and mail
// addresses, of which the host counts, and all of these defanged, as in
// hxxp://evil[.]example/x.
//
// With rdata, names are looked for in rdata, and "\# " with hexadecimal octets
// is rdata that begins so; addresses are looked for there in any case.
func ParseSubject(text string, rdata bool) (store.Subject, error) {
	s := strings.TrimSpace(text)
	if digits, ok := strings.CutPrefix(s, `\# `); ok && rdata {
		prefix, err := hex.DecodeString(strings.Join(strings.Fields(digits), ""))
		if err != nil {
			return store.Subject{}, fmt.Errorf(`%q: want octets in hexadecimal behind \#`, text)
		}
		return store.Raw(prefix), nil
	}
	s = host(defanged.Replace(s))
	if looksLikeAddress(s) {
		return parseAddresses(s)
	}
	name, err := parseHost(s)
	if err != nil {
		return store.Subject{}, fmt.Errorf("%q: %w", text, err)
	}
	named, err := nameSubject(labels(name), rdata)
	return named.Subject, err
}

// defanged undoes what people do to a name so that nobody clicks on it.
var defanged = strings.NewReplacer(
	"[.]", ".", "(.)", ".", "{.}", ".", "[dot]", ".", "(dot)", ".", "{dot}", ".", "[DOT]", ".", "(DOT)", ".",
	"[:]", ":", "[://]", "://", "[/]", "/", "[@]", "@", "[at]", "@", "(at)", "@", "[AT]", "@",
)

// host is the host of a URL, of a mail address, or of a name with port or path;
// any other text as it is.
func host(s string) string {
	_, rest, isURL := strings.Cut(s, "://")
	switch {
	case isURL:
		s = rest
	case looksLikeAddress(s) && !hasPort(s): // the slash of a network starts no path
		return s
	}
	// A slash in the first label, or in a reverse name, starts no path: those of RFC
	// 2317 have one.
	if i := strings.IndexAny(s, "/?#"); i >= 0 && (isURL || strings.Contains(s[:i], ".") && !isReverse(s)) {
		s = s[:i]
	}
	s = s[strings.LastIndexByte(s, '@')+1:]
	if inside, _, ok := strings.Cut(strings.TrimPrefix(s, "["), "]"); ok && s[0] == '[' {
		return inside
	}
	if i := strings.LastIndexByte(s, ':'); i >= 0 && hasPort(s) {
		s = s[:i]
	}
	return s
}

func isReverse(s string) bool {
	return strings.HasSuffix(strings.ToLower(strings.TrimSuffix(s, ".")), ".in-addr.arpa")
}

// hasPort tells the one colon of a port from the many of an IPv6 address.
func hasPort(s string) bool {
	return strings.HasPrefix(s, "[") || strings.Count(s, ":") == 1
}

// unicodeNames maps names in Unicode to what is on the wire, and leaves alone
// the underscores that service names begin with.
var unicodeNames = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false))

// parseHost is the wire name of a host in ASCII or Unicode.
func parseHost(s string) ([]byte, error) {
	if s == "" {
		return nil, errors.New("want a name or an address")
	}
	for _, r := range s {
		if r < 0x80 {
			continue
		}
		ascii, err := unicodeNames.ToASCII(s)
		if err != nil {
			return nil, fmt.Errorf("no internationalized name: %w", err)
		}
		return rrset.ParseName(ascii)
	}
	return rrset.ParseName(s)
}

package mail

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/idna"

	"example.org/pdns/plugin/pkg/rrset"
)

// defanged undoes what people do to an address so that nobody clicks on it.
var defanged = strings.NewReplacer(
	"[.]", ".", "(.)", ".", "{.}", ".", "[dot]", ".", "(dot)", ".", "{dot}", ".", "[DOT]", ".", "(DOT)", ".", "\\.", ".",
	"[:]", ":", "[://]", "://", "[/]", "/", "[@]", "@",
	"\t", "", "\r", "", "\n", "", // as in the URL standard: they are not there
)

// schemes whose URLs have a host, and how people spell those that must not be clicked.
var schemes = map[string]bool{
	"http": true, "https": true, "hxxp": true, "hxxps": true, "hxtp": true, "htxp": true, "hxxpx": true, "meow": true,
	"ftp": true, "ftps": true, "fxp": true, "ws": true, "wss": true,
}

// Errors of hosts do not quote them: they may name a recipient.
var (
	errNoHost = errors.New("no URL of a host, want https://www.example.com/")
	errNoName = errors.New("no name of a host")
)

// Host is the host that a URL leads to, as browsers read it (https://url.spec.whatwg.org):
// a name as A-labels in lower case without its final dot, or an address. The URL may be
// defanged (hxxps://www[.]example[.]com), begin with // in place of a scheme, have an
// account and a port, an address in brackets, or one as a number (http://3221225985/).
func Host(text string) (string, error) {
	authority, _, ok := parse(text)
	if !ok {
		return "", errNoHost
	}
	return host(authority)
}

// parse takes a URL apart into its authority and what is behind that.
func parse(text string) (authority, rest string, ok bool) {
	s := defanged.Replace(strings.Trim(text, " \t\r\n\f\x00\u00a0\u200b\ufeff<>\"'"))
	if scheme, behind, found := strings.Cut(s, ":"); found && schemes[strings.ToLower(scheme)] {
		s = strings.TrimLeft(behind, `/\`) // browsers take any number
	} else if behind, found := strings.CutPrefix(strings.ReplaceAll(s, `\`, "/"), "//"); found {
		s = strings.TrimLeft(behind, "/")
	} else {
		return "", "", false
	}
	end := strings.IndexAny(s, `/\?#`)
	if end < 0 {
		end = len(s)
	}
	return s[:end], s[end:], end > 0
}

// host is that of the authority of a URL.
func host(authority string) (string, error) {
	s := authority[strings.LastIndexByte(authority, '@')+1:]
	if inside, found := strings.CutPrefix(s, "["); found {
		inside, _, _ = strings.Cut(inside, "]")
		a, err := netip.ParseAddr(inside)
		if err != nil || a.Zone() != "" {
			return "", errors.New("no address in brackets, want [2001:db8::1]")
		}
		return a.Unmap().String(), nil
	}
	if name, port, found := strings.Cut(s, ":"); found {
		if _, err := strconv.ParseUint(port, 10, 16); err != nil && port != "" {
			return "", errors.New("no port, want a number")
		}
		s = name
	}
	if decoded, err := url.PathUnescape(s); err == nil {
		s = decoded
	}
	return hostName(s)
}

// names maps names in Unicode to what is on the wire, as browsers do; underscores
// occur in names of hosts.
var names = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false))

// hostName is a name in canonical form, or an address in any of the forms that browsers
// take.
func hostName(s string) (string, error) {
	ascii := s
	for _, r := range s {
		if r < 0x80 {
			continue
		}
		var err error
		if ascii, err = names.ToASCII(s); err != nil {
			return "", errNoName
		}
		break
	}
	ascii = strings.ToLower(strings.TrimSuffix(ascii, "."))
	if a, ok := oldAddress(ascii); ok {
		return a.String(), nil
	}
	wire, err := rrset.ParseName(ascii)
	if err != nil {
		return "", errNoName
	}
	text := strings.TrimSuffix(rrset.NameString(wire), ".")
	switch last := text[strings.LastIndexByte(text, '.')+1:]; {
	case rrset.CountLabels(wire) < 2:
		return "", errors.New("one label, want a name of at least two")
	case strings.ContainsAny(text, " \\\"'<>()$;,%/?#"):
		return "", errNoName
	case strings.Trim(last, "0123456789") == "":
		return "", errors.New("neither a name nor an address")
	}
	return text, nil
}

// oldAddress reads an IPv4 address of one to four numbers, each in decimal, octal (0300)
// or hexadecimal (0xc0), of which the last fills what is left.
func oldAddress(s string) (netip.Addr, bool) {
	parts := strings.Split(s, ".")
	if s == "" || len(parts) > 4 {
		return netip.Addr{}, false
	}
	var whole uint64
	for i, part := range parts {
		n, err := number(part)
		bits := 8
		if i == len(parts)-1 {
			bits = 8 * (5 - len(parts))
		}
		if err != nil || n >= 1<<bits {
			return netip.Addr{}, false
		}
		whole = whole<<bits | n
	}
	var octets [4]byte
	binary.BigEndian.PutUint32(octets[:], uint32(whole))
	return netip.AddrFrom4(octets), true
}

func number(s string) (uint64, error) {
	switch {
	case strings.HasPrefix(s, "0x"):
		return strconv.ParseUint("0"+s[2:], 16, 64)
	case len(s) > 1 && s[0] == '0':
		return strconv.ParseUint(s[1:], 8, 64)
	}
	return strconv.ParseUint(s, 10, 64)
}

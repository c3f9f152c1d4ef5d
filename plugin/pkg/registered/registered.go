// Package registered tells the registered domain of a name: what somebody could
// register under a public suffix, by the list at https://publicsuffix.org with its
// private part, so that a name below github.io is a domain of its own. The list is
// that of golang.org/x/net/publicsuffix at the time of building.
//
// Names are in wire form, canonical. All functions are safe for concurrent use.
package registered

import (
	"strings"

	"golang.org/x/net/publicsuffix"

	"example.org/pdns/plugin/pkg/rrset"
)

// Domain is the registered domain that a name is or lies in, a part of the name. A
// public suffix is its own domain.
func Domain(name []byte) []byte {
	if d := rrset.Suffix(name, SuffixLabels(name)+1); d != nil {
		return d
	}
	return name
}

// Is reports whether a name is a registered domain, and no public suffix.
func Is(name []byte) bool { return rrset.CountLabels(name) == SuffixLabels(name)+1 }

// SuffixLabels counts the labels of the public suffix that a name is or ends in: two for
// www.example.co.uk. No suffix has a label with an octet that no host's name has.
func SuffixLabels(name []byte) int {
	var buf [256]byte
	suffix, _ := publicsuffix.PublicSuffix(string(plainText(buf[:0], name)))
	return min(strings.Count(suffix, ".")+1, rrset.CountLabels(name))
}

// Listed reports whether a name lies in a public suffix of the list; of any other the
// last label is taken for one.
func Listed(name []byte) bool {
	var buf [256]byte
	suffix, public := publicsuffix.PublicSuffix(string(plainText(buf[:0], name)))
	return public || strings.Contains(suffix, ".")
}

// Operator is the public suffix that somebody has as his own and that a name lies in,
// such as that of a content network, or else its registered domain.
func Operator(name []byte) []byte {
	var buf [256]byte
	suffix, public := publicsuffix.PublicSuffix(string(plainText(buf[:0], name)))
	if labels := strings.Count(suffix, ".") + 1; !public && labels > 1 {
		if own := rrset.Suffix(name, labels); own != nil {
			return own
		}
	}
	return Domain(name)
}

// plainText appends the labels of a name with dots between them, and with a question
// mark for what no public suffix has in a label, a dot above all.
func plainText(dst, name []byte) []byte {
	for at := 0; at < len(name) && name[at] != 0; at += int(name[at]) + 1 {
		if at > 0 {
			dst = append(dst, '.')
		}
		for _, c := range name[at+1 : at+1+int(name[at])] {
			if c == '.' || c >= 0x80 {
				c = '?'
			}
			dst = append(dst, c)
		}
	}
	return dst
}

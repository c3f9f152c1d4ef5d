package analysis

import (
	"bytes"
	"strings"

	"golang.org/x/net/publicsuffix"

	"example.org/pdns/plugin/pkg/rrset"
)

// domain is the registered domain that a canonical wire name is or lies in, by the
// public suffix list with its private part: a name below github.io is one of its
// own. A public suffix is its own domain.
func domain(name []byte) []byte {
	if d := rrset.Suffix(name, suffixLabels(name)+1); d != nil {
		return d
	}
	return name
}

// isRegistered reports whether a name is a registered domain, and no public suffix.
func isRegistered(name []byte) bool { return rrset.CountLabels(name) == suffixLabels(name)+1 }

// suffixLabels counts the labels of the public suffix that a name is or ends in.
func suffixLabels(name []byte) int {
	var buf [256]byte
	suffix, _ := publicsuffix.PublicSuffix(string(plainText(buf[:0], name)))
	return strings.Count(suffix, ".") + 1
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

// A nameSet counts different names. They mostly come in their order.
type nameSet struct {
	found map[string]struct{}
	last  []byte
}

func (s *nameSet) add(name []byte) {
	if bytes.Equal(name, s.last) {
		return
	}
	s.last = append(s.last[:0], name...)
	if s.found == nil {
		s.found = map[string]struct{}{}
	}
	s.found[string(name)] = struct{}{}
}

func (s *nameSet) len() int { return len(s.found) }

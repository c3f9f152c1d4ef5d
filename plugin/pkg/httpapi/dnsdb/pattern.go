package dnsdb

import (
	"bytes"
	"strings"

	"example.org/pdns/plugin/pkg/httpapi/dialect"
	"example.org/pdns/plugin/pkg/rrset"
)

type wildcard uint8

const (
	none  wildcard = iota
	left           // *.NAME: at and below it
	right          // NAME.*: of more labels than it, the first of which are its
)

// A pattern is a name, perhaps with a wildcard for labels before or behind it.
type pattern struct {
	name     []byte // canonical, without the wildcard
	wildcard wildcard
}

// parsePattern reads a name in presentation form. A * that stands for itself is
// written \*.
func parsePattern(text string) (pattern, *dialect.Fault) {
	var p pattern
	rest := text
	switch body := strings.TrimSuffix(text, "."); {
	case body == "*":
		p.wildcard, rest = left, "."
	case strings.HasPrefix(body, "*."):
		p.wildcard, rest = left, text[2:]
	case strings.HasSuffix(body, ".*") && !escaped(body, len(body)-2):
		p.wildcard, rest = right, body[:len(body)-2]
	}
	for i := range rest {
		if rest[i] == '*' && !escaped(rest, i) {
			return p, dialect.Bad(`name %s: want a * as the whole first label or the whole last, and \* for one that is part of the name`,
				dialect.Show(text))
		}
	}
	var fault *dialect.Fault
	p.name, fault = parseName(rest)
	return p, fault
}

func parseName(text string) ([]byte, *dialect.Fault) {
	name, err := rrset.ParseName(text)
	if err != nil {
		return nil, dialect.Bad(`name %s: want labels of up to 63 octets, at most 255 together, joined by dots`, dialect.Show(text))
	}
	return name, nil
}

// escaped reports whether the character at i has an odd number of \ before it.
func escaped(s string, i int) bool {
	before := s[:i]
	return (len(before)-len(strings.TrimRight(before, `\`)))%2 == 1
}

// labels are those of the name.
func (p *pattern) labels() (ls [][]byte) {
	for at := 0; p.name[at] != 0; at += int(p.name[at]) + 1 {
		ls = append(ls, p.name[at+1:at+1+int(p.name[at])])
	}
	return ls
}

// matches reports whether a wire name is meant; nil is none.
func (p *pattern) matches(name []byte) bool {
	switch p.wildcard {
	case left:
		return rrset.Encloses(p.name, name)
	case right:
		return len(name) > len(p.name) && bytes.HasPrefix(name, p.name[:len(p.name)-1])
	}
	return bytes.Equal(p.name, name)
}

// sift returns what tells of the index by names, which has them reversed, that
// they do not begin as p does.
func (p *pattern) sift() func(t uint16, reversed []byte) bool {
	// As the whole name, the labels end in one 0 more; before them the label ends that
	// comes next.
	end := rrset.AppendReversed(nil, p.name)
	return func(_ uint16, reversed []byte) bool {
		at := len(reversed) - len(end)
		return at > 0 && reversed[at-1] == 0 && bytes.HasSuffix(reversed, end)
	}
}

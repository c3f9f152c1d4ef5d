package rrset

import (
	"errors"
	"fmt"
	"slices"

	"github.com/miekg/dns"
)

// The longest wire name and label (RFC 1035, section 3.1).
const (
	maxName  = 255
	maxLabel = 63
)

// ErrName is wrapped by errors about a name in wire form that breaks RFC 1035.
var ErrName = errors.New("malformed name")

// AppendName appends the canonical wire form of a name in presentation form,
// with or without its final dot. It allocates only to grow dst.
func AppendName(dst []byte, s string) ([]byte, error) {
	n := len(dst)
	if s == "." {
		return append(dst, 0), nil
	}
	for at := 0; at < len(s); {
		var err error
		if dst, at, err = appendLabel(dst, s, at); err != nil {
			return dst[:n], fmt.Errorf("%w %q: %w", ErrName, s, err)
		}
		if len(dst)-n >= maxName {
			return dst[:n], fmt.Errorf("%w %q: longer than %d octets", ErrName, s, maxName)
		}
	}
	if len(dst) == n {
		return dst, fmt.Errorf("%w: empty", ErrName)
	}
	return append(dst, 0), nil
}

// appendLabel appends the label that begins at s[at], and returns where the next
// one does.
func appendLabel(dst []byte, s string, at int) ([]byte, int, error) {
	n := len(dst)
	dst = append(dst, 0)
	for at < len(s) && s[at] != '.' && len(dst)-n <= maxLabel+1 {
		c := s[at]
		at++
		if c == '\\' {
			var err error
			if c, at, err = unescape(s, at); err != nil {
				return dst, at, err
			}
		}
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		dst = append(dst, c)
	}
	length := len(dst) - n - 1
	switch {
	case length == 0:
		return dst, at, errors.New("empty label")
	case length > maxLabel:
		return dst, at, fmt.Errorf("label longer than %d octets", maxLabel)
	}
	dst[n] = byte(length)
	return dst, at + 1, nil
}

// ParseName returns the canonical wire form of a name in presentation form.
func ParseName(s string) ([]byte, error) { return AppendName(nil, s) }

// MustName is ParseName for names that are written in the program.
func MustName(s string) []byte {
	n, err := ParseName(s)
	if err != nil {
		panic(err)
	}
	return n
}

// lower folds ASCII upper case in a wire name. Length octets are below 64 and
// so below 'A': the whole buffer can be walked without parsing it.
func lower(wire []byte) {
	for i, b := range wire {
		if 'A' <= b && b <= 'Z' {
			wire[i] = b + 'a' - 'A'
		}
	}
}

// NameString is the presentation form of a wire name, with its final dot and
// with RFC 1035 escapes. A malformed name gives "\# " and its octets in hex.
func NameString(wire []byte) string {
	s, off, err := dns.UnpackDomainName(wire, 0)
	if err != nil || off != len(wire) {
		return fmt.Sprintf("\\# %x", wire)
	}
	return s
}

// AppendNameString appends what NameString returns. Names of letters, digits,
// hyphens and underscores, nearly all, it writes without allocating.
func AppendNameString(dst, wire []byte) []byte {
	start, at := len(dst), 0
	for at < len(wire) && wire[at] != 0 {
		end := at + 1 + int(wire[at])
		if end > len(wire) || !plainLabel(wire[at+1:end]) {
			return append(dst[:start], NameString(wire)...)
		}
		dst = append(append(dst, wire[at+1:end]...), '.')
		at = end
	}
	if at == 0 || at != len(wire)-1 {
		return append(dst[:start], NameString(wire)...)
	}
	return dst
}

func plainLabel(label []byte) bool {
	for _, c := range label {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

// NameLen returns the length of the uncompressed wire name that b starts with.
func NameLen(b []byte) (int, error) {
	for n := 0; n < len(b) && n < maxName; {
		c := int(b[n])
		if c == 0 {
			return n + 1, nil
		}
		if c > maxLabel {
			break
		}
		n += c + 1
	}
	return 0, ErrName
}

// Canonicalize brings one whole wire name into canonical form in place.
func Canonicalize(wire []byte) error {
	lower(wire)
	return CheckName(wire)
}

// CheckName reports whether wire is one whole canonical name.
func CheckName(wire []byte) error {
	if n, err := NameLen(wire); err != nil || n != len(wire) {
		return ErrName
	}
	if slices.ContainsFunc(wire, func(b byte) bool { return 'A' <= b && b <= 'Z' }) {
		return fmt.Errorf("%w: upper case", ErrName)
	}
	return nil
}

// CountLabels counts the labels of a wire name; the root has none.
func CountLabels(wire []byte) int {
	n := 0
	for i := 0; i < len(wire) && wire[i] != 0; i += int(wire[i]) + 1 {
		n++
	}
	return n
}

// Parent returns wire without its first label; the root is its own parent.
func Parent(wire []byte) []byte {
	if len(wire) == 0 || wire[0] == 0 {
		return wire
	}
	return wire[int(wire[0])+1:]
}

// Suffix returns the ancestor of wire, or wire itself, that has n labels; nil
// if wire has fewer.
func Suffix(wire []byte, n int) []byte {
	drop := CountLabels(wire) - n
	if drop < 0 {
		return nil
	}
	for ; drop > 0; drop-- {
		wire = Parent(wire)
	}
	return wire
}

// Encloses reports whether name is zone or below it.
func Encloses(zone, name []byte) bool {
	start := len(name) - len(zone)
	if len(zone) == 0 || start < 0 || string(name[start:]) != string(zone) { // few names get further
		return false
	}
	at := 0
	for at < start {
		at += int(name[at]) + 1
	}
	return at == start
}

// AppendReversed appends wire with its labels in reverse order, so that sorting
// the result sorts names by zone: each label ends in 0, the name in another 0;
// the octets 0 and 1 inside a label are written 1 1 and 1 2. The bytes before
// the last 0 are a prefix of the reversed form of every name below.
func AppendReversed(dst, wire []byte) []byte {
	var starts [maxName/2 + 1]uint8
	n := 0
	for i := 0; i < len(wire) && wire[i] != 0 && n < len(starts); i += int(wire[i]) + 1 {
		starts[n] = uint8(i)
		n++
	}
	for n--; n >= 0; n-- {
		at := int(starts[n])
		for _, b := range wire[at+1 : at+1+int(wire[at])] {
			if b <= 1 {
				dst = append(dst, 1)
				b++
			}
			dst = append(dst, b)
		}
		dst = append(dst, 0)
	}
	return append(dst, 0)
}

// AppendUnreversed appends to dst the wire name whose reversed form b starts
// with, and returns how many bytes of b that form took.
func AppendUnreversed(dst, b []byte) ([]byte, int, error) {
	var labels [maxName + 1]byte // filled from the end: the first label comes last
	at := len(labels) - 1
	for i := 0; ; {
		if i < len(b) && b[i] == 0 {
			return append(dst, labels[at:]...), i + 1, nil
		}
		label, n, err := unreversedLabel(b[i:])
		if err != nil || at-len(label)-1 < 1 {
			return dst, 0, fmt.Errorf("%w: reversed form", ErrName)
		}
		i += n
		at -= len(label) + 1
		labels[at] = byte(len(label))
		copy(labels[at+1:], label)
	}
}

// unreversedLabel returns the first label in b without escapes, and the length
// of its encoding. Labels without escapes, nearly all, are not copied.
func unreversedLabel(b []byte) ([]byte, int, error) {
	end := slices.Index(b, 0)
	if end <= 0 {
		return nil, 0, ErrName
	}
	label := b[:end]
	if slices.Contains(label, 1) {
		plain := make([]byte, 0, end)
		for i := 0; i < end; i++ {
			c := label[i]
			if c == 1 {
				i++
				if i == end || label[i] > 2 {
					return nil, 0, ErrName
				}
				c = label[i] - 1
			}
			plain = append(plain, c)
		}
		label = plain
	}
	if len(label) > maxLabel {
		return nil, 0, ErrName
	}
	return label, end + 1, nil
}

// LabelString is the presentation form of one label.
func LabelString(label []byte) string {
	if len(label) == 0 || len(label) > maxLabel {
		return fmt.Sprintf("\\# %x", label)
	}
	wire := append(append([]byte{byte(len(label))}, label...), 0)
	s := NameString(wire)
	return s[:len(s)-1]
}

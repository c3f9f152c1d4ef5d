package disposable

import "strings"

// A Place says where a name is to a set of names that have collapsed.
type Place uint8

// The places.
const (
	Outside Place = iota
	Above         // names below it may be in the set
	Inside        // it may be in the set
)

// Find says where a name is to a set of a shape: labels are those of the name that
// are below the owner of the set, in wire form and without the root.
func Find(shape string, labels []byte) Place {
	one := len(labels) > 0 && int(labels[0])+1 == len(labels)
	switch shape {
	case anyLabel:
		if one {
			return Inside
		}
		return Outside
	case anyLabels:
		if one {
			return Above
		}
		return Inside
	}
	own, _ := Shape(labels)
	switch {
	case own == shape:
		return Inside
	case strings.HasSuffix(shape, "."+own), strings.HasPrefix(shape, "x") && nibbles(labels)*2 == len(labels):
		return Above
	}
	return Outside
}

// Denies reports whether a set of a shape has only names that did not exist, or not
// with the type asked for.
func Denies(shape string) bool { return shape == anyLabel || shape == anyLabels }

package disposable

import (
	"bytes"
	"math/bits"
	"strconv"
)

// Shapes of names that do not exist: every one label, and more than one.
const (
	anyLabel  = "*"
	anyLabels = "**"
)

// maxLabels is how many labels a shape has at most, but for addresses of IPv6.
const maxLabels = 5

// minNibbles is how many labels of one hexadecimal digit in a row are taken for an
// address of IPv6, written backwards.
const minNibbles = 16

// Shape is what labels of a name, in wire form and without the root, have in
// common with others that the same program made, and whether a program made them
// at all: people make words.
//
// Labels are cut at "-" and "_", and each piece is a letter and the least length of
// its class: 1, 4, 8, 16 or 32.
//
//	w         letters only: a word, of any length
//	d1        digits, less than 8 of them
//	h8        digits, or digits and letters a to f, 8 or more
//	m4        letters and digits
//	o8        with other octets
//	uuid      xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx
//	x32       so many labels of one hexadecimal digit each
//
// A label of words alone, and one in punycode, is w.
func Shape(labels []byte) (shape string, machine bool) {
	var buf [shapeRoom]byte
	w := walk{rest: labels, text: buf[:0]}
	for w.next() {
		machine = machine || w.machine
	}
	return string(w.text), machine
}

// shapeRoom is more than any shape takes: maxLabels of maxPieces.
const shapeRoom = 256

// A walk goes over the labels of a name from the first one on.
type walk struct {
	rest    []byte // what is behind the labels walked over
	labels  int    // how many these are
	text    []byte // their shape
	machine bool   // a program made the last of them
}

// next moves on by a label; by many where they are an address of IPv6.
func (w *walk) next() bool {
	if w.labels == 0 {
		if n := nibbles(w.rest); n >= minNibbles {
			w.labels, w.rest, w.machine = n, w.rest[2*n:], true
			w.text = appendClass(w.text, 'x', n)
			return true
		}
	}
	if w.labels >= maxLabels || len(w.rest) == 0 || w.rest[0] == 0 {
		return false
	}
	if w.labels++; w.labels > 1 {
		w.text = append(w.text, '.')
	}
	n := int(w.rest[0]) + 1
	w.text, w.machine = appendLabel(w.text, w.rest[1:n])
	w.rest = w.rest[n:]
	return true
}

// nibbles counts the labels of one hexadecimal digit that a name begins with.
func nibbles(name []byte) int {
	n := 0
	for len(name) >= 2 && name[0] == 1 && (isDigit(name[1]) || isHexLetter(name[1])) {
		name = name[2:]
		n++
	}
	return n
}

// maxPieces is how many pieces of a label are told.
const maxPieces = 8

// appendLabel appends the shape of a label.
func appendLabel(dst, label []byte) (shape []byte, machine bool) {
	switch {
	case bytes.HasPrefix(label, []byte("xn--")):
		return append(dst, 'w'), false
	case isUUID(label):
		return append(dst, "uuid"...), true
	}
	whole := len(dst)
	for pieces := 0; ; pieces++ {
		end := bytes.IndexAny(label, "-_")
		piece := label
		if end >= 0 {
			piece = label[:end]
		}
		if len(piece) > 0 {
			class := classOf(piece)
			machine = machine || class != 'w'
			dst = appendClass(dst, class, len(piece))
		}
		if end < 0 {
			break
		}
		dst = append(dst, label[end])
		label = label[end+1:]
		if pieces == maxPieces-1 {
			dst = append(dst, '+')
			machine = machine || bytes.ContainsAny(label, "0123456789")
			break
		}
	}
	if !machine {
		dst = append(dst[:whole], 'w')
	}
	return dst, machine
}

func appendClass(dst []byte, class byte, length int) []byte {
	dst = append(dst, class)
	if class == 'w' {
		return dst
	}
	return strconv.AppendInt(dst, lengthClass(length), 10)
}

// lengthClass is the least length of those that are alike.
func lengthClass(n int) int64 {
	if n < 4 {
		return 1
	}
	return int64(1) << (bits.Len(uint(n)) - 1)
}

// classOf is the class of a piece of a label.
func classOf(piece []byte) byte {
	digits, hex := 0, 0
	for _, b := range piece {
		switch {
		case isDigit(b):
			digits++
		case isHexLetter(b):
			hex++
		case b < 'a' || b > 'z':
			return 'o'
		}
	}
	switch n := len(piece); {
	case digits == 0:
		return 'w'
	case digits+hex == n && n >= 8:
		return 'h'
	case digits == n:
		return 'd'
	}
	return 'm'
}

func isDigit(b byte) bool     { return '0' <= b && b <= '9' }
func isHexLetter(b byte) bool { return 'a' <= b && b <= 'f' }

func isUUID(label []byte) bool {
	if len(label) != 36 {
		return false
	}
	for i, b := range label {
		if dash := i == 8 || i == 13 || i == 18 || i == 23; dash != (b == '-') || !dash && !isDigit(b) && !isHexLetter(b) {
			return false
		}
	}
	return true
}

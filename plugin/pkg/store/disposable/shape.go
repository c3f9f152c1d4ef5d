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
	w := walk{rest: labels}
	for w.next() {
		machine = machine || w.machine
	}
	return string(w.shape()), machine
}

// shapeRoom is more than any shape takes: maxLabels of maxPieces.
const shapeRoom = 192

// A walk goes over the labels of a name from the first one on.
type walk struct {
	rest    []byte // what is behind the labels walked over
	labels  int    // how many these are
	machine bool   // a program made the last of them
	text    [shapeRoom]byte
	n       int // octets of text
}

// shape is that of the labels walked over, until the next step.
func (w *walk) shape() []byte { return w.text[:w.n] }

// set makes the shape another one.
func (w *walk) set(shape string) { w.n = copy(w.text[:], shape) }

// next moves on by a label; by many where they are an address of IPv6.
func (w *walk) next() bool {
	if w.labels == 0 {
		if n := nibbles(w.rest); n >= minNibbles {
			w.labels, w.rest, w.machine = n, w.rest[2*n:], true
			w.n = len(appendClass(w.text[:0], 'x', n))
			return true
		}
	}
	if w.labels >= maxLabels || len(w.rest) == 0 || w.rest[0] == 0 {
		return false
	}
	if w.labels++; w.labels > 1 {
		w.text[w.n] = '.'
		w.n++
	}
	end := int(w.rest[0]) + 1
	shape, machine := appendLabel(w.text[:w.n], w.rest[1:end])
	w.n, w.machine = len(shape), machine
	w.rest = w.rest[end:]
	return true
}

// nibbles counts the labels of one hexadecimal digit that a name begins with.
func nibbles(name []byte) int {
	n := 0
	for len(name) >= 2 && name[0] == 1 && isHex(name[1]) {
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
	case isWord(label), bytes.HasPrefix(label, []byte("xn--")):
		return append(dst, 'w'), false
	case isUUID(label):
		return append(dst, "uuid"...), true
	}
	start := 0
	for at, pieces := 0, 0; ; at++ {
		if at < len(label) && kinds[label[at]] != cut {
			continue
		}
		dst = appendPiece(dst, label[start:at])
		if at == len(label) {
			return dst, true
		}
		dst = append(dst, label[at])
		start = at + 1
		if pieces++; pieces == maxPieces {
			return append(dst, '+'), true
		}
	}
}

// The kinds of octets.
const (
	other = iota
	digit
	hexLetter
	letter
	cut
)

var kinds = func() (kinds [256]uint8) {
	for c := 'a'; c <= 'z'; c++ {
		kinds[c] = letter
		if c <= 'f' {
			kinds[c] = hexLetter
		}
	}
	for c := '0'; c <= '9'; c++ {
		kinds[c] = digit
	}
	kinds['-'], kinds['_'] = cut, cut
	return kinds
}()

// isWord reports whether a label has letters only, beside what cuts it.
func isWord(label []byte) bool {
	for _, b := range label {
		if kinds[b] < hexLetter {
			return false
		}
	}
	return true
}

// appendPiece appends the class of a piece of a label.
func appendPiece(dst, piece []byte) []byte {
	var n [cut]int
	for _, b := range piece {
		n[kinds[b]]++
	}
	class := byte('m')
	switch all := len(piece); {
	case all == 0:
		return dst
	case n[other] > 0:
		class = 'o'
	case n[digit] == 0:
		return append(dst, 'w')
	case n[letter] == 0 && all >= 8:
		class = 'h'
	case n[digit] == all:
		class = 'd'
	}
	return appendClass(dst, class, len(piece))
}

func appendClass(dst []byte, class byte, length int) []byte {
	return strconv.AppendInt(append(dst, class), lengthClass(length), 10)
}

// lengthClass is the least length of those that are alike.
func lengthClass(n int) int64 {
	if n < 4 {
		return 1
	}
	return int64(1) << (bits.Len(uint(n)) - 1)
}

func isHex(b byte) bool { return kinds[b] == digit || kinds[b] == hexLetter }

func isUUID(label []byte) bool {
	if len(label) != 36 {
		return false
	}
	for i, b := range label {
		if dash := i == 8 || i == 13 || i == 18 || i == 23; dash != (b == '-') || !dash && !isHex(b) {
			return false
		}
	}
	return true
}

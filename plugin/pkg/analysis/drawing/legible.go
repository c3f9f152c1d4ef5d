package drawing

import (
	"encoding/xml"
	"strings"
	"unicode"
)

// legible is text without what nobody can see or no format can hold: control
// characters, those that turn the direction of writing, and bytes that are no text
// become U+FFFD.
func legible(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && !unicode.IsPrint(r) {
			return unicode.ReplacementChar
		}
		return r
	}, s)
}

// escaped is legible text for XML.
func escaped(s string) string {
	var b strings.Builder
	xml.EscapeText(&b, []byte(legible(s))) // a builder takes everything
	return b.String()
}

package mail

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"example.org/pdns/plugin/pkg/registered"
	"example.org/pdns/plugin/pkg/rrset"
)

// Links in text: with a scheme, defanged or not; names that begin with www or whose dots
// are defanged; names with a path.
var (
	dot     = `(?:\.|\[\.\]|\(\.\)|\{\.\}|\[dot\]|\(dot\))`
	rest    = `(?:` + dot + `|\[[:/@]\]|[^()\[\]{}])` // brackets end it: [text](link)
	textual = regexp.MustCompile(`(?i)\b(?:h[tx]{2}ps?|h[tx]tp|fxp|ftp)(?::|\[:\])(?:/|\\|\[/\]){2}` + rest + `+` +
		`|\b(?:[\p{L}\p{N}_-]+` + dot + `)+[\p{L}\p{N}-]{2,}(?:[:/]` + rest + `*)?`)
	fanged = regexp.MustCompile(`(?i)\[\.\]|\(\.\)|\{\.\}|\[dot\]|\(dot\)`)
)

// mostWord bounds how much without a blank is searched at once, in bytes: the work for
// one that a link may begin at every few bytes of grows with its length.
const mostWord = 64 << 10

// text finds the links that are written in text: of a large one by words, most of which
// need no closer look.
func (m *reader) text(text []byte, kind Kind, part string) {
	for word := range bytes.FieldsFuncSeq(text, endsWord) {
		for piece := range slices.Chunk(word, mostWord) {
			if m.full() {
				return
			}
			if bytes.IndexByte(piece, '.') >= 0 || bytes.Contains(bytes.ToLower(piece), []byte("dot")) {
				m.word(string(piece), kind, part)
			}
		}
	}
}

// endsWord reports whether a character is never part of a link.
func endsWord(r rune) bool {
	return r <= ' ' || r == '<' || r == '>' || r == '"' || r == '\'' || r == '`' || r == ',' || r == '|' || unicode.IsSpace(r)
}

// word finds the links in a text without blanks.
func (m *reader) word(text string, kind Kind, part string) {
	for _, span := range textual.FindAllStringIndex(text, -1) {
		found := strings.TrimRight(text[span[0]:span[1]], ".,;:!?)]}*_")
		if span[0] > 0 && text[span[0]-1] == '@' {
			continue // an address of mail
		}
		if !strings.Contains(defanged.Replace(found), "://") {
			if span[1] < len(text) && text[span[1]] == '@' || !looksLikeLink(found) {
				continue
			}
			found = "http://" + found
		}
		m.link(found, kind, part)
	}
}

// looksLikeLink reports whether a name in text is meant as a link, and is no file's name
// or the end of a sentence.
func looksLikeLink(s string) bool {
	if fanged.MatchString(s) || strings.HasPrefix(strings.ToLower(s), "www.") {
		return true
	}
	name, _, path := strings.Cut(s, "/")
	if !path {
		return false
	}
	name, _, _ = strings.Cut(name, ":")
	host, err := hostName(name)
	if err != nil {
		return false
	}
	wire, err := rrset.ParseName(host)
	return err == nil && registered.Listed(wire)
}

// mostLink bounds what is read of one link, in bytes: a host stands at its beginning, and
// what a gateway wrapped is not much longer.
const mostLink = 16 << 10

// link notes where a URL leads, if it has a host.
func (m *reader) link(text string, kind Kind, part string) {
	if m.full() {
		return
	}
	m.looked++
	text = text[:min(len(text), mostLink)]
	if _, _, ok := parse(text); !ok {
		return // a place in the page, a mail address, a script
	}
	name, through, err := unwrap(text)
	if err != nil {
		m.problem("%s: a link without a host that can be read: %v", part, err)
		return
	}
	m.add(name, kind, part, through)
}

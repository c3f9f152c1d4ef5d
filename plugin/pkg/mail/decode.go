package mail

import (
	"bufio"
	"bytes"
	"io"
	"strings"

	"github.com/emersion/go-message"
)

func newBuffered(r io.Reader) *bufio.Reader { return bufio.NewReader(r) }

// decode undoes the transfer encoding of a part. If it is malformed, what could be
// decoded counts, and partly is true: that has been told.
func (m *reader) decode(h message.Header, body []byte, place []int) (decoded []byte, partly bool) {
	encoding := strings.ToLower(strings.TrimSpace(h.Get("Content-Transfer-Encoding")))
	switch encoding {
	case "base64":
		body = onlyBase64(body)
	case "quoted-printable":
		body = onlyQuoted(body)
	case "", "7bit", "8bit", "binary":
		return body, false
	default:
		m.problem("%s: an unknown Content-Transfer-Encoding, read as it is", named(place))
		return body, false
	}
	var only message.Header // no text, so that no charset is converted
	only.Set("Content-Transfer-Encoding", encoding)
	only.Set("Content-Type", "application/octet-stream")
	e, err := message.New(only, bytes.NewReader(body))
	if err == nil {
		decoded, err = io.ReadAll(e.Body)
	}
	if err != nil {
		m.problem("%s: malformed %s; what was before that is read", named(place), encoding)
	}
	return decoded, err != nil
}

// onlyQuoted makes what is no quoted-printable text stand for itself, as programs that
// show mail do, and leaves out control characters.
func onlyQuoted(body []byte) []byte {
	kept := make([]byte, 0, len(body))
	for i, c := range body {
		switch {
		case c == '=' && !escapes(body[i+1:]):
			kept = append(kept, "=3D"...)
		case c >= ' ' && c != 0x7f, c == '\t', c == '\r', c == '\n':
			kept = append(kept, c)
		}
	}
	return kept
}

// escapes reports whether an equals sign before rest is an escape or a soft break.
func escapes(rest []byte) bool {
	line, _, _ := bytes.Cut(rest[:min(len(rest), 80)], []byte("\n"))
	return len(bytes.TrimRight(line, " \t\r")) == 0 || len(rest) > 1 && isHex(rest[0]) && isHex(rest[1])
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'F' || c >= 'a' && c <= 'f'
}

// onlyBase64 leaves out what is not of the alphabet, as decoders must (RFC 2045, section
// 6.8), and completes the last group.
func onlyBase64(body []byte) []byte {
	kept := make([]byte, 0, len(body)+3)
	for _, c := range body {
		if c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '+' || c == '/' {
			kept = append(kept, c)
		} else if c == '=' && len(kept)%4 > 1 { // padding: what follows is another text
			for len(kept)%4 != 0 {
				kept = append(kept, 'A')
			}
		}
	}
	if len(kept)%4 == 1 {
		kept = kept[:len(kept)-1]
	}
	for len(kept)%4 != 0 {
		kept = append(kept, '=')
	}
	return kept
}

// decodedText converts text from the charset that a part says into UTF-8. Of a charset
// that nobody knows, what is ASCII can be read.
func decodedText(h message.Header, kind string, decoded []byte, m *reader, place []int) io.Reader {
	var only message.Header
	_, params, _ := h.ContentType()
	charset := strings.TrimSpace(params["charset"])
	switch {
	case bytes.HasPrefix(decoded, []byte("\xff\xfe")):
		charset = "utf-16le"
	case bytes.HasPrefix(decoded, []byte("\xfe\xff")):
		charset = "utf-16be"
	}
	if charset == "" {
		return bytes.NewReader(decoded)
	}
	only.SetContentType("text/plain", map[string]string{"charset": charset})
	e, err := message.New(only, bytes.NewReader(decoded))
	if err != nil {
		m.problem("%s: an unknown charset, read as ASCII", named(place))
		return bytes.NewReader(decoded)
	}
	return e.Body
}

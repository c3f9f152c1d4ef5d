package mail

import (
	"bytes"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset" // converts what is not in UTF-8
	"github.com/emersion/go-message/textproto"
)

// message reads a whole message, the one that was given or one in it. It reports
// whether it has a header.
func (m *reader) message(raw []byte, place []int, depth int) bool {
	header, body, ok := m.header(raw, place)
	if !ok {
		return false
	}
	m.recipients(header)
	m.senders(header, place)
	m.part(header, body, place, depth)
	return true
}

// mostHeader bounds a header, in bytes.
const mostHeader = 1 << 20

// header takes the header from a message or a part. Lines that belong to none are left
// out, since one of these would make the library give up.
func (m *reader) header(raw []byte, place []int) (h message.Header, body []byte, ok bool) {
	var block bytes.Buffer
	stray, dropped, field := 0, 0, ""
	for body = raw; len(body) > 0; {
		line, rest, _ := bytes.Cut(body, []byte("\n"))
		line = bytes.TrimRight(line, "\r")
		if len(line) == 0 {
			body = rest
			break
		}
		body = rest
		switch {
		case dropped > 0 || block.Len()+len(line) > mostHeader:
			dropped += len(line)
			field = m.beyond(field, line)
		case (line[0] == ' ' || line[0] == '\t') && block.Len() > 0, isField(line):
			if line[0] != ' ' && line[0] != '\t' {
				name, _, _ := bytes.Cut(line, []byte(":"))
				field = strings.ToLower(string(bytes.TrimSpace(name)))
			}
			block.Write(line)
			block.WriteString("\r\n")
		default:
			stray++
		}
	}
	if dropped > 0 {
		m.cut("%s: %d bytes of the header behind the first %d were read for recipients only", named(place), dropped, mostHeader)
	}
	if stray > 0 && block.Len() > 0 {
		m.problem("%s: header lines that are none, left out: %d", named(place), stray)
	}
	fields := block.Len() > 0
	block.WriteString("\r\n")
	read, err := textproto.ReadHeader(newBuffered(&block))
	if err != nil {
		m.problem("%s: a header that cannot be read", named(place))
	}
	return message.Header{Header: read}, body, fields
}

// beyond notes the recipients in a line behind the bound of a header, which belongs to
// the field before it if it is no other, and returns the name of its field.
func (m *reader) beyond(field string, line []byte) string {
	value := line
	if isField(line) {
		name, rest, _ := bytes.Cut(line, []byte(":"))
		field, value = strings.ToLower(string(bytes.TrimSpace(name))), rest
	}
	if recipientFields[field] {
		m.recipientField(field, string(value))
	}
	return field
}

// isField reports whether a line begins a header field: a name of printable ASCII, then
// a colon (RFC 5322, section 2.2).
func isField(line []byte) bool {
	name, _, ok := bytes.Cut(line, []byte(":"))
	name = bytes.TrimRight(name, " \t")
	return ok && len(name) > 0 && bytes.IndexFunc(name, func(r rune) bool { return r <= ' ' || r > '~' }) < 0
}

// named is the place of a part for messages.
func named(place []int) string {
	if len(place) == 0 {
		return "the message"
	}
	return "part " + dotted(place)
}

func dotted(place []int) string {
	var b strings.Builder
	for i, n := range place {
		if i > 0 {
			b.WriteByte('.')
		}
		fmt.Fprint(&b, n)
	}
	return b.String()
}

// part reads one part, and those in it.
func (m *reader) part(h message.Header, body []byte, place []int, depth int) {
	if m.out.Parts == m.limits.Parts {
		m.cut("parts behind the first %d were not read", m.limits.Parts)
		return
	}
	m.out.Parts++
	kind, params, err := h.ContentType()
	if err != nil {
		m.problem("%s: Content-Type: malformed", named(place))
		kind, _, _ = strings.Cut(kind, ";")
	}
	kind = strings.ToLower(strings.TrimSpace(kind))
	switch {
	case kind == "":
		kind = "text/plain"
	case kind == "application/octet-stream" || kind == "application/x-unknown":
		kind = byName(h, params)
	}
	inside := strings.HasPrefix(kind, "multipart/") || kind == "message/rfc822" || kind == "message/global"
	if inside && depth == m.limits.Depth {
		m.cut("parts below a depth of %d were not read", m.limits.Depth)
		return
	}
	if strings.HasPrefix(kind, "multipart/") {
		m.multipart(body, params["boundary"], place, depth)
		return
	}
	read := m.searcher(kind)
	if read == nil && !inside {
		m.unread[toldType(kind)]++
		return
	}
	decoded, partly := m.decode(h, body, place)
	if inside {
		if !m.message(decoded, place, depth+1) {
			m.problem("%s: an attached message without a header", named(place))
		}
		return
	}
	text, err := io.ReadAll(decodedText(h, kind, decoded, m, place))
	if err != nil && !partly {
		m.problem("%s: malformed text of its charset; what was before that is read", named(place))
	}
	label := toldType(kind)
	if len(place) > 0 {
		label = dotted(place) + " " + label
	}
	read(text, label)
}

// searcher is what finds the links in a part of a type; nil if nothing does.
func (m *reader) searcher(kind string) func(text []byte, part string) {
	switch {
	case kind == "text/html", kind == "application/xhtml+xml", kind == "image/svg+xml", kind == "text/xml":
		return m.html
	case strings.HasPrefix(kind, "text/"):
		return func(text []byte, part string) { m.text(text, Text, part) }
	}
	return nil
}

// byName is the type that the name of an attachment of no certain type says.
func byName(h message.Header, params map[string]string) string {
	name := params["name"]
	if _, disposition, err := h.ContentDisposition(); err == nil && disposition["filename"] != "" {
		name = disposition["filename"]
	}
	switch strings.ToLower(path.Ext(name)) {
	case ".html", ".htm", ".xhtml", ".shtml":
		return "text/html"
	case ".svg":
		return "image/svg+xml"
	case ".eml":
		return "message/rfc822"
	case ".txt":
		return "text/plain"
	}
	return "application/octet-stream"
}

// multipart reads the parts between lines of a boundary (RFC 2046, section 5.1). One
// that never comes leaves a body that is searched as if it were text.
func (m *reader) multipart(body []byte, boundary string, place []int, depth int) {
	parts, closed := split(body, boundary)
	switch {
	case len(parts) == 0:
		m.problem("%s: no boundary, searched as text", named(place))
		m.text(body, Text, strings.TrimSpace(dotted(place)+" multipart"))
		return
	case !closed:
		m.problem("%s: the last part does not end", named(place))
	}
	for i, raw := range parts {
		at := append(place[:len(place):len(place)], i+1)
		h, inside, fields := m.header(raw, at)
		if !fields && len(raw) > 0 && raw[0] != '\n' && raw[0] != '\r' {
			m.problem("%s: no header, read as text", named(at))
			inside = raw
		}
		m.part(h, inside, at, depth+1)
	}
}

// split cuts a body at the lines of a boundary, and reports whether the last of them
// says that it is. What is before the first is for programs that know no parts.
func split(body []byte, boundary string) (parts [][]byte, closed bool) {
	if boundary == "" {
		return nil, false
	}
	delimiter := []byte("--" + boundary)
	begin := -1
	for at := 0; at < len(body); {
		end, next := len(body), len(body)
		if i := bytes.IndexByte(body[at:], '\n'); i >= 0 {
			end, next = at+i, at+i+1
		}
		if rest, ok := bytes.CutPrefix(body[at:end], delimiter); ok {
			rest = bytes.TrimRight(rest, " \t\r")
			last := string(rest) == "--"
			if last || len(rest) == 0 {
				if begin >= 0 {
					parts = append(parts, body[begin:at])
				}
				if last {
					return parts, true
				}
				begin = next
			}
		}
		at = next
	}
	if begin >= 0 && begin < len(body) {
		parts = append(parts, body[begin:])
	}
	return parts, false
}

package mail

import (
	"bytes"
	"regexp"
	"strings"

	"golang.org/x/net/html"
)

// maxToken bounds one tag or text of HTML, in bytes; what is longer ends the reading.
const maxToken = 4 << 20

// Attributes that lead somewhere, by what they do.
var attributes = map[string]Kind{
	"href": Anchor, "xlink:href": Anchor, "ping": Anchor, "cite": Anchor, "action": Form, "formaction": Form,
	"src": Embed, "data": Embed, "codebase": Embed, "srcset": Image, "background": Image, "poster": Image,
}

// pictures are the tags whose src is a picture.
var pictures = map[string]bool{"img": true, "image": true, "input": true, "source": true, "video": true, "audio": true}

// html finds the links in HTML.
func (m *reader) html(text []byte, part string) {
	z := html.NewTokenizer(bytes.NewReader(text))
	z.SetMaxBuf(maxToken)
	inside := "" // a tag whose text is not shown
	for !m.full() {
		switch z.Next() {
		case html.ErrorToken:
			if z.Err() == html.ErrBufferExceeded {
				m.problem("%s: a tag or text of more than %d bytes; what was before it is read", part, maxToken)
			}
			return
		case html.TextToken:
			switch inside {
			case "style":
				m.styles(string(z.Text()), part)
			case "script":
				m.text(z.Text(), Embed, part)
			default:
				m.text(z.Text(), Shown, part)
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			m.tag(&t, part)
			if inside = ""; t.Data == "style" || t.Data == "script" {
				inside = t.Data
			}
		case html.EndTagToken:
			inside = ""
		case html.CommentToken:
			// Outlook reads conditional comments, and links in them.
			if inner := z.Text(); bytes.HasPrefix(bytes.TrimSpace(inner), []byte("[if")) {
				m.conditional(inner, part)
			}
		}
	}
}

// conditional finds the links in a comment that one program does not take for one.
func (m *reader) conditional(inner []byte, part string) {
	z := html.NewTokenizer(bytes.NewReader(inner))
	for tt := z.Next(); tt != html.ErrorToken && !m.full(); tt = z.Next() {
		if tt == html.StartTagToken || tt == html.SelfClosingTagToken {
			t := z.Token()
			m.tag(&t, part)
		}
	}
}

// tag finds the links of one tag.
func (m *reader) tag(t *html.Token, part string) {
	for _, a := range t.Attr {
		value := strings.TrimSpace(a.Val)
		kind, leads := attributes[a.Key]
		switch {
		case a.Key == "style":
			m.styles(value, part)
		case t.Data == "meta" && a.Key == "content":
			m.refresh(t, value, part)
		case !leads:
		case a.Key == "srcset":
			for candidate := range strings.SplitSeq(value, ",") {
				if m.full() {
					return
				}
				address, _, _ := strings.Cut(strings.TrimSpace(candidate), " ")
				m.link(address, Image, part)
			}
		case a.Key == "src" && pictures[t.Data]:
			m.link(value, Image, part)
		case a.Key == "href" && t.Data == "link":
			m.link(value, Image, part)
		case a.Key == "href" && t.Data == "image", a.Key == "xlink:href" && t.Data == "image":
			m.link(value, Image, part)
		default:
			m.link(value, kind, part)
		}
	}
}

var target = regexp.MustCompile(`(?is)^\s*[\d.]*\s*[;,]?\s*(?:url\s*=)?\s*(.+)`)

// refresh finds where a page goes by itself: <meta http-equiv=refresh content="0; url=...">.
func (m *reader) refresh(t *html.Token, content, part string) {
	for _, a := range t.Attr {
		if a.Key == "http-equiv" && strings.EqualFold(strings.TrimSpace(a.Val), "refresh") {
			if found := target.FindStringSubmatch(content); found != nil {
				m.link(strings.Trim(found[1], "'\" \t"), Refresh, part)
			}
		}
	}
}

var urls = regexp.MustCompile(`(?i)url\(\s*["']?([^"')\s]+)`)

// styles finds the pictures of a style.
func (m *reader) styles(text, part string) {
	for !m.full() {
		found := urls.FindStringSubmatchIndex(text)
		if found == nil {
			return
		}
		m.link(text[found[2]:found[3]], Image, part)
		text = text[found[1]:]
	}
}

package mail

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
)

// A Kind says how a mail leads to a host.
type Kind string

// The kinds of links, those that say most about what the mail wants first.
const (
	Form    Kind = "form"    // what is filled in is sent there
	Refresh Kind = "refresh" // the page goes there by itself
	Anchor  Kind = "link"    // of HTML
	Text    Kind = "text"    // written in plain text
	Embed   Kind = "embed"   // a frame, a script, an object
	Image   Kind = "image"   // a picture, a style
	Shown   Kind = "shown"   // written in the text of HTML, whose link may lead elsewhere
	Sender  Kind = "sender"  // the domain of an address in the header
)

// A Link is a host that a mail leads to, from one place and in one way.
type Link struct {
	Host string // a name as A-labels in lower case without its final dot, or an address
	Kind Kind
	// Part is the MIME type of the part, behind its place in the message: "1.2
	// text/html" is the second part of the first one. Of a sender it is the header field,
	// behind the place of the message if that is attached: "Reply-To", "2 From".
	Part    string
	Count   int      // how often
	Through []string // hosts of the gateways that had wrapped it, the outermost first
}

// A Message is what was found in one mail.
type Message struct {
	Links    []Link // in the order in which they were found
	Parts    int    // parts of any type, those that hold others included
	Unread   []Unread
	Personal int      // links whose host named a recipient: those labels are left out
	Problems []string // what is malformed, and what could be read in spite of it
	Cuts     []string // what the limits left out
	// Recipients finds whom the mail was sent to in names that come from elsewhere.
	Recipients *Recipients
}

// Unread says how many parts of a type were not searched for links.
type Unread struct {
	Type  string `json:"type"`
	Parts int    `json:"parts"`
}

// Limits keep the work finite. Zero values are defaults.
type Limits struct {
	Bytes int64 // of the mail; 64 MiB
	Parts int   // 2000
	Depth int   // of parts in parts, and of messages in messages; 20
	Links int   // different ones; 10,000
}

func (l Limits) withDefaults() Limits {
	l.Bytes = cmp.Or(max(0, l.Bytes), 64<<20)
	l.Parts, l.Depth, l.Links = cmp.Or(max(0, l.Parts), 2000), cmp.Or(max(0, l.Depth), 20), cmp.Or(max(0, l.Links), 10_000)
	return l
}

// mostProblems bounds how many problems are told; the rest is counted.
const mostProblems = 20

// Errors of what is no mail at all.
var (
	ErrEmpty   = errors.New("empty, want a mail (RFC 5322)")
	ErrUTF16   = errors.New("text in UTF-16, want a mail as it was sent: save it as .eml, or convert it into UTF-8")
	ErrOutlook = errors.New("an Outlook message (.msg), want a mail as it was sent: save it as .eml")
	ErrNoMail  = errors.New("no header, want a mail (RFC 5322): lines such as From: and Subject:, an empty one, then the text")
)

// Read reads one mail. It returns an error if r cannot be read or holds no mail; a mail
// in which nothing was found is none. If the deadline of ctx passes while the mail is
// searched, what was found until then counts, and that is a cut; if ctx is cancelled, or
// ends before all was read from r, its error is returned. A read that blocks then goes
// on: r must not be used any more.
func Read(ctx context.Context, r io.Reader, l Limits) (*Message, error) {
	l = l.withDefaults()
	raw, err := readAll(ctx, io.LimitReader(r, l.Bytes+1))
	if err != nil {
		return nil, err
	}
	m := &reader{ctx: ctx, limits: l, found: map[string]int{}, unread: map[string]int{}, addresses: map[string]bool{}}
	m.out.Recipients = &Recipients{keys: map[string]bool{}}
	if int64(len(raw)) > l.Bytes {
		raw = raw[:l.Bytes]
		m.cut("only the first %d bytes were read", l.Bytes)
	}
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	raw = bytes.TrimLeft(raw, "\r\n \t")
	switch {
	case len(raw) == 0:
		return nil, ErrEmpty
	case bytes.HasPrefix(raw, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
		return nil, ErrOutlook
	case bytes.HasPrefix(raw, []byte("\xff\xfe")), bytes.HasPrefix(raw, []byte("\xfe\xff")), len(raw) > 3 && (raw[1] == 0 && raw[3] == 0 || raw[0] == 0 && raw[2] == 0):
		return nil, ErrUTF16
	}
	if bytes.HasPrefix(raw, []byte("From ")) { // of a mailbox (RFC 4155)
		_, raw, _ = bytes.Cut(raw, []byte("\n"))
	}
	if !m.message(raw, nil, 0) {
		return nil, ErrNoMail
	}
	if err := ctx.Err(); errors.Is(err, context.Canceled) {
		return nil, err
	}
	return m.done(), nil
}

// readAll reads all of r, unless ctx ends before.
func readAll(ctx context.Context, r io.Reader) ([]byte, error) {
	type result struct {
		raw []byte
		err error
	}
	done := make(chan result, 1)
	go func() {
		raw, err := io.ReadAll(r)
		done <- result{raw, err}
	}()
	select {
	case all := <-done:
		return all.raw, all.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// mostLooked bounds how many links are looked at, the same ones too.
const mostLooked = 200_000

// full reports whether no more links are looked for, and tells why.
func (m *reader) full() bool {
	switch {
	case m.ctx.Err() != nil:
		m.cut("the time was over before all of it was searched for links")
	case m.looked >= mostLooked:
		m.cut("links behind the first %d, the same ones too, were not looked at", mostLooked)
	default:
		return false
	}
	return true
}

// A reader reads one mail.
type reader struct {
	ctx       context.Context
	limits    Limits
	out       Message
	found     map[string]int // links by all but their count
	unread    map[string]int
	addresses map[string]bool // of recipients
	problems  int
	cutLinks  int
	looked    int // links
}

func (m *reader) problem(format string, args ...any) {
	if m.problems++; m.problems <= mostProblems {
		m.out.Problems = append(m.out.Problems, fmt.Sprintf(format, args...))
	}
}

func (m *reader) cut(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(m.out.Cuts, text) {
		m.out.Cuts = append(m.out.Cuts, text)
	}
}

// add notes a host that was found in a part. It may name a recipient: of whom the mail
// was sent to, one of its last parts may tell.
func (m *reader) add(host string, kind Kind, part string, through []string) {
	l := Link{Host: host, Kind: kind, Part: part, Count: 1, Through: through}
	key := l.key()
	if i, ok := m.found[key]; ok {
		m.out.Links[i].Count++
		return
	}
	if len(m.out.Links) == m.limits.Links {
		m.cutLinks++
		return
	}
	m.found[key] = len(m.out.Links)
	m.out.Links = append(m.out.Links, l)
}

// key tells links from each other.
func (l *Link) key() string { return fmt.Sprintf("%s\n%s\n%s\n%q", l.Host, l.Kind, l.Part, l.Through) }

// depersonalize takes recipients out of all links.
func (m *reader) depersonalize() {
	if len(m.addresses) == 0 {
		return
	}
	all := m.out.Links
	m.out.Links, m.found = nil, map[string]int{}
	for _, l := range all {
		host, personal := l.Host, false
		l.Host = m.out.Recipients.without(host)
		personal = l.Host != host
		for i, gateway := range l.Through {
			l.Through[i] = m.out.Recipients.without(gateway)
			personal = personal || l.Through[i] != gateway
		}
		if personal {
			m.out.Personal += l.Count
		}
		if i, ok := m.found[l.key()]; ok {
			m.out.Links[i].Count += l.Count
			continue
		}
		m.found[l.key()] = len(m.out.Links)
		m.out.Links = append(m.out.Links, l)
	}
}

// done is the message, with what was only counted until now.
func (m *reader) done() *Message {
	m.depersonalize()
	if more := m.problems - mostProblems; more > 0 {
		m.out.Problems = append(m.out.Problems, fmt.Sprintf("and %d more", more))
	}
	if m.cutLinks > 0 {
		m.cut("%d links behind the first %d different ones were left out", m.cutLinks, m.limits.Links)
	}
	for t, n := range m.unread {
		m.out.Unread = append(m.out.Unread, Unread{t, n})
	}
	slices.SortFunc(m.out.Unread, func(a, b Unread) int { return bytes.Compare([]byte(a.Type), []byte(b.Type)) })
	return &m.out
}

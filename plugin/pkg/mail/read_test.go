package mail_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"example.org/pdns/plugin/pkg/mail"
)

// links are what a mail leads to, a line each: kind, host, where, through what.
func links(m *mail.Message) string {
	var b strings.Builder
	for _, l := range m.Links {
		fmt.Fprintf(&b, "%s %s | %s", l.Kind, l.Host, l.Part)
		if l.Count > 1 {
			fmt.Fprintf(&b, " x%d", l.Count)
		}
		for _, gateway := range l.Through {
			fmt.Fprintf(&b, " | through %s", gateway)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// read reads a mail whose lines end as they do on the wire.
func read(t *testing.T, text string, l mail.Limits) *mail.Message {
	t.Helper()
	m, err := mail.Read(t.Context(), strings.NewReader(strings.ReplaceAll(text, "\n", "\r\n")), l)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// page is a mail that is one page of HTML.
func page(body string) string {
	return "Subject: x\nContent-Type: text/html\n\n" + body
}

func TestLinks(t *testing.T) {
	tests := []struct{ name, mail, want string }{
		{"text", "Subject: x\n\nSee https://a.example/x, and www.b.example! Or hxxp://c[.]example, d[.]example\n" +
			"(https://e.example). Not invoice.pdf nor you@f.example nor g.example, but h.com/x and h.github.io/x:\n<https://i.example>.",
			"text a.example | text/plain\ntext www.b.example | text/plain\ntext c.example | text/plain\n" +
				"text d.example | text/plain\ntext e.example | text/plain\ntext h.com | text/plain\ntext h.github.io | text/plain\ntext i.example | text/plain\n"},
		{"side by side", "Subject: x\n\n[https://a.example](https://b.example/x),https://c.example|hxxp[://]d[.]example/(x)",
			"text a.example | text/plain\ntext b.example | text/plain\ntext c.example | text/plain\ntext d.example | text/plain\n"},
		{"tags", page(`<base href="https://base.example/"><a href=" https://a.example/?x=1&amp;y ">https://bank.example</a>
<form action="https://form.example/x"><button formaction=//other.example></button></form>
<img src="https://img.example/p.png" srcset="https://s1.example/1 1x, https://s2.example/2 2x">
<meta http-equiv="Refresh" content="0; URL='https://go.example/'"><meta name=x content="https://not.example">
<iframe src="https://frame.example"></iframe><div style="background:url('https://css.example/x')">
<style>p { background: url(https://sheet.example) }</style><!-- https://no.example -->
<!--[if mso]><a href="https://mso.example">x</a><![endif]-->
<a href="mailto:you@not.example"></a><a href="#top"></a><script>location="https://js.example/"</script>`),
			"link base.example | text/html\nlink a.example | text/html\nshown bank.example | text/html\n" +
				"form form.example | text/html\nform other.example | text/html\nimage img.example | text/html\n" +
				"image s1.example | text/html\nimage s2.example | text/html\nrefresh go.example | text/html\n" +
				"embed frame.example | text/html\nimage css.example | text/html\nimage sheet.example | text/html\n" +
				"link mso.example | text/html\nembed js.example | text/html\n"},
		{"senders", "From: \"service@bank.example\" <x@a.example>\nReply-To: =?utf-8?q?b?= <y@B.example>\n" +
			"Return-Path: <z@c.example>\nSender: broken <d@d.example\nReceived: from no.example\nTo: you@corp.example\n\nhi",
			"sender a.example | From\nsender d.example | Sender\nsender b.example | Reply-To\nsender c.example | Return-Path\n"},
		{"counted once", page(`<a href=https://a.example/1></a><a href=https://a.example/2></a>`), "link a.example | text/html x2\n"},
		{"nested", `From: x@a.example
Content-Type: multipart/mixed; boundary=out

for old programs: https://no.example
--out
Content-Type: multipart/alternative; boundary="in ner"

--in ner
Content-Transfer-Encoding: quoted-printable

https://qp=2Eexample/a=
bc =ZZ
--in ner
Content-Type: text/html; charset=utf-16le
Content-Transfer-Encoding: base64

` + base64.StdEncoding.EncodeToString(utf16("<a href=https://wide.example>")) + `
--in ner--
--out
Content-Type: message/rfc822

Reply-To: y@b.example
Content-Type: text/html

<a href=https://attached.example>
--out
Content-Type: application/octet-stream; name="bill.HTML"
Content-Transfer-Encoding: base64

` + base64.StdEncoding.EncodeToString([]byte("<form action=https://page.example>")) + `
--out
Content-Type: application/pdf

%PDF https://no.example
--out--
`, "sender a.example | From\ntext qp.example | 1.1 text/plain\nlink wide.example | 1.2 text/html\n" +
			"sender b.example | 2 Reply-To\nlink attached.example | 2 text/html\nform page.example | 3 text/html\n"},
		{"names of recipients", "To: Jo <jo.smith@corp.example>, info@x.example\n\nhttps://jo-smith.hash.a.example https://hash.jo.smith.b.example\nhttps://information.c.example",
			"text hash.a.example | text/plain\ntext b.example | text/plain\ntext information.c.example | text/plain\n"},
		{"windows-1252", "Content-Type: text/plain; charset=windows-1252\n\nhttps://b\xfccher.example/", "text xn--bcher-kva.example | text/plain\n"},
		{"of a mailbox", "From x Mon Jan 1\nSubject: x\n\nhttps://a.example", "text a.example | text/plain\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := read(t, tt.mail, mail.Limits{})
			if got := links(m); got != tt.want {
				t.Errorf("found\n%swant\n%s", got, tt.want)
			}
			if len(m.Problems)+len(m.Cuts) > 0 {
				t.Errorf("problems %q, cuts %q", m.Problems, m.Cuts)
			}
		})
	}
}

func utf16(s string) (b []byte) {
	for _, c := range []byte(s) {
		b = append(b, c, 0)
	}
	return b
}

// TestWrapped: a link is read from behind the gateways that rewrote it.
func TestWrapped(t *testing.T) {
	tests := []struct{ url, want string }{
		{"https://nam02.safelinks.protection.outlook.com/?url=https%3A%2F%2Fevil.example%2Fx%3Fa%3Db&amp;data=05%7C01%7Cyou%40corp.example%7C1&amp;reserved=0", "evil.example through nam02.safelinks.protection.outlook.com"},
		{"https://urldefense.proofpoint.com/v1/url?u=http://evil.example/&k=x", "evil.example through urldefense.proofpoint.com"},
		{"https://urldefense.proofpoint.com/v2/url?u=http-3A__www.evil-2Dsite.example_a-3Fb&d=DwMFAg&c=x&r=y", "www.evil-site.example through urldefense.proofpoint.com"},
		{"https://urldefense.com/v3/__https://evil.example/a*b?c__;Iw!!Abc!xyz$", "evil.example through urldefense.com"},
		{"https://urldefense.com/v3/__http:/b*cher.example/__;w7w!!Abc!xyz$", "xn--bcher-kva.example through urldefense.com"},
		{"https://urldefense.com/v3/__http://x**Acher.example/__;w7zDvA!!Abc!xyz$", "xn--xcher-kvaa.example through urldefense.com"},
		{"https://protect-eu.mimecast.com/s/AbC?domain=evil.example", "evil.example through protect-eu.mimecast.com"},
		{"https://linkprotect.cudasvc.com/url?a=https%3a%2f%2fevil.example&c=E,1", "evil.example through linkprotect.cudasvc.com"},
		{"https://eu-west-1.protection.sophos.com/?d=evil.example&u=aHR0cHM6Ly93d3cuZXZpbC5leGFtcGxlLw==&i=x", "www.evil.example through eu-west-1.protection.sophos.com"},
		{"https://ddec1-0-en-ctp.trendmicro.com:443/wis/clicktime/v1/query?url=https%3a%2f%2fevil.example&umid=1", "evil.example through ddec1-0-en-ctp.trendmicro.com"},
		{"https://secure-web.cisco.com/1abcDEF/https%3A%2F%2Fevil.example%2Fx", "evil.example through secure-web.cisco.com"},
		{"https://protect2.fireeye.com/v1/url?k=1&u=https://evil.example/", "evil.example through protect2.fireeye.com"},
		{"https://url.avanan.click/v2/___https://evil.example/x___.YXAz", "evil.example through url.avanan.click"},
		{"https://www.google.com/url?q=https://evil.example/&sa=D", "evil.example through www.google.com"},
		{"https://www.google.com/url?q=https://nam02.safelinks.protection.outlook.com/?url=https%253A%252F%252Fevil.example", "evil.example through www.google.com nam02.safelinks.protection.outlook.com"},
		{"https://www.google.com/search?q=https://evil.example/", "www.google.com"},
		{"https://safelinks.protection.outlook.com.evil.example/?url=https://bank.example", "safelinks.protection.outlook.com.evil.example"},
		{"https://protect2.fireeye.com/v1/url?k=1", "protect2.fireeye.com"},
		{"https://urldefense.com/v3/__;!!", "urldefense.com"},
	}
	for _, tt := range tests {
		m := read(t, page("<a href=\""+tt.url+"\">"), mail.Limits{})
		if len(m.Links) != 1 {
			t.Errorf("%s: %d links", tt.url, len(m.Links))
			continue
		}
		got := m.Links[0].Host
		if len(m.Links[0].Through) > 0 {
			got += " through " + strings.Join(m.Links[0].Through, " ")
		}
		if got != tt.want {
			t.Errorf("%s\nleads to %s, want %s", tt.url, got, tt.want)
		}
	}
}

// TestBroken: what can be read is used, and what could not is said.
func TestBroken(t *testing.T) {
	tests := []struct{ name, mail, want, problem string }{
		{"no end", "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhttps://a.example\n", "text a.example | 1 text/plain\n", "the message: the last part does not end"},
		{"no boundary", "Content-Type: multipart/mixed\n\n--b\n\nhttps://a.example\n", "text a.example | multipart\n", "the message: no boundary, searched as text"},
		{"another boundary", "Content-Type: multipart/mixed; boundary=c\n\n--b\n\nhttps://a.example\n", "text a.example | multipart\n", "the message: no boundary, searched as text"},
		{"stray line in the header", "From: x@a.example\nno field here\nReply-To: y@b.example\n\n", "sender a.example | From\nsender b.example | Reply-To\n", "the message: header lines that are none, left out: 1"},
		{"base64 with noise", "Content-Transfer-Encoding: base64\n\naHR0cHM6!Ly9h\n*LmV4YW1wbGU", "text a.example | text/plain\n", ""},
		{"unknown encoding", "Content-Transfer-Encoding: x-zip\n\nhttps://a.example", "text a.example | text/plain\n", "the message: an unknown Content-Transfer-Encoding, read as it is"},
		{"unknown charset", "Content-Type: text/plain; charset=klingon\n\nhttps://a.example", "text a.example | text/plain\n", "the message: an unknown charset, read as ASCII"},
		{"bad type", "Content-Type: text/html; ;;=\n\n<a href=https://a.example>", "link a.example | text/html\n", "the message: Content-Type: malformed"},
		{"bad host", page("<a href=https://a.example:x/><a href=https://b.example>"), "link b.example | text/html\n", "text/html: a link without a host that can be read: no port, want a number"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := read(t, tt.mail, mail.Limits{})
			if got := links(m); got != tt.want {
				t.Errorf("found\n%swant\n%s", got, tt.want)
			}
			said := strings.Join(m.Problems, "\n")
			if (said == "") != (tt.problem == "") || !strings.Contains(said, tt.problem) {
				t.Errorf("said %q, want %q", said, tt.problem)
			}
		})
	}
}

func TestNoMail(t *testing.T) {
	for text, want := range map[string]error{
		"": mail.ErrEmpty, "\n\n": mail.ErrEmpty, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest": mail.ErrOutlook,
		"\xff\xfeF\x00": mail.ErrUTF16, "\xfe\xff\x00F": mail.ErrUTF16, "F\x00r\x00o\x00": mail.ErrUTF16, "\x00F\x00r": mail.ErrUTF16,
		"just text\nwithout a header\n": mail.ErrNoMail, "\x89PNG\x00\x01": mail.ErrNoMail,
	} {
		if _, err := mail.Read(t.Context(), strings.NewReader(text), mail.Limits{}); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", text, err, want)
		}
	}
}

// TestLimits: what they leave out is told.
func TestLimits(t *testing.T) {
	var parts, deep, many strings.Builder
	parts.WriteString("Content-Type: multipart/mixed; boundary=b\n\n")
	many.WriteString("Subject: x\n\n")
	for i := range 30 {
		fmt.Fprintf(&parts, "--b\n\nhttps://p%d.example\n", i)
		fmt.Fprintf(&deep, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
		fmt.Fprintf(&many, "https://m%d.example\n", i)
	}
	parts.WriteString("--b--\n")
	tests := []struct {
		mail   string
		limits mail.Limits
		links  int
		cut    string
	}{
		{parts.String(), mail.Limits{Parts: 11}, 10, "parts behind the first 11 were not read"},
		{deep.String(), mail.Limits{}, 0, "parts below a depth of 20 were not read"},
		{many.String(), mail.Limits{Links: 10}, 10, "20 links behind the first 10 different ones were left out"},
		{many.String(), mail.Limits{Bytes: 200}, 9, "only the first 200 bytes were read"},
	}
	for _, tt := range tests {
		m := read(t, tt.mail, tt.limits)
		if len(m.Links) != tt.links || !slices.Contains(m.Cuts, tt.cut) {
			t.Errorf("%d links, cuts %q; want %d and %q", len(m.Links), m.Cuts, tt.links, tt.cut)
		}
	}
}

// TestTime: a mail is searched no longer than there is time, and not at all for who does
// not wait; of very many links the first count.
func TestTime(t *testing.T) {
	text := "Subject: x\nContent-Type: text/html\n\n<a href=https://a.example>"
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := mail.Read(ended, strings.NewReader(text), mail.Limits{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	blocked, w := io.Pipe() // nothing comes
	defer w.Close()
	if _, err := mail.Read(ended, blocked, mail.Limits{}); !errors.Is(err, context.Canceled) {
		t.Errorf("blocked: %v", err)
	}
	m, err := mail.Read(late{t.Context()}, strings.NewReader("From: x@b.example\n"+text), mail.Limits{})
	if err != nil || links(m) != "sender b.example | From\n" || !slices.Contains(m.Cuts, "the time was over before all of it was searched for links") {
		t.Errorf("late: %v %+v", err, m)
	}
	for name, text := range map[string]string{
		"style": "<a style='" + strings.Repeat("url(//a.b)", 250_000) + "'>", "tags": strings.Repeat("<a href=//a.b>", 250_000),
		"text": strings.Repeat("http://a.b ", 250_000), "srcset": "<img srcset='" + strings.Repeat("//a.b,", 250_000) + "'>",
	} {
		m := read(t, page(text+"<a href=//late.example>"), mail.Limits{})
		if len(m.Links) != 1 || m.Links[0].Count != 200_000 || !slices.Contains(m.Cuts, "links behind the first 200000, the same ones too, were not looked at") {
			t.Errorf("%s: %s%q", name, links(m), m.Cuts)
		}
	}
}

// late is a context whose deadline passes once all is read.
type late struct{ context.Context }

func (late) Done() <-chan struct{} { return nil }
func (late) Err() error            { return context.DeadlineExceeded }

// TestLarge: a mail of 20 MB whose parts lie in parts.
func TestLarge(t *testing.T) {
	filler := strings.Repeat("0123456789 abcdefghij klmnopqrst uvwxyz\n", 500)
	var b strings.Builder
	b.WriteString("Content-Type: multipart/mixed; boundary=b0\n\n")
	for depth := 1; depth < 15; depth++ {
		fmt.Fprintf(&b, "--b%d\nContent-Type: multipart/mixed; boundary=b%d\n\n", depth-1, depth)
	}
	for b.Len() < 20<<20 {
		b.WriteString("--b14\nContent-Type: text/html\n\n<a href=https://a.example>" + filler)
	}
	m := read(t, b.String(), mail.Limits{})
	if len(m.Links) < 1000 || m.Links[0].Host != "a.example" || len(m.Cuts) != 0 {
		t.Errorf("%d links, cuts %q", len(m.Links), m.Cuts)
	}
}

var kinds = []mail.Kind{mail.Form, mail.Refresh, mail.Anchor, mail.Text, mail.Embed, mail.Image, mail.Shown, mail.Sender}

// FuzzRead: no input panics, and a host that comes out is one that can be asked about.
func FuzzRead(f *testing.F) {
	f.Add([]byte("From: x@a.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html\n\n<a href=https://a.example>\n--b--"))
	f.Add([]byte("Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nRnJvbTogeEBhLmV4YW1wbGUKCg=="))
	f.Add([]byte("A: b\nContent-Transfer-Encoding: quoted-printable\n\n=68ttps://=\na.example http://[::1]/ http://0x7f.1"))
	f.Add([]byte(page("<a href='https://urldefense.com/v3/__https://a*b.example__;w7w!!'><meta http-equiv=refresh content='0;//x.example'>")))
	f.Add([]byte("Content-Type: text/plain; charset=utf-16\n\n\xff\xfeh\x00"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := mail.Read(t.Context(), strings.NewReader(string(raw)), mail.Limits{Parts: 50, Depth: 5, Links: 50})
		if err != nil {
			return
		}
		for _, l := range m.Links {
			if got, err := mail.Host("https://" + bracketed(l.Host)); got != l.Host {
				t.Errorf("%q is read as %q: %v", l.Host, got, err)
			}
			if l.Part == "" || !slices.Contains(kinds, l.Kind) {
				t.Errorf("from nowhere: %+v", l)
			}
		}
		if len(m.Links) > 50 || m.Parts > 50 {
			t.Errorf("%d links of %d parts", len(m.Links), m.Parts)
		}
	})
}

func bracketed(host string) string {
	if strings.Contains(host, ":") {
		return "[" + host + "]"
	}
	return host
}

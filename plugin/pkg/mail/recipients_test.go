package mail_test

import (
	"fmt"
	"strings"
	"testing"

	"example.org/pdns/plugin/pkg/mail"
)

// TestRecipients: what is left of a host that may name a recipient.
func TestRecipients(t *testing.T) {
	tests := []struct{ to, host, want string }{
		{"tom@corp.example", "tom.track.example", "track.example"},
		{"tom@corp.example", "a.tom.b.track.example", "b.track.example"},
		{"tom@corp.example", "tomorrow.track.example", "tomorrow.track.example"},
		{"tom@corp.example", "tom.example", "tom.example"},
		{"tom@corp.example", "tom.co.uk", "tom.co.uk"},
		{"tom@corp.example", "tom.somebody.github.io", "somebody.github.io"},
		{"tom+news@corp.example", "tom-news.track.example", "track.example"},
		{"tom+news@corp.example", "tom.track.example", "track.example"},
		{"tom+news@corp.example", "news.track.example", "news.track.example"},
		{"Carla.Bruni@corp.example", "carla_bruni.track.example", "track.example"},
		{"carla.bruni@corp.example", "carlabruni.track.example", "track.example"},
		{"carla.bruni@corp.example", "x-carla--bruni-9.track.example", "track.example"},
		{"carla.bruni@corp.example", "x.carla.bruni.track.example", "track.example"},
		{`"carla bruni"@corp.example`, "carla-bruni.track.example", "track.example"},
		{"Carla <carla.bruni@corp.example", "carla-bruni.track.example", "track.example"},
		{"j\u00fcrgen@corp.example", "xn--jrgen-kva.track.example", "track.example"},
		{"jo@corp.example", "jo.track.example", "track.example"},
		{"jo@corp.example", "jo-x.track.example", "jo-x.track.example"},
		{"jo@corp.example", "x.jo.y.track.example", "y.track.example"},
		{"-tom..smith-@corp.example", "tom-smith.track.example", "track.example"},
		{"info@corp.example", "info.bank-login.example", "info.bank-login.example"},
		{"no-reply@corp.example", "noreply.bank-login.example", "noreply.bank-login.example"},
		{"info+tom@corp.example", "info.bank-login.example", "info.bank-login.example"},
		{"1@corp.example", "192.0.2.1", "192.0.2.1"},
	}
	for _, tt := range tests {
		m := read(t, "To: "+tt.to+"\n\nhttps://"+tt.host+"/", mail.Limits{})
		if len(m.Links) != 1 || m.Links[0].Host != tt.want {
			t.Errorf("%s of a mail to %s became\n%swant %s", tt.host, tt.to, links(m), tt.want)
		}
		if (m.Personal == 1) != (tt.host != tt.want) {
			t.Errorf("%s of a mail to %s: %d personal links", tt.host, tt.to, m.Personal)
		}
	}
}

// TestRecipientsOfAttached: whom only an attached message names is in no host before it
// either, and links that only told recipients from each other are one.
func TestRecipientsOfAttached(t *testing.T) {
	m := read(t, `From: x@a.example
Content-Type: multipart/mixed; boundary=b

--b

https://victor.track.example https://carol.track.example https://victor.track.example
--b
Content-Type: message/rfc822

To: victor@corp.example, carol@corp.example

https://victor.track.example
--b--
`, mail.Limits{})
	want := "sender a.example | From\ntext track.example | 1 text/plain x3\ntext track.example | 2 text/plain\n"
	if got := links(m); got != want || m.Personal != 4 {
		t.Errorf("%d personal links, found\n%swant\n%s", m.Personal, got, want)
	}
}

// TestManyRecipients: each of very many is left out.
func TestManyRecipients(t *testing.T) {
	var to strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&to, "somebody%d@corp.example,\n ", i)
	}
	m := read(t, "To: "+to.String()+"victor@corp.example\n\nhttps://victor.track.example", mail.Limits{})
	if got := links(m); got != "text track.example | text/plain\n" {
		t.Error(got)
	}
}

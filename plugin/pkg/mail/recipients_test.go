package mail_test

import (
	"crypto/sha1"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
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
		{"anna.berg+news@corp.example", "anna-berg.track.example", "track.example"},
		{"anna.berg@corp.example", "berg-anna.track.example", "track.example"},
		{"=?utf-8?q?anna.berg=40corp.example?=", "anna-berg.track.example", "track.example"},
		{"=?utf-8?b?YW5uYS5iZXJnQGNvcnAuZXhhbXBsZQ==?=", "anna-berg.track.example", "track.example"},
		{"1@corp.example", "192.0.2.1", "192.0.2.1"},
	}
	address := []byte("anna.berg@corp.example")
	hash := sha1.Sum(address)
	for _, code := range []string{hex.EncodeToString(address), base64.RawURLEncoding.EncodeToString(address), base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(address),
		hex.EncodeToString(hash[:]), base64.RawStdEncoding.EncodeToString([]byte("anna.berg"))} {
		tests = append(tests, struct{ to, host, want string }{"Anna <anna.berg@corp.example>", strings.ToLower(code) + ".track.example", "track.example"})
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

// TestRecipientFields: wherever a header says whom a message was sent to.
func TestRecipientFields(t *testing.T) {
	for _, field := range []string{"Cc: a@corp.example, <anna.berg@corp.example>", "X-Apparently-To: anna.berg@corp.example", "delivered-to: anna.berg@corp.example",
		"X-Original-To: anna.berg@corp.example", "Resent-To: anna.berg@corp.example", "Envelope-To: anna.berg@corp.example",
		"Received: from a.example by mx.corp.example with ESMTP id 1\n\tfor <anna.berg@corp.example>; Mon, 1 Jan 2024 00:00:00 +0000",
		"Received: by mx.corp.example for anna.berg@corp.example; Mon",
		"X-Long: " + strings.Repeat("x", 1<<20) + "\nTo: a@corp.example,\n anna.berg@corp.example",
	} {
		m := read(t, "Subject: x\n"+field+"\n\nhttps://anna-berg.track.example", mail.Limits{})
		if got := links(m); got != "text track.example | text/plain\n" {
			t.Errorf("%.60s: %s", field, got)
		}
		for host, want := range map[string]bool{"anna-berg.lure.example": true, "x.berganna.lure.example": true, "annaberg.example": false, "www.lure.example": false, "mx.corp.example": false} {
			if got := m.Recipients.Named(host); got != want {
				t.Errorf("%.60s: %s is named: %v", field, host, got)
			}
		}
	}
	var none *mail.Recipients
	if none.Named("anna-berg.lure.example") {
		t.Error("no recipients named a host")
	}
}

// TestLongHeader: what is behind its bound is told, and belongs to no field before it.
func TestLongHeader(t *testing.T) {
	m := read(t, "From: x@a.example\n\t"+strings.Repeat("x", 1<<20)+"\n, y@c.example\nReply-To: y@b.example\n\n", mail.Limits{})
	if got := links(m); got != "sender a.example | From\n" || len(m.Cuts) != 1 || !strings.Contains(m.Cuts[0], "bytes of the header") || len(m.Problems) != 0 {
		t.Errorf("%s%q %q", got, m.Cuts, m.Problems)
	}
}

// TestQuotesNothing: nothing of what the fields of a mail say is told but what is known.
func TestQuotesNothing(t *testing.T) {
	for _, fields := range []string{
		"Content-Transfer-Encoding: anna.berg@corp.example", "Content-Type: text/plain; charset=anna.berg@corp.example", "Content-Type: text/plain; anna.berg@corp.example",
		"Content-Type: text/anna.berg", "Content-Type: application/anna.berg", "Content-Type: anna.berg@corp.example", "Content-Type: anna.berg/corp",
		"Content-Type: multipart/anna.berg; boundary=anna.berg", "Content-Type: application/octet-stream; name=anna.berg",
		"Content-Type: text/plain; name=anna.berg; name=anna.berg", "anna.berg", "Content-Disposition: anna.berg; filename*=anna.berg''x",
	} {
		m := read(t, "Subject: x\n"+fields+"\n\nhttps://a.example https://b.example:anna.berg/ https://anna.berg@[anna.berg]/", mail.Limits{})
		b, err := json.Marshal(m)
		if err != nil || strings.Contains(string(b), "anna") {
			t.Errorf("%s: %s %v", fields, b, err)
		}
	}
}

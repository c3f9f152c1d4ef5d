package investigate_test

import (
	"encoding/json"
	"strings"
	"testing"

	"example.org/pdns/plugin/pkg/investigate"
	"example.org/pdns/plugin/pkg/mail"
)

// TestBadSeeds: what a message quotes of a URL holds neither account nor path nor query.
func TestBadSeeds(t *testing.T) {
	for text, want := range map[string]string{
		"http://user:secret@/x?token=secret": `"http://...@/...": `, "http://user:secret@one/secret": `"http://...@one/...": `,
		"//user:secret@one?secret": `"//...@one/...": `, "lure..example/secret?secret": `"lure..example/...": `,
		`http:\\user:secret@a..b\secret`: `"http:/...": `, "secret@@a..b#secret": `"...@a..b/...": `,
	} {
		_, err := investigate.ParseSeed(text)
		if err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
	if _, err := investigate.ParseSeed("no..name"); err == nil || !strings.Contains(err.Error(), `"no..name"`) {
		t.Errorf("a name: %v", err)
	}
}

// TestMailJSON: keys are in lower case, and an empty list is none that is missing.
func TestMailJSON(t *testing.T) {
	for unread, want := range map[string]string{"": `"unread":[],"personal":0,"problems":[],"cuts":[]`, "application/pdf": `"unread":[{"type":"application/pdf","parts":2}]`} {
		m := &mail.Message{}
		if unread != "" {
			m.Unread = []mail.Unread{{Type: unread, Parts: 2}}
		}
		if b, err := json.Marshal(investigate.NewMail(m)); err != nil || !strings.Contains(string(b), want) {
			t.Errorf("%s %v, want %s", b, err, want)
		}
	}
}

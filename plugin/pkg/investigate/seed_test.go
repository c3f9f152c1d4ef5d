package investigate_test

import (
	"encoding/json"
	"fmt"
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

// TestDecoys: thousands of links that nobody ever looked up do not hide the one that
// somebody did.
func TestDecoys(t *testing.T) {
	var page strings.Builder
	page.WriteString("Subject: x\nContent-Type: text/html\n\n")
	for i := range 3000 {
		fmt.Fprintf(&page, "<a href=//d%d.nowhere.example></a>", i)
	}
	page.WriteString("<a href='http://lure.example/'>your parcel</a>")
	m, err := mail.Read(t.Context(), strings.NewReader(page.String()), mail.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	r := walk(t, saw(t, scheme), investigate.Query{Seeds: investigate.MailSeeds(m)})
	if len(m.Cuts)+len(r.Cuts) > 0 || len(r.Seeds) != 3001 || r.Seeds[0].ID != "lure.example." || r.Seeds[0].State != investigate.Walked {
		t.Errorf("cuts %q %q, %d seeds, the first %+v", m.Cuts, r.Cuts, len(r.Seeds), r.Seeds[0])
	}
}

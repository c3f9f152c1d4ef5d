package analysis_test

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"example.org/pdns/plugin/pkg/analysis"
)

func TestRanges(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "cdn.txt")
	text := "# a CDN\n\n192.0.2.0/24\n192.0.2.128/25  edge of the CDN # with a comment\n2001:db8::/32\n198.51.100.7\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := analysis.LoadRanges(file)
	if err != nil {
		t.Fatal(err)
	}
	for network, want := range map[string]string{
		"192.0.2.1/32": "cdn", "192.0.2.200/32": "edge of the CDN", "192.0.2.0/25": "cdn", "192.0.0.0/16": "",
		"198.51.100.7/32": "cdn", "198.51.100.8/32": "", "2001:db8:1::/48": "cdn", "::/0": "",
	} {
		if got := r.Label(netip.MustParsePrefix(network)); got != want {
			t.Errorf("%s: %q, want %q", network, got, want)
		}
	}
	for text, want := range map[string]string{
		"192.0.2.0/24\n192.0.2.0/33":                           `line 2: "192.0.2.0/33", want a network (192.0.2.0/24, 2001:db8::/32) or an address`,
		"::ffff:192.0.2.0/120":                                 `line 1: "::ffff:192.0.2.0/120" is IPv4 mapped into IPv6, want it as IPv4`,
		"192.0.2.0/24\n" + strings.Repeat("x", 1<<17):          "line 2: more than 65536 octets, want a network and a label",
		strings.Repeat("x", 1<<10):                             `line 1: "` + strings.Repeat("x", 60) + `", want a network (192.0.2.0/24, 2001:db8::/32) or an address`,
		"192.0.2.0/24 <b>\x1b[31m":                             `line 1: label "<b>\x1b[31m", want printable UTF-8`,
		"192.0.2.0/24 a\xff":                                   `line 1: label "a\xff", want printable UTF-8`,
		"\n192.0.2.0/24 a\u202eb":                              `line 2: label "a\u202eb", want printable UTF-8`,
		"192.0.2.0/24 a\tb":                                    `line 1: label "a\tb", want printable UTF-8`,
		"192.0.2.0/24 " + strings.Repeat("é", 51):              `line 1: a label of 102 octets, want at most 100`,
		"192.0.2.0/24 a\n198.51.100.0/24 a\n192.0.2.77/24 b\n": `line 3: 192.0.2.0/24 is "b", and on line 1 it is "a": want one label`,
		"192.0.2.1 a\n192.0.2.1/32 b\n":                        `line 2: 192.0.2.1/32 is "b", and on line 1 it is "a": want one label`,
		"2001:db8::/32\n\n2001:db8::/32 b":                     `line 3: 2001:db8::/32 is "b", and on line 1 it is "": want one label`,
	} {
		if err := (&analysis.Ranges{}).Read(strings.NewReader(text), ""); err == nil || err.Error() != want {
			t.Errorf("%.40q: %v, want %s", text, err, want)
		}
	}
	if _, err := analysis.LoadRanges(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) || err.Error() != filepath.Join(dir, "none")+": no such file or directory" {
		t.Errorf("a file that is not there: %v", err)
	}
}

// TestRangesForms: files of other systems and programs.
func TestRangesForms(t *testing.T) {
	for name, text := range map[string]string{
		"byte order mark": "\ufeff192.0.2.0/24 an édge\n",
		"mark and CRLF":   "\ufeff# a CDN\r\n192.0.2.0/24 an édge\r\n",
		"tab":             "192.0.2.0/24\tan édge\n",
		"tabs and blanks": "\t192.0.2.0/24 \t an édge\t# of it\x1b\n",
		"twice":           "192.0.2.0/24 an édge\n192.0.2.0/24 an édge",
		"longest":         "192.0.2.0/24 an édge\n198.51.100.0/24 " + strings.Repeat("x", 100),
	} {
		r := &analysis.Ranges{}
		err := r.Read(strings.NewReader(text), "file")
		if got := r.Label(netip.MustParsePrefix("192.0.2.1/32")); err != nil || got != "an édge" {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

// TestLoadRanges: errors name files, in a form that a terminal can show.
func TestLoadRanges(t *testing.T) {
	dir := t.TempDir()
	for name, tt := range map[string]struct{ text, want string }{
		"empty.txt":    {"", "%s/empty.txt: no network in it, want one a line"},
		"comments.txt": {"\ufeff# nothing yet\n\n", "%s/comments.txt: no network in it, want one a line"},
		"a\x1bb.txt":   {"192.0.2.0/33 a", `"%s/a\x1bb.txt": line 1: "192.0.2.0/33", want a network (192.0.2.0/24, 2001:db8::/32) or an address`},
		"c\x1bd.txt":   {"192.0.2.0/24", `"%s/c\x1bd.txt": line 1: label "c\x1bd", want printable UTF-8`},
		"e\x1bf.txt":   {"192.0.2.0/24 a", ""},
	} {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(tt.text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := analysis.LoadRanges(file)
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || err.Error() != fmt.Sprintf(tt.want, dir)) {
			t.Errorf("%q: %v, want %s", name, err, tt.want)
		}
	}
	if _, err := analysis.LoadRanges(filepath.Join(dir, "no\x1b[31m")); !errors.Is(err, fs.ErrNotExist) || strings.Contains(err.Error(), "\x1b") {
		t.Errorf("a file that is not there: %v", err)
	}
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	r, err := analysis.LoadRanges(write("cdn.txt", "192.0.2.0/24"), write("hoster.txt", "192.0.2.0/24"))
	if err != nil || r.Label(netip.MustParsePrefix("192.0.2.1/32")) != "hoster" {
		t.Errorf("a network in two files: %q, %v", r.Label(netip.MustParsePrefix("192.0.2.1/32")), err)
	}
}

func FuzzRanges(f *testing.F) {
	f.Add("192.0.2.0/24 a\n2001:db8::/32\n# x\n", "192.0.2.1")
	f.Add("0.0.0.0/0\n::/0 b c", "::1")
	f.Add("\ufeff0.0.0.0/0\ta\x1b\n192.0.2.0/24 \xff\n192.0.2.0/24 b", "192.0.2.1")
	f.Fuzz(func(t *testing.T, text, address string) {
		var r analysis.Ranges
		err := r.Read(strings.NewReader(text), "file")
		a, bad := netip.ParseAddr(address)
		if bad != nil {
			return
		}
		p := netip.PrefixFrom(a, a.BitLen())
		if label := r.Label(p); err == nil && text == "" && label != "" {
			t.Errorf("%s lies in %q of nothing", a, label)
		}
		if label := r.Label(p); len(label) > 100 || !utf8.ValidString(label) || strings.ContainsFunc(label, unicode.IsControl) {
			t.Errorf("label %q", label)
		}
		// What holds an address says so.
		if r.Read(strings.NewReader(address+"\n"), "itself") == nil && r.Label(analysis.AddressKey(a).Prefix()) == "" {
			t.Errorf("%s does not lie in itself", a)
		}
	})
}

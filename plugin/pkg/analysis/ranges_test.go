package analysis_test

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

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
		"192.0.2.0/24\n192.0.2.0/33": `line 2: "192.0.2.0/33", want a network (192.0.2.0/24, 2001:db8::/32) or an address`,
		"::ffff:192.0.2.0/120":       `line 1: "::ffff:192.0.2.0/120" is IPv4 mapped into IPv6, want it as IPv4`,
		strings.Repeat("x", 1<<17):   "line 1: bufio.Scanner: token too long",
	} {
		if err := (&analysis.Ranges{}).Read(strings.NewReader(text), ""); err == nil || err.Error() != want {
			t.Errorf("%.40q: %v, want %s", text, err, want)
		}
	}
	if _, err := analysis.LoadRanges(filepath.Join(dir, "none")); err == nil {
		t.Error("a file that is not there is read")
	}
}

func FuzzRanges(f *testing.F) {
	f.Add("192.0.2.0/24 a\n2001:db8::/32\n# x\n", "192.0.2.1")
	f.Add("0.0.0.0/0\n::/0 b c", "::1")
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
		// What holds an address says so.
		if r.Read(strings.NewReader(address+"\n"), "itself") == nil && r.Label(analysis.AddressKey(a).Prefix()) == "" {
			t.Errorf("%s does not lie in itself", a)
		}
	})
}

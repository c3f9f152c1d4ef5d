package readme

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.org/pdns/test/lab"
)

// newDesk starts Corefile.example, on other ports, in a directory of its own,
// and waits until what was resolved there can be looked up.
func newDesk(t *testing.T) *desk {
	t.Helper()
	corefile, err := os.ReadFile(filepath.Join(root, "Corefile.example"))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(corefile), ":1053", ":$PORT")
	d := &desk{t: t, dir: t.TempDir(), ports: map[string]string{}}
	for _, port := range []string{"1054", "8053", "8080", "8181", "9153"} {
		if !strings.Contains(text, ":"+port) {
			t.Errorf("Corefile.example no longer uses port %s", port)
		}
		d.ports[port] = lab.FreePort(t, "127.0.0.1")
		text = strings.ReplaceAll(text, ":"+port, ":"+d.ports[port])
	}
	if err := os.Symlink(binaries.Dir, filepath.Join(d.dir, "bin")); err != nil {
		t.Fatal(err)
	}
	d.server = lab.StartCoreDNS(t, binaries.CoreDNS, d.dir, text)
	return d
}

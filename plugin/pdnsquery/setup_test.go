package pdnsquery_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/coredns/caddy"

	"example.org/pdns/test/lab"
)

func TestSetup(t *testing.T) {
	dir := world(t)
	tests := []struct{ block, want string }{
		{"pdnsquery DIR", ""},
		{"pdnsquery DIR {\n allow 192.0.2.0/24 2001:db8::/32 192.0.2.1\n ttl 0\n timeout 500ms\n}", ""},
		{"pdnsquery", "0 arguments: want one, the directory of a store or a snapshot file"},
		{"pdnsquery DIR example.com", "2 arguments: want one"},
		{"pdnsquery DIR\npdnsquery DIR", "once per Server Block"},
		{"pdnsquery DIR {\n allow\n}", "Wrong argument count"},
		{"pdnsquery DIR {\n allow 192.0.2.1/24\n}", "allow 192.0.2.1/24: want a network"},
		{"pdnsquery DIR {\n allow everybody\n}", "allow everybody: want a network"},
		{"pdnsquery DIR {\n allow ::1\n allow 127.0.0.1\n}", `property "allow" given twice`},
		{"pdnsquery DIR {\n ttl 86401\n}", "ttl 86401: want seconds, 0 to 86400"},
		{"pdnsquery DIR {\n ttl 5 6\n}", "Wrong argument count"},
		{"pdnsquery DIR {\n timeout 0s\n}", "timeout 0s: want a duration above 0s and up to 1m0s"},
		{"pdnsquery DIR {\n timeout 4\n}", "timeout 4: want a duration"},
		{"pdnsquery DIR {\n colour blue\n}", `unknown property "colour": want allow, ttl, timeout, http or feed`},
		{"pdnsquery DIR/none", "DIR/none"},
	}
	for _, test := range tests {
		corefile := "_pdns.local:0 {\n" + strings.ReplaceAll(test.block, "DIR", dir) + "\n}"
		i, err := caddy.Start(caddy.CaddyfileInput{Contents: []byte(corefile), Filepath: "Corefile", ServerTypeName: "dns"})
		if err == nil {
			i.ShutdownCallbacks()
			if err := i.Stop(); err != nil {
				t.Error(err)
			}
		}
		want := strings.ReplaceAll(test.want, "DIR", dir)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s:\ngot %v\nwant %s", test.block, err, want)
		}
	}
}

// TestManual: the Corefiles of the manual start.
func TestManual(t *testing.T) {
	manual, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	dir, etc := world(t), t.TempDir()
	if err := os.WriteFile(filepath.Join(etc, "pdns.keys"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	certFile, keyFile := lab.NewAuthority(t).Issue("pdns")
	for name, file := range map[string]string{"pdns.crt": certFile, "pdns.key": keyFile} {
		if err := os.Symlink(file, filepath.Join(etc, name)); err != nil {
			t.Fatal(err)
		}
	}
	n := 0
	for _, part := range strings.Split(string(manual), "~~~ corefile\n")[1:] {
		corefile, _, _ := strings.Cut(part, "~~~\n")
		corefile = strings.NewReplacer("/var/lib/pdns", dir, ":53 {", ":0 {", ". {", ".:0 {",
			"127.0.0.1:8053", "127.0.0.1:0", ":8443", ":0", "/etc/coredns", etc).Replace(corefile)
		start(t, corefile)
		n++
	}
	if n == 0 {
		t.Error("the manual has no Corefile")
	}
}

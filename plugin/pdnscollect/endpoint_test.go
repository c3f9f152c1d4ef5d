package pdnscollect

import (
	"crypto/tls"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/coredns/caddy"
	"github.com/coredns/coredns/core/dnsserver"

	"example.org/pdns/plugin/pkg/dnstap"
	"example.org/pdns/plugin/pkg/dnstap/listen"
	"example.org/pdns/test/lab"
)

func TestParseDnstap(t *testing.T) {
	unix := func(path string) listen.Address { return listen.Address{Network: "unix", Name: path} }
	tcp := func(addr string) listen.Address { return listen.Address{Network: "tcp", Name: addr} }
	root := t.TempDir()
	for _, tc := range []struct {
		block string
		want  []endpoint
	}{
		{"dnstap unix /a/b.sock", []endpoint{{3, "unix:///a/b.sock", unix("/a/b.sock"), 0, nil}}},
		{"dnstap unix b.sock 0622", []endpoint{{3, "unix://" + root + "/b.sock", unix(root + "/b.sock"), 0o622, nil}}},
		{"dnstap unix /a 600", []endpoint{{3, "unix:///a", unix("/a"), 0o600, nil}}},
		{"dnstap tcp 127.0.0.1:6000", []endpoint{{3, "tcp://127.0.0.1:6000", tcp("127.0.0.1:6000"), 0, nil}}},
		{"dnstap tcp [::1]:6000", []endpoint{{3, "tcp://[::1]:6000", tcp("[::1]:6000"), 0, nil}}},
		{"dnstap tcp :6000 insecure", []endpoint{{3, "tcp://:6000", tcp(":6000"), 0, nil}}},
		{"dnstap tcp 127.0.0.1:6000 insecure", []endpoint{{3, "tcp://127.0.0.1:6000", tcp("127.0.0.1:6000"), 0, nil}}},
		{"dnstap unix /a\ndnstap tcp 127.0.0.1:1\nsensor\ndnstap unix /b", []endpoint{
			{3, "unix:///a", unix("/a"), 0, nil},
			{4, "tcp://127.0.0.1:1", tcp("127.0.0.1:1"), 0, nil},
			{6, "unix:///b", unix("/b"), 0, nil},
		}},
	} {
		c := caddy.NewTestController("dns", "\npdnscollect /var/lib/pdns {\n"+tc.block+"\n}")
		dnsserver.GetConfig(c).Root = root
		got, err := parse(c)
		if err != nil {
			t.Errorf("%s: %v", tc.block, err)
		} else if !reflect.DeepEqual(got.endpoints, tc.want) {
			t.Errorf("%s:\n got %+v\nwant %+v", tc.block, got.endpoints, tc.want)
		}
	}
}

func TestParseTypesAndSensor(t *testing.T) {
	for _, tc := range []struct {
		block  string
		types  dnstap.Types
		sensor bool
	}{
		{"dnstap unix /a", dnstap.NewTypes(dnstap.ResolverResponse, dnstap.ForwarderResponse), false},
		{"types client_response AUTH_RESPONSE\ndnstap unix /a", dnstap.NewTypes(dnstap.ClientResponse, dnstap.AuthResponse), false},
		{"dnstap unix /a\ntypes all\nsensor", dnstap.AllTypes, true},
	} {
		got, err := parse(caddy.NewTestController("dns", "pdnscollect d {\n"+tc.block+"\n}"))
		if err != nil || got.types != tc.types || got.sensor != tc.sensor {
			t.Errorf("%s: %+v, %v", tc.block, got, err)
		}
	}
}

func TestParseTLS(t *testing.T) {
	authority := lab.NewAuthority(t)
	cert, key := authority.Issue("server")
	c := caddy.NewTestController("dns", "pdnscollect d {\ndnstap tls :6000 server.pem "+key+"\ndnstap tls [::1]:6001 "+cert+" server.key authority.pem\n}")
	dnsserver.GetConfig(c).Root = filepath.Dir(cert)
	got, err := parse(c)
	if err != nil {
		t.Fatal(err)
	}
	anybody, known := got.endpoints[0], got.endpoints[1]
	if anybody.label != "tls://:6000" || anybody.address.Network != "tcp" || anybody.tls.ClientAuth != tls.NoClientCert || anybody.tls.MinVersion != tls.VersionTLS12 {
		t.Errorf("%+v", anybody)
	}
	if known.label != "tls://[::1]:6001" || known.tls.ClientAuth != tls.RequireAndVerifyClientCert || !known.tls.ClientCAs.Equal(authority.Pool) {
		t.Errorf("%+v", known)
	}
}

func TestParseDnstapErrors(t *testing.T) {
	authority := lab.NewAuthority(t)
	cert, key := authority.Issue("server")
	_, other := authority.Issue("other")
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, []byte("none"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ block, want string }{
		{"dnstap", "dnstap: an argument is missing"},
		{"dnstap unix", "dnstap: an argument is missing"},
		{"dnstap udp 127.0.0.1:6000", "dnstap udp 127.0.0.1:6000: want dnstap unix PATH [MODE], dnstap tcp"},
		{"dnstap /run/pdns.sock 0660", "want dnstap unix PATH"},
		{`dnstap unix ""`, "want the path of a socket"},
		{"dnstap unix /a 999", `mode "999": want an octal number`},
		{"dnstap unix /a 01777", `mode "01777"`},
		{"dnstap unix /a rw", `mode "rw"`},
		{"dnstap unix /a 0660 0660", `unexpected argument "0660": want PATH [MODE]`},
		{"dnstap unix /a/b\ndnstap unix /a/./b", "line 2 listens there"},
		{"dnstap tcp 6000", "want an IP address and a port"},
		{"dnstap tcp localhost:6000", "want an IP address and a port"},
		{"dnstap tcp :6000", "other machines could write history"},
		{"dnstap tcp 0.0.0.0:6000", "other machines could write history"},
		{"dnstap tcp 192.0.2.1:6000", "other machines could write history"},
		{"dnstap tcp 127.0.0.1:6000 secure", `unexpected argument "secure": want insecure`},
		{"dnstap tcp 127.0.0.1:6000 insecure please", `unexpected argument "please"`},
		{"dnstap tls 127.0.0.1:6000", "1 arguments behind tls: want ADDRESS CERT KEY"},
		{"dnstap tls 127.0.0.1:6000 a.pem", "2 arguments behind tls"},
		{"dnstap tls 127.0.0.1 " + cert + " " + key, "want an IP address and a port"},
		{"dnstap tls 127.0.0.1:6000 " + cert + " /missing.key", "/missing.key: no such file"},
		{"dnstap tls 127.0.0.1:6000 " + cert + " " + other, "private key does not match"},
		{"dnstap tls 127.0.0.1:6000 " + cert + " " + key + " /missing.pem", "/missing.pem: no such file"},
		{"dnstap tls 127.0.0.1:6000 " + cert + " " + key + " " + empty, "empty.pem: no certificate in it"},
		{"dnstap tcp 127.0.0.1:6000\ndnstap tls 127.0.0.1:6000 " + cert + " " + key, "line 2 listens there"},
		{"types", "types: an argument is missing"},
		{"types CLIENT_RESPONSE", "types: says nothing without dnstap"},
		{"connections 9", "connections: says nothing without dnstap"},
		{"dnstap unix /a\nconnections 0", "connections 0: want a number above zero"},
		{"dnstap unix /a\nconnections many", "connections many: want a number above zero"},
		{"sensor", "sensor: says nothing without dnstap"},
		{"sensor yes\ndnstap unix /a", `sensor: unexpected argument "yes"`},
		{"dnstap unix /a\ntypes CLIENT_QUERY", `unknown type "CLIENT_QUERY"`},
		{"dnstap unix /a\ntypes all\ntypes all", `property "types" given twice`},
	} {
		_, err := parse(caddy.NewTestController("dns", "pdnscollect d {\n"+tc.block+"\n}"))
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%q: %v, want %q in it", tc.block, err, tc.want)
		}
	}
}

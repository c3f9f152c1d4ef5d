package httpapi_test

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.org/pdns/plugin/pkg/httpapi"
)

// TestConfig: what must not be served is not.
func TestConfig(t *testing.T) {
	dir := t.TempDir()
	cert, key, _ := certificates(t, dir)
	none, text := filepath.Join(dir, "none"), filepath.Join(dir, "text")
	if err := os.WriteFile(text, []byte("text\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	file := keyFile(t, "soc")
	const open = "is not loopback: want a file of keys, so that not all of the network may ask"
	for _, c := range []struct {
		config httpapi.Config
		want   string // empty: it is served
	}{
		{httpapi.Config{Address: "127.0.0.1:0"}, ""},
		{httpapi.Config{Address: "127.1.2.3:0"}, ""},
		{httpapi.Config{Address: "[::1]:0"}, ""},
		{httpapi.Config{Address: "[::ffff:127.0.0.1]:0"}, ""},
		{httpapi.Config{Address: "localhost:0"}, ""},
		{httpapi.Config{Address: ":0"}, "address :0 " + open},
		{httpapi.Config{Address: "0.0.0.0:0"}, "address 0.0.0.0:0 " + open},
		{httpapi.Config{Address: "[::]:0"}, "address [::]:0 " + open},
		{httpapi.Config{Address: "192.0.2.1:80"}, "address 192.0.2.1:80 " + open},
		{httpapi.Config{Address: "pdns.example:80"}, "address pdns.example:80 " + open},
		{httpapi.Config{Address: "192.0.2.1:80", Insecure: true}, "address 192.0.2.1:80 " + open},
		{httpapi.Config{Address: "192.0.2.1:80", Cert: cert, CertKey: key}, "address 192.0.2.1:80 " + open},
		{httpapi.Config{Address: "192.0.2.1:80", Cert: cert, CertKey: key, ClientCA: cert}, "address 192.0.2.1:80 " + open},
		{httpapi.Config{Address: ":0", Keys: file}, "address :0 is not loopback: want TLS, or insecure for keys and answers in the clear"},
		{httpapi.Config{Address: ":0", Keys: file, Insecure: true}, ""},
		{httpapi.Config{Address: ":0", Keys: file, Cert: cert, CertKey: key}, ""},
		{httpapi.Config{Address: "127.0.0.1"}, `address "127.0.0.1": want a host and a port, 127.0.0.1:8080`},
		{httpapi.Config{Address: "127.0.0.1:0", Cert: cert}, "TLS needs a certificate and its key"},
		{httpapi.Config{Address: "127.0.0.1:0", ClientCA: cert}, "certificates of clients need TLS: want a certificate and a key too"},
		{httpapi.Config{Address: "127.0.0.1:0", Cert: cert, CertKey: none}, cert + ", " + none + ": open " + none},
		{httpapi.Config{Address: "127.0.0.1:0", Cert: cert, CertKey: cert}, cert + ", " + cert + ": tls: "},
		{httpapi.Config{Address: "127.0.0.1:0", Cert: cert, CertKey: key, ClientCA: none}, "open " + none},
		{httpapi.Config{Address: "127.0.0.1:0", Cert: cert, CertKey: key, ClientCA: text}, text + ": want certificates in PEM"},
		{httpapi.Config{Address: "127.0.0.1:0", Keys: none}, "stat " + none},
		{httpapi.Config{Address: "127.0.0.1:0", Keys: text}, text + ":1: hash: want one behind the name"},
		{httpapi.Config{Address: "127.0.0.1:0", Limit: -1}, "limit -1: want 1 or more"},
		{httpapi.Config{Address: "127.0.0.1:0", Rate: -1}, "rate -1: want requests a second"},
		{httpapi.Config{Address: "127.0.0.1:0", Rate: math.NaN()}, "rate NaN: want requests a second"},
		{httpapi.Config{Address: "127.0.0.1:0", Rate: math.Inf(1)}, "rate +Inf: want requests a second"},
		{httpapi.Config{Address: "127.0.0.1:0", Timeout: -1}, "timeout -1ns: want a duration up to 1h0m0s"},
		{httpapi.Config{Address: "127.0.0.1:0", Timeout: 2 * time.Hour}, "timeout 2h0m0s: want a duration up to 1h0m0s"},
		{httpapi.Config{Address: "127.0.0.1:0", Origin: "pdns"}, `origin "pdns": want a URI such as https://pdns.example/`},
		{httpapi.Config{Address: "127.0.0.1:0", Origin: "https://pdns.example/"}, ""},
	} {
		s, err := httpapi.New(c.config)
		switch {
		case err == nil && c.want != "":
			t.Errorf("%+v is served, want %s", c.config, c.want)
		case err != nil && (c.want == "" || !strings.HasPrefix(err.Error(), c.want)):
			t.Errorf("%+v: %v, want %s", c.config, err, c.want)
		}
		if err == nil {
			s.Stop(t.Context())
		}
	}
}

// TestAudits: what can be told of requests.
func TestAudits(t *testing.T) {
	for text, want := range map[string]httpapi.Audit{"plain": httpapi.AuditPlain, "hashed": httpapi.AuditHashed, "off": httpapi.AuditOff} {
		if got, err := httpapi.ParseAudit(text); got != want || err != nil {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	if _, err := httpapi.ParseAudit("Plain"); err == nil || err.Error() != `audit "Plain": want plain, hashed or off` {
		t.Error(err)
	}
}

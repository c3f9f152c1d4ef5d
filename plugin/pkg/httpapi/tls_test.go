package httpapi_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.org/pdns/plugin/pkg/httpapi"
)

// certificates makes a certificate for 127.0.0.1 that signed itself, and its key, as
// files, and what a client makes of both.
func certificates(t *testing.T, dir string) (cert, key string, pair tls.Certificate) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{{127, 0, 0, 1}}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if pair, err = tls.LoadX509KeyPair(cert, key); err != nil {
		t.Fatal(err)
	}
	return cert, key, pair
}

// roots trust a certificate.
func roots(pair tls.Certificate) *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(pair.Leaf)
	return pool
}

func TestTLS(t *testing.T) {
	cert, key, pair := certificates(t, t.TempDir())
	w := serve(t, httpapi.Config{Cert: cert, CertKey: key}, 3)
	for _, c := range []struct {
		config *tls.Config
		proto  string
	}{
		{&tls.Config{}, "HTTP/2.0"},
		{&tls.Config{NextProtos: []string{"http/1.1"}}, "HTTP/1.1"},
		{&tls.Config{MaxVersion: tls.VersionTLS12}, "HTTP/2.0"},
	} {
		c.config.RootCAs = roots(pair)
		w.client = trusting(c.config)
		w.client.Transport.(*http.Transport).ForceAttemptHTTP2 = c.config.NextProtos == nil
		if r, body := w.get("/test/all"); r.Proto != c.proto || body != lines(3) {
			t.Errorf("%s %d %q, want %s", r.Proto, r.StatusCode, body, c.proto)
		}
		w.client.CloseIdleConnections()
	}
	old := &tls.Config{RootCAs: roots(pair), MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	w.client = trusting(old)
	if _, _, err := w.ask(http.MethodGet, "/test/all"); err == nil || !strings.Contains(err.Error(), "protocol version") {
		t.Errorf("%v, want that TLS 1.1 is refused", err)
	}
	w.client, w.url = http.DefaultClient, strings.Replace(w.url, "https:", "http:", 1)
	if r, body := w.get("/test/all"); r.StatusCode != http.StatusBadRequest {
		t.Errorf("without TLS: %d %q, want 400", r.StatusCode, body)
	}
}

func TestClientCertificate(t *testing.T) {
	cert, key, pair := certificates(t, t.TempDir())
	ca, _, client := certificates(t, t.TempDir())
	w := serve(t, httpapi.Config{Cert: cert, CertKey: key, ClientCA: ca}, 3)
	show := func(certificates ...tls.Certificate) error {
		w.client = trusting(&tls.Config{RootCAs: roots(pair), Certificates: certificates})
		defer w.client.CloseIdleConnections()
		_, _, err := w.ask(http.MethodGet, "/test/all")
		return err
	}
	if err := show(client); err != nil {
		t.Error(err)
	}
	if show() == nil {
		t.Error("a client without a certificate is served")
	}
	if show(pair) == nil {
		t.Error("a client with a certificate that another signed is served")
	}
}

package httpapi_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"

	"example.org/pdns/plugin/pkg/httpapi"
	"example.org/pdns/plugin/pkg/httpapi/ask"
	"example.org/pdns/plugin/pkg/httpapi/dialect"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// A world is a server on loopback over a small history, which also speaks a dialect
// of the test.
type world struct {
	*httpapi.Server
	t       *testing.T
	client  *http.Client
	url     string
	records chan httpapi.Record

	// each is called for each result, before it leaves, with how many there were.
	each func(x *dialect.Exchange, n int) error

	mu  sync.Mutex
	log []string
}

// serve starts a server over n RRsets.
func serve(t *testing.T, c httpapi.Config, n int) *world {
	t.Helper()
	w := create(t, c, n)
	w.start()
	return w
}

// create is a server that was not started.
func create(t *testing.T, c httpapi.Config, n int) *world {
	t.Helper()
	w := &world{t: t, records: make(chan httpapi.Record, 10_000)}
	src := history(t, n)
	c.Source = func() store.Source { return src }
	c.Address = "127.0.0.1:0"
	c.Seen = func(r httpapi.Record) { w.records <- r }
	c.Log = w.take
	var err error
	if w.Server, err = httpapi.New(c); err != nil {
		t.Fatal(err)
	}
	w.Speak(dialect.Dialect{Name: "test", Prefixes: []string{"/test/"}, Secret: secret, Serve: w.answer, Refuse: refuse})
	t.Cleanup(func() { w.Stop(context.Background()) })
	w.url, w.client = "http://", &http.Client{Transport: &http.Transport{DisableCompression: true}}
	if c.Cert != "" {
		w.url = "https://"
	}
	return w
}

func (w *world) start() {
	w.t.Helper()
	if err := w.Start(); err != nil {
		w.t.Fatal(err)
	}
	w.url += w.Addr().String()
	w.t.Cleanup(w.client.CloseIdleConnections)
}

func (w *world) take(line string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.log = append(w.log, line)
}

func (w *world) logged() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]string{}, w.log...)
}

func history(t *testing.T, n int) store.Source {
	t.Helper()
	s, err := store.Open(t.TempDir(), store.Options{Flush: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	for i := range n {
		r := rrset.RRset{Owner: rrset.MustName(fmt.Sprintf("n%05d.example.", i)), Type: 1, Rdata: [][]byte{{192, 0, 2, 1}},
			Figures: rrset.Figures{First: 100, Last: 100, Count: 1}}
		if err := s.Add(&r); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// lines is what /test/all answers of n RRsets.
func lines(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "n%05d.example.\n", i)
	}
	return b.String() + "end\n"
}

// padding makes lines wide.
var padding = strings.Repeat(" ", 1000)

func secret(r *http.Request) string {
	if user, password, ok := r.BasicAuth(); ok {
		return user + ":" + password
	}
	return r.Header.Get("X-API-Key")
}

func refuse(x *dialect.Exchange, f *dialect.Fault) { x.Text(f.Status, "refused: "+f.Text) }

// answer is the dialect: /test/all are all names and a last line, and some others
// are what a dialect should not do.
func (w *world) answer(x *dialect.Exchange) error {
	s := x.Stream("text/plain")
	line := func(text string) error {
		return s.Append(func(dst []byte) []byte { return append(dst, text+"\n"...) })
	}
	switch x.Path[0] {
	case "all":
		return w.all(x, s, line)
	case "wide":
		return w.all(x, s, func(text string) error { return line(text + padding) })
	case "empty":
		return s.Close()
	case "endless":
		for {
			if err := line(strings.Repeat("x", 1000)); err != nil {
				return err
			}
		}
	case "large":
		x.Text(http.StatusOK, strings.Repeat("x", 64<<20))
		return nil
	case "panic":
		var none []string
		return line(none[len(x.Path)])
	case "late":
		line("first")
		line("second") // it waits
		panic(x.Path[1])
	case "text":
		x.Text(http.StatusOK, "first")
		return fmt.Errorf("too late")
	}
	return dialect.Bad("%s: want all", dialect.Show(x.Path[0]))
}

func (w *world) all(x *dialect.Exchange, s *dialect.Stream, line func(string) error) error {
	n := 0
	o := x.Find(&ask.Query{Limit: x.Limit(0)}, func(r *rrset.RRset) error {
		if n++; w.each != nil {
			if err := w.each(x, n); err != nil {
				return err
			}
		}
		x.Count(1)
		return line(rrset.NameString(r.Owner))
	})
	if o.Err != nil {
		return o.Err
	}
	end := "end"
	if o.More {
		end = "more"
	}
	if err := line(end); err != nil {
		return err
	}
	return s.Close()
}

// get asks, with headers by pairs, and reads the whole answer.
func (w *world) get(path string, headers ...string) (*http.Response, string) {
	w.t.Helper()
	r, body, err := w.ask(http.MethodGet, path, headers...)
	if err != nil {
		w.t.Fatal(err)
	}
	return r, body
}

func (w *world) ask(method, path string, headers ...string) (*http.Response, string, error) {
	q, err := http.NewRequest(method, w.url+path, nil)
	if err != nil {
		return nil, "", err
	}
	for i := 0; i < len(headers); i += 2 {
		q.Header.Set(headers[i], headers[i+1])
	}
	r, err := w.client.Do(q)
	if err != nil {
		return nil, "", err
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	return r, string(b), err
}

// want checks a whole answer.
func (w *world) want(status int, body, path string, headers ...string) {
	w.t.Helper()
	if r, got := w.get(path, headers...); r.StatusCode != status || got != body {
		w.t.Errorf("%s: %d %q, want %d %q", path, r.StatusCode, got, status, body)
	}
}

// dial is a connection of a client that does as it likes.
func (w *world) dial() (net.Conn, *bufio.Reader) {
	w.t.Helper()
	c, err := net.Dial("tcp", w.Addr().String())
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { c.Close() })
	return c, bufio.NewReader(c)
}

// keyFile is a file of keys whose secrets are "sesame", with terms after the name.
func keyFile(t *testing.T, keys ...string) string {
	t.Helper()
	text, salt := base64.RawStdEncoding.EncodeToString, []byte("saltsalt")
	hash := "$argon2id$v=19$m=8,t=1,p=1$" + text(salt) + "$" + text(argon2.IDKey([]byte("sesame"), salt, 1, 8, 1, 16))
	var b strings.Builder
	for _, key := range keys {
		name, terms, _ := strings.Cut(key, " ")
		fmt.Fprintln(&b, name, hash, terms)
	}
	path := filepath.Join(t.TempDir(), "keys")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// trusting is a client that trusts a server's certificate and shows its own.
func trusting(c *tls.Config) *http.Client {
	return &http.Client{Transport: &http.Transport{TLSClientConfig: c, ForceAttemptHTTP2: true, DisableCompression: true}}
}

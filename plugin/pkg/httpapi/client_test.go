package httpapi_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"example.org/pdns/plugin/pkg/httpapi"
	"example.org/pdns/plugin/pkg/httpapi/dialect"
)

func TestMethods(t *testing.T) {
	w := serve(t, httpapi.Config{}, 3)
	for method, want := range map[string]struct {
		status int
		body   string
	}{
		"GET":     {200, lines(3)},
		"HEAD":    {200, ""},
		"POST":    {405, "refused: method \"POST\": want GET\n"},
		"DELETE":  {405, "refused: method \"DELETE\": want GET\n"},
		"OPTIONS": {405, "refused: method \"OPTIONS\": want GET\n"},
		"BREW":    {405, "refused: method \"BREW\": want GET\n"},
	} {
		r, body, err := w.ask(method, "/test/all")
		if err != nil {
			t.Fatal(err)
		}
		if r.StatusCode != want.status || body != want.body {
			t.Errorf("%s: %d %q, want %v", method, r.StatusCode, body, want)
		}
		if allow := r.Header.Get("Allow"); want.status == 405 && allow != "GET, HEAD" {
			t.Errorf("%s: allows %q", method, allow)
		}
	}
}

// TestEmpty: an answer of nothing is one.
func TestEmpty(t *testing.T) {
	w := serve(t, httpapi.Config{}, 3)
	w.want(200, "", "/test/empty")
	if rec := <-w.records; rec.Status != 200 || rec.Cut {
		t.Errorf("%+v, want status 200", rec)
	}
}

func TestLongHeader(t *testing.T) {
	w := serve(t, httpapi.Config{}, 3)
	w.want(200, lines(3), "/test/all", "X-Long", strings.Repeat("x", 15<<10))
	long := strings.Repeat("x", 21<<10)
	for _, request := range []string{"GET /test/all HTTP/1.1\r\nHost: localhost\r\nX-Long: " + long + "\r\n\r\n", "GET /" + long + " HTTP/1.1\r\nHost: localhost\r\n\r\n"} {
		c, in := w.dial()
		fmt.Fprint(c, request)
		r, err := http.ReadResponse(in, nil)
		if err != nil || r.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
			t.Errorf("%v, %v, want 431", r, err)
		}
	}
}

// TestGarbage: what is no HTTP ends a connection and no more.
func TestGarbage(t *testing.T) {
	w := serve(t, httpapi.Config{}, 3)
	for _, request := range []string{"\x16\x03\x01\x02\x00\r\n\r\n", "GET\r\n\r\n", "GET /test/all HTTP/1.1\r\n\r\n", "GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n"} {
		c, in := w.dial()
		fmt.Fprint(c, request)
		r, err := http.ReadResponse(in, nil)
		if err != nil || r.StatusCode != http.StatusBadRequest {
			t.Errorf("%q: %v, %v, want 400", request, r, err)
		}
	}
	w.want(200, lines(3), "/test/all")
}

// TestSlowReader: who reads slowly gets all of it.
func TestSlowReader(t *testing.T) {
	const n = 20_000
	w := serve(t, httpapi.Config{}, n)
	r, err := w.client.Get(w.url + "/test/wide") // more than lies on the way
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	in := bufio.NewScanner(iotest.HalfReader(r.Body))
	read := 0
	for in.Scan() {
		if want := fmt.Sprintf("n%05d.example.%s", read, padding); read < n && in.Text() != want {
			t.Fatalf("line %d is %q, want %q", read, in.Text(), want)
		}
		read++
	}
	if in.Err() != nil || read != n+1 {
		t.Errorf("%d lines, %v, want %d", read, in.Err(), n+1)
	}
	if rec := <-w.records; rec.Cut || rec.Results != n || rec.Bytes != int64(n*16+4+(n+1)*len(padding)) {
		t.Errorf("%+v, want %d results", rec, n)
	}
}

// TestStalled: a client that reads nothing is cut, and keeps nobody else from being
// served.
func TestStalled(t *testing.T) {
	w := create(t, httpapi.Config{}, 3)
	w.Stall(time.Second / 2)
	w.start()
	for _, path := range []string{"endless", "large"} {
		c, _ := w.dial()
		fmt.Fprintf(c, "GET /test/%s HTTP/1.1\r\nHost: localhost\r\n\r\n", path)
		if rec := <-w.records; !rec.Cut || rec.Status != 200 {
			t.Errorf("%s: %+v, want that it was cut", path, rec)
		}
	}
	w.want(200, lines(3), "/test/all")
}

// TestStalledHTTP2: the same where a client reads nothing of one answer of several.
func TestStalledHTTP2(t *testing.T) {
	cert, key, pair := certificates(t, t.TempDir())
	w := create(t, httpapi.Config{Cert: cert, CertKey: key}, 3)
	w.Stall(time.Second / 2)
	w.start()
	w.client = trusting(&tls.Config{RootCAs: roots(pair)})
	r, err := w.client.Get(w.url + "/test/endless")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if rec := <-w.records; !rec.Cut || r.ProtoMajor != 2 {
		t.Errorf("%s: %+v, want that it was cut", r.Proto, rec)
	}
	w.want(200, lines(3), "/test/all")
	if _, err := io.Copy(io.Discard, r.Body); err == nil {
		t.Error("the answer looks whole")
	}
}

// A bounded writer tells of what it is bounded by.
type bounded struct {
	*httptest.ResponseRecorder
	did []string
}

func (b *bounded) Write(p []byte) (int, error) {
	b.did = append(b.did, "write")
	return b.ResponseRecorder.Write(p)
}

func (b *bounded) FlushError() error {
	b.did = append(b.did, "flush")
	return nil
}

func (b *bounded) SetWriteDeadline(at time.Time) error {
	did := "unbound"
	if !at.IsZero() {
		did = "bound"
	}
	b.did = append(b.did, did)
	return nil
}

// TestDeadlines: a client has so long for each write, and a search that finds
// nothing for a while may take longer.
func TestDeadlines(t *testing.T) {
	w := create(t, httpapi.Config{}, 3)
	b := &bounded{ResponseRecorder: httptest.NewRecorder()}
	w.Handler().ServeHTTP(b, httptest.NewRequest(http.MethodGet, "/test/all", nil))
	var want []string
	for range 2 { // the first line at once, then the others
		want = append(want, "bound", "write", "unbound", "bound", "flush", "unbound")
	}
	want = append(want, "bound") // what the server sends last
	if got := strings.Join(b.did, " "); got != strings.Join(want, " ") {
		t.Errorf("%s\nwant\n%s", got, strings.Join(want, " "))
	}
}

// TestAway: the search of a client that goes away ends.
func TestAway(t *testing.T) {
	const n = 5000
	w := serve(t, httpapi.Config{}, n)
	arrived := make(chan struct{})
	w.each = func(x *dialect.Exchange, i int) error {
		if i == 2 {
			close(arrived)
			<-x.Request.Context().Done()
		}
		return nil
	}
	c, in := w.dial()
	fmt.Fprint(c, "GET /test/all HTTP/1.1\r\nHost: localhost\r\n\r\n")
	if _, err := http.ReadResponse(in, nil); err != nil {
		t.Fatal(err)
	}
	<-arrived
	c.Close()
	if rec := <-w.records; !rec.Cut || rec.Results == n {
		t.Errorf("%+v, want that it ended before %d", rec, n)
	}
}

// TestConnections: a thousand clients at once.
func TestConnections(t *testing.T) {
	const n = 1000
	w := serve(t, httpapi.Config{}, 5)
	var open, done sync.WaitGroup
	open.Add(n)
	errs := make(chan error, n)
	for range n {
		c, in := w.dial()
		done.Go(func() {
			fmt.Fprint(c, "GET /test/all HTTP/1.1\r\nHost: localhost\r\n\r\n")
			open.Done()
			open.Wait()
			r, err := http.ReadResponse(in, nil)
			if err != nil {
				errs <- err
				return
			}
			b, err := io.ReadAll(r.Body)
			if r.StatusCode != 200 || string(b) != lines(5) {
				err = fmt.Errorf("%d %q", r.StatusCode, b)
			}
			if err != nil {
				errs <- err
			}
		})
	}
	done.Wait()
	close(errs)
	for err := range errs {
		t.Error(err)
	}
}

// TestStop: an answer under way comes to its end, and nobody is served any more.
func TestStop(t *testing.T) {
	w := serve(t, httpapi.Config{Keys: keyFile(t, "soc")}, 3)
	arrived, goOn := make(chan struct{}), make(chan struct{})
	w.each = func(_ *dialect.Exchange, i int) error {
		if i == 2 {
			close(arrived)
			<-goOn
		}
		return nil
	}
	answer, stopped := make(chan string), make(chan error)
	go func() {
		_, body, err := w.ask(http.MethodGet, "/test/all", "X-API-Key", "soc.sesame")
		answer <- fmt.Sprint(body, err)
	}()
	<-arrived
	go func() { stopped <- w.Stop(context.Background()) }()
	for { // until it no longer listens
		if _, err := http.Get(w.url); err != nil {
			break
		}
	}
	close(goOn)
	if got, want := <-answer, lines(3)+"<nil>"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	if err := w.Stop(context.Background()); err != nil {
		t.Errorf("stopped again: %v", err)
	}
}

// TestStopAtOnce: when the context ends, so do the answers, in a way that a client
// sees.
func TestStopAtOnce(t *testing.T) {
	w := serve(t, httpapi.Config{}, 3)
	arrived := make(chan struct{})
	w.each = func(x *dialect.Exchange, i int) error {
		if i == 2 {
			close(arrived)
			<-x.Request.Context().Done()
		}
		return nil
	}
	failed := make(chan error)
	go func() {
		_, _, err := w.ask(http.MethodGet, "/test/all")
		failed <- err
	}()
	<-arrived
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := w.Stop(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want why it was not waited for longer", err)
	}
	if <-failed == nil {
		t.Error("the answer looks whole")
	}
	if rec := <-w.records; !rec.Cut {
		t.Errorf("%+v, want that it was cut", rec)
	}
}

// TestAddressInUse: a server that does not start can be stopped.
func TestAddressInUse(t *testing.T) {
	w := serve(t, httpapi.Config{}, 0)
	s, err := httpapi.New(httpapi.Config{Address: w.Addr().String(), Keys: keyFile(t, "soc")})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err == nil || !strings.Contains(err.Error(), w.Addr().String()) {
		t.Errorf("%v, want that the address is in use", err)
	}
	if err := s.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}

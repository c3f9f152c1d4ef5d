package httpapi_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"example.org/pdns/plugin/pkg/httpapi"
	"example.org/pdns/plugin/pkg/httpapi/dialect"
)

// TestAborting: clients that go away in the middle of an answer end nothing but
// their own, in any dialect that streams.
func TestAborting(t *testing.T) {
	w := serve(t, httpapi.Config{}, 20_000)
	for _, path := range []string{
		"/api/v1/lookup?subject=*.example&limit=0",
		"/dnsdb/v2/lookup/rrset/name/*.example?limit=0",
		"/lookup/rrset/name/*.example?limit=0",
		"/pdns/query/192.0.2.1",
		"/test/all",
	} {
		var all sync.WaitGroup
		for i := range 32 {
			all.Go(func() {
				c, err := net.Dial("tcp", w.Addr().String())
				if err != nil {
					t.Error(err)
					return
				}
				defer c.Close()
				fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", path)
				io.CopyN(io.Discard, c, int64(400*i))
			})
		}
		all.Wait()
		for range 32 {
			<-w.records
		}
	}
	w.want(200, lines(20_000), "/test/all")
}

// TestAppendedLate: what a dialect still appends once it has returned, as its timers
// may, is refused to it.
func TestAppendedLate(t *testing.T) {
	w := create(t, httpapi.Config{}, 0)
	streams := make(chan *dialect.Stream, 1)
	w.Speak(dialect.Dialect{Name: "late", Prefixes: []string{"/late/"}, Secret: secret, Refuse: refuse, Serve: func(x *dialect.Exchange) error {
		streams <- x.Stream("text/plain")
		return nil
	}})
	w.start()
	w.want(200, "", "/late/")
	if err := (<-streams).Append(func(dst []byte) []byte { return append(dst, "late"...) }); err == nil {
		t.Error("it was taken")
	}
}

// TestPrefix: a prefix is whole parts of a path.
func TestPrefix(t *testing.T) {
	w := serve(t, httpapi.Config{}, 0)
	for _, path := range []string{"/information", "/testing/all", "/tes"} {
		w.want(404, nothingHere, path)
	}
}

// TestRefusalDefect: a panic while it is said what is wrong is told too, and cuts.
func TestRefusalDefect(t *testing.T) {
	w := create(t, httpapi.Config{}, 0)
	w.Speak(dialect.Dialect{Name: "bad", Prefixes: []string{"/bad/"}, Secret: secret,
		Serve:  func(*dialect.Exchange) error { return dialect.Bad("wrong") },
		Refuse: func(*dialect.Exchange, *dialect.Fault) { panic("defect") }})
	w.start()
	if _, _, err := w.ask(http.MethodGet, "/bad/"); err == nil {
		t.Error("it was answered")
	}
	if rec := <-w.records; !rec.Cut || rec.Dialect != "bad" {
		t.Errorf("%+v, want that it was cut", rec)
	}
	if told := w.logged(); len(told) == 0 || !strings.HasPrefix(told[0], "defect: dialect bad: panic: string\n") {
		t.Errorf("%q", told)
	}
}

// TestUnreadable: an error of the store is told to whoever runs the server, and not
// to clients.
func TestUnreadable(t *testing.T) {
	w := serve(t, httpapi.Config{Audit: httpapi.AuditOff}, 1)
	w.each = func(*dialect.Exchange, int) error { return errors.New("run 7: page 3: checksum") }
	w.want(503, "refused: the history could not be read\n", "/test/all")
	if told := strings.Join(w.logged(), "\n"); told != "the history could not be read: run 7: page 3: checksum" {
		t.Errorf("%q", told)
	}
}

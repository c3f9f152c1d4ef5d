package own_test

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"example.org/pdns/plugin/pkg/clock"
	"example.org/pdns/plugin/pkg/httpapi"
	"example.org/pdns/plugin/pkg/httpapi/keys"
	"example.org/pdns/plugin/pkg/httpapi/own"
	"example.org/pdns/plugin/pkg/store"
	"example.org/pdns/plugin/pkg/store/novelty"
)

// A newsroom is a store that looks for what is new, and the API over it. It is
// base+1000 there, and a second later with each flush.
type newsroom struct {
	*testing.T
	dir   string
	now   atomic.Int64
	store *store.Store
}

func openNewsroom(t *testing.T, o novelty.Options) *newsroom {
	n := &newsroom{T: t, dir: t.TempDir()}
	n.now.Store(base + 1000)
	var err error
	n.store, err = store.Open(n.dir, store.Options{Flush: time.Hour, News: o, Now: func() time.Time { return time.Unix(n.now.Load(), 0) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.store.Close() })
	return n
}

// flush adds lines as those of history, and flushes.
func (n *newsroom) flush(lines ...string) {
	n.Helper()
	for _, line := range lines {
		r, err := set(line)
		if err == nil {
			err = n.store.Add(r)
		}
		if err != nil {
			n.Fatal(err)
		}
	}
	if err := n.store.Flush(context.Background()); err != nil {
		n.Fatal(err)
	}
	n.now.Add(1)
}

// found is a line of an answer; times are behind base.
func found(kind, name string, logged int, more, set string) string {
	return fmt.Sprintf(`{"kind":"%s","name":"%s","time_logged":%d,%s%s`, kind, name, base+logged, more, set[1:])
}

func ended(cond, more string) string { return `{"cond":"` + cond + `"` + more + "}\n" }

func TestNewlyObserved(t *testing.T) {
	n := openNewsroom(t, novelty.Options{Learn: -1})
	n.flush("www.example.com. NXDOMAIN - 800 800 1")
	n.flush("www.example.com. A - 950 960 4 192.0.2.1", "b.test. A - 999 999 1 192.0.2.9")
	n.flush("www.example.com. A - 1000 1000 1 192.0.2.2")
	h := serve(t, n.store, httpapi.Config{Limit: 5})
	denied := fmt.Sprintf(`"nxdomain_first":%d,`, base+800)
	www := record(4, 950, 960, "www.example.com.", "A", "", `"192.0.2.1"`)
	b := record(1, 999, 999, "b.test.", "A", "", `"192.0.2.9"`)
	also := record(1, 1000, 1000, "www.example.com.", "A", "", `"192.0.2.2"`)
	hostB, domainB := found("host", "b.test.", 1001, "", b), found("domain", "b.test.", 1001, "", b)
	host, domain := found("host", "www.example.com.", 1001, denied, www), found("domain", "example.com.", 1001, denied, www)
	sets := found("rrset", "www.example.com.", 1001, "", www) + found("rrset", "b.test.", 1001, "", b)
	also = found("rrset", "www.example.com.", 1002, "", also)
	const (
		before = `,"msg":"the log begins at 2001-09-09T02:03:21Z: ask new for what was first seen before"`
		by1001 = `,"after":1000001001`
		by1002 = `,"after":1000001002`
	)
	after := "after=1000001000"
	for _, tt := range []struct{ ask, want string }{
		{"", host + domain + hostB + domainB + ended("succeeded", before+by1001)},
		{after, host + domain + hostB + domainB + ended("succeeded", by1001)},
		{"after=1000001001", ended("succeeded", by1001)},
		{"since=1000001001", host + domain + hostB + domainB + ended("succeeded", by1001)},
		{"since=1000001002", ended("succeeded", by1001)},
		{"kind=domain&" + after, domain + domainB + ended("succeeded", by1001)},
		{"kind=rrset&" + after, sets + also + ended("succeeded", by1002)},
		{"kind=rrset,host&" + after, host + hostB + sets + also + ended("succeeded", by1002)},
		{"kind=rrset,host&after=1000001001", also + ended("succeeded", by1002)},
		{"nxdomain=true&" + after, host + domain + ended("succeeded", by1001)},
		{"below=*.test&" + after, hostB + domainB + ended("succeeded", by1001)},
		{"below=www.example.com&" + after, host + ended("succeeded", by1001)},
		{"limit=3&" + after, host + domain + hostB +
			ended("limited", `,"msg":"there is more: ask again with after=1000001000&offset=3","after":1000001000,"offset":3`)},
		{"offset=3&" + after, domainB + ended("succeeded", by1001)},
		{"limit=0&kind=domain,host,rrset&" + after, host + domain + hostB + domainB + found("rrset", "www.example.com.", 1001, "", www) +
			ended("limited", `,"msg":"there is more: ask again with after=1000001000&offset=5","after":1000001000,"offset":5`)},
		{"limit=2&kind=rrset&" + after, sets +
			ended("limited", `,"msg":"there is more: ask again with after=1000001001","after":1000001001`)},
	} {
		if w := get(h, "/api/v1/newly-observed?"+tt.ask); w.Code != 200 || w.Body.String() != tt.want {
			t.Errorf("%s: %d\n%s\nwant\n%s", tt.ask, w.Code, w.Body, tt.want)
		}
	}
}

// nothing is what goes with a place at base+1000 where there is no log.
const nothing = `,"msg":"nothing was logged yet: it is looked for what is new where the collector says so (new), ` +
	`once the history reaches back far enough to know (learn)","after":1000001000`

// What is not in the log, and why, is said.
func TestNewlyObservedMissing(t *testing.T) {
	learns := openNewsroom(t, novelty.Options{})
	learns.flush("a.test. A - 999 999 1 192.0.2.9")
	off := openNewsroom(t, novelty.Options{Off: true})
	off.flush("a.test. A - 999 999 1 192.0.2.9")
	file := filepath.Join(t.TempDir(), "snapshot")
	if err := store.Snapshot(t.Context(), off.store, file, store.SnapshotOptions{}); err != nil {
		t.Fatal(err)
	}
	snapshot, err := store.OpenReader(file)
	if err != nil {
		t.Fatal(err)
	}
	defer snapshot.Close()

	damaged := openNewsroom(t, novelty.Options{Learn: -1})
	damaged.flush()
	damaged.flush("a.test. A - 999 999 1 192.0.2.9", "b.test. A - 999 999 1 192.0.2.9")
	logs, err := filepath.Glob(filepath.Join(damaged.dir, "new-names-*.log"))
	if err != nil || len(logs) != 1 {
		t.Fatal(logs, err)
	}
	text, err := os.ReadFile(logs[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(logs[0], []byte(strings.Replace(string(text), "a.test.", "a..est.", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	set := record(1, 999, 999, "b.test.", "A", "", `"192.0.2.9"`)
	for _, tt := range []struct {
		name   string
		source store.Source
		ask    string
		want   string
	}{
		{"learning", learns.store, "", ended("succeeded", nothing)},
		{"off", off.store, "", ended("succeeded", nothing)},
		{"snapshot", snapshot, "", ended("succeeded", `,"msg":"a snapshot has no log of what was newly observed: ask new, which asks all of its history"`)},
		{"snapshot, which does not grow", snapshot, "&follow=true", ended("succeeded",
			`,"msg":"a snapshot has no log of what was newly observed: ask new, which asks all of its history"`)},
		{"damaged", damaged.store, "&kind=host", found("host", "b.test.", 1001, "", set) + ended("failed",
			`,"msg":"a part of the log could not be read: what the rest holds is given","after":1000001001`)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := serve(t, tt.source, httpapi.Config{})
			if w := get(h, "/api/v1/newly-observed?after=1000001000"+tt.ask); w.Code != 200 || w.Body.String() != tt.want {
				t.Errorf("%d\n%s\nwant\n%s", w.Code, w.Body, tt.want)
			}
		})
	}
}

// A follower reads an answer that goes on.
type follower struct {
	*testing.T
	*bufio.Scanner
	end context.CancelFunc
}

// follow asks a server over TCP.
func follow(t *testing.T, address, ask string, header ...string) *follower {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/api/v1/newly-observed?follow=true"+ask, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { answer.Body.Close() })
	if answer.StatusCode != 200 {
		t.Fatal(answer.Status)
	}
	return &follower{t, bufio.NewScanner(answer.Body), cancel}
}

// next is the next line but for heartbeats.
func (f *follower) next() string {
	f.Helper()
	if !f.Scan() {
		f.Fatalf("the answer ends: %v", f.Err())
	}
	return f.Text() + "\n"
}

func (f *follower) want(lines string) {
	f.Helper()
	for line := range strings.Lines(lines) {
		if got := f.next(); got != line {
			f.Fatalf("got\n%swant\n%s", got, line)
		}
	}
}

func (f *follower) wantEnd() {
	f.Helper()
	if f.Scan() || f.Err() != nil {
		f.Errorf("%q, %v: want the end", f.Text(), f.Err())
	}
}

// listen serves over TCP.
func listen(t *testing.T, n *newsroom, c httpapi.Config) *httpapi.Server {
	t.Helper()
	t.Cleanup(own.SetPace(time.Millisecond, time.Hour))
	clock.Set(func() time.Time { return time.Unix(base+1000, 0) })
	t.Cleanup(func() { clock.Set(nil) })
	c.Address = "127.0.0.1:0"
	c.Source = func() store.Source { return n.store }
	s, err := httpapi.New(c)
	if err == nil {
		err = s.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Stop(context.Background()) })
	return s
}

// What is flushed while somebody follows is on its way to him, and he is told where to
// go on; the end of the server ends it.
func TestFollow(t *testing.T) {
	n := openNewsroom(t, novelty.Options{Learn: -1})
	n.flush("a.test. A - 999 999 1 192.0.2.9")
	s := listen(t, n, httpapi.Config{})
	domain := func(name string, logged int) string {
		return found("domain", name, logged, "", record(1, 999, 999, name, "A", "", `"192.0.2.9"`))
	}
	f := follow(t, s.Addr().String(), "&kind=domain&after=1000000999")
	f.want(domain("a.test.", 1000) + ended("ongoing", `,"after":1000001000`))
	n.flush("b.test. A - 999 999 1 192.0.2.9")
	f.want(domain("b.test.", 1001) + ended("ongoing", `,"after":1000001001`))

	// Compressed too, and of both kinds of files.
	z := follow(t, s.Addr().String(), "&kind=domain,rrset&below=test&after=1000001001", "Accept-Encoding", "gzip")
	if z.next(); !strings.HasPrefix(z.Text(), "\x1f\x8b") {
		t.Errorf("%q: want gzip", z.Text())
	}
	both := follow(t, s.Addr().String(), "&kind=domain,rrset&after=1000001001")
	both.want(ended("ongoing", `,"after":1000001001`))
	n.flush("c.test. A - 999 999 1 192.0.2.9")
	both.want(domain("c.test.", 1002) + strings.Replace(domain("c.test.", 1002), "domain", "rrset", 1) + ended("ongoing", `,"after":1000001002`))

	// The log goes, and comes again.
	logs, err := filepath.Glob(filepath.Join(n.dir, "new-*.log"))
	if err != nil || len(logs) == 0 {
		t.Fatal(logs, err)
	}
	for _, file := range logs {
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	}
	f.want(domain("c.test.", 1002) + ended("ongoing", `,"after":1000001002`))
	n.flush("d.test. A - 999 999 1 192.0.2.9")
	f.want(domain("d.test.", 1003) + ended("ongoing", `,"after":1000001003`))

	// A limit ends it.
	l := follow(t, s.Addr().String(), "&kind=domain&after=1000001002&limit=1")
	l.want(domain("d.test.", 1003) + ended("ongoing", `,"after":1000001003`))
	n.flush("e.test. A - 999 999 1 192.0.2.9")
	l.want(ended("limited", `,"msg":"there is more: ask again with after=1000001003","after":1000001003`))
	l.wantEnd()
	f.want(domain("e.test.", 1004) + ended("ongoing", `,"after":1000001004`))

	stopped := make(chan error)
	go func() { stopped <- s.Stop(context.Background()) }()
	f.want(ended("limited", `,"msg":"the server ends, or begins anew: ask again","after":1000001004`))
	f.wantEnd()
	if err := <-stopped; err != nil {
		t.Errorf("Stop: %v", err)
	}
}

// Where nothing is new, a line says now and then that this goes on.
func TestHeartbeat(t *testing.T) {
	n := openNewsroom(t, novelty.Options{Learn: -1})
	s := listen(t, n, httpapi.Config{})
	own.SetPace(time.Millisecond, time.Millisecond)
	f := follow(t, s.Addr().String(), "&after=1000001000")
	f.want(ended("ongoing", nothing))
	for range 5 {
		f.want(ended("ongoing", `,"after":1000001000`))
	}
}

// As many follow as may; who goes makes room, and who asks otherwise is not in the way.
func TestFollowers(t *testing.T) {
	n := openNewsroom(t, novelty.Options{Learn: -1})
	s := listen(t, n, httpapi.Config{})
	var all []*follower
	for range own.MostOfOne {
		f := follow(t, s.Addr().String(), "")
		f.next()
		all = append(all, f)
	}
	ask := func() *httptest.ResponseRecorder {
		ctx, cancel := context.WithCancel(t.Context())
		cancel() // who is let in ends at once
		w := httptest.NewRecorder()
		func() {
			defer func() { recover() }() // what is cut panics
			s.Handler().ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodGet, "/api/v1/newly-observed?follow=true", nil))
		}()
		return w
	}
	if w := ask(); w.Code != 503 || w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), "as many follow as may, 64 in all and 16 by one key") {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	if w := get(s.Handler(), "/api/v1/lookup?subject=*"); w.Code != 200 {
		t.Errorf("another question: %d %s", w.Code, w.Body)
	}
	all[0].end()
	for ask().Code == 503 {
	}
}

// A key that is taken away ends what it began.
func TestFollowRevoked(t *testing.T) {
	file := filepath.Join(t.TempDir(), "keys")
	secret, err := keys.Add(file, "alice")
	if err != nil {
		t.Fatal(err)
	}
	n := openNewsroom(t, novelty.Options{Learn: -1})
	s := listen(t, n, httpapi.Config{Keys: file})
	f := follow(t, s.Addr().String(), "&after=1000001000", "X-Api-Key", secret)
	f.want(ended("ongoing", nothing))
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	f.want(ended("failed", `,"msg":"the key may not be used any more: what was found until then is given","after":1000001000`))
	f.wantEnd()
}

package own_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.org/pdns/plugin/pkg/httpapi"
	"example.org/pdns/plugin/pkg/httpapi/keys"
	"example.org/pdns/plugin/pkg/store"
)

const unread = "a part of the history could not be read: what the rest holds is given"

// damaged is the history of which the older half cannot be read.
func damaged(t *testing.T) store.Source {
	t.Helper()
	dir := t.TempDir()
	s, err := store.Open(dir, store.Options{Flush: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	for _, half := range strings.Split(strings.TrimSpace(history), "flush\n") {
		for _, line := range strings.Split(strings.TrimSpace(half), "\n") {
			r, err := set(line)
			if err == nil {
				err = s.Add(r)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Flush(context.Background()); err != nil {
			t.Fatal(err)
		}
		if files == nil {
			if files, err = filepath.Glob(filepath.Join(dir, "*.run")); err != nil || len(files) != 1 {
				t.Fatal(files, err)
			}
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(files[0], 10); err != nil {
		t.Fatal(err)
	}
	src, err := store.OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { src.Close() })
	return src
}

// What of a damaged history can be read is given, and every answer says that this
// is not all, without a word of files.
func TestDamaged(t *testing.T) {
	h := serve(t, damaged(t), httpapi.Config{})
	failed := `{"cond":"failed","msg":"` + unread + `"}` + "\n"
	reason := `"complete":false,"reason":"` + unread + `"}` + "\n"
	tests := []struct{ ask, want string }{
		{"lookup?subject=www.example.com", pair + newWWW + failed},
		{"at?subject=www.example.com&at=1000000105", failed},
		{"new?since=1000000900&kind=rrset", b + fresh + text + failed},
		{"new?since=1000000900&kind=host&below=com", `{"rrname":"b.example.com.","time_first":1000000900,"time_last":1000000900,"count":1,"rrsets":1}` + "\n" + failed},
		{"summary?subject=b.example.com", `{"rrsets":1,"time_first":1000000900,"time_last":1000000900,"count":1,"types":{"A":1},` + reason},
		{"timeline?name=never.test", `{"rrname":"never.test.","periods":[],"total":0,` + reason},
		{"map?seed=never.test&kinds=ns", `{"seeds":["never.test."],"kinds":["ns"],"depth":4,"nodes":[{"id":"never.test.","type":"name","domain":"never.test.",` +
			`"depth":0,"state":"unseen","score":1,"time_first":0,"time_last":0,"count":0}],"edges":[],"shared":[],"cut":[],"rrsets_read":0,"incomplete":"` +
			unread + `"}` + "\n"},
	}
	for _, tt := range tests {
		if w := get(h, "/api/v1/"+tt.ask); w.Code != 200 || w.Body.String() != tt.want {
			t.Errorf("%s: %d\n%s\nwant\n%s", tt.ask, w.Code, w.Body, tt.want)
		}
	}
	if got := get(h, "/api/v1/status").Body.String(); !strings.Contains(got, `"runs":2,"damaged":1,`) || strings.Contains(got, ".run") {
		t.Errorf("status: %s", got)
	}
}

// What takes too long says so; what was found until then is given.
func TestTimeout(t *testing.T) {
	h := serve(t, filled(t), httpapi.Config{Timeout: time.Nanosecond})
	for _, ask := range []string{"lookup?subject=*", "summary?subject=*", "timeline?name=a.test", "new?since=1d", "map?seed=a.test"} {
		w := get(h, "/api/v1/"+ask)
		// It may not even have had its turn.
		if got := w.Body.String(); !(w.Code == 503 || w.Code == 200 && strings.Contains(got, "the search took too long")) {
			t.Errorf("%s: %d %s", ask, w.Code, got)
		}
	}
}

func TestNotOpen(t *testing.T) {
	h := serve(t, nil, httpapi.Config{})
	want := `{"type":"about:blank","title":"Service Unavailable","status":503,"detail":"the store is not open"}` + "\n"
	for _, ask := range []string{"lookup?subject=*", "summary?subject=*", "timeline?name=a.test", "new?since=1d", "map?seed=a.test", "status"} {
		if w := get(h, "/api/v1/"+ask); w.Code != 503 || w.Body.String() != want {
			t.Errorf("%s: %d %s", ask, w.Code, w.Body)
		}
	}
}

// A key comes in either header. Without one only the document is given.
func TestKeys(t *testing.T) {
	file := filepath.Join(t.TempDir(), "keys")
	secret, err := keys.Add(file, "alice")
	if err != nil {
		t.Fatal(err)
	}
	h := serve(t, filled(t), httpapi.Config{Keys: file})
	const missing = `{"type":"about:blank","title":"Unauthorized","status":401,"detail":"no key that is known here"}` + "\n"
	tests := []struct {
		name   string
		header []string
		status int
		want   string
	}{
		{"none", nil, 401, missing},
		{"another scheme", []string{"Authorization", "Basic " + secret}, 401, missing},
		{"wrong", []string{"Authorization", "Bearer x"}, 401, missing},
		{"bearer", []string{"Authorization", "bearer " + secret}, 200, nodata + succeeded},
		{"header", []string{"X-API-Key", secret}, 200, nodata + succeeded},
	}
	for _, tt := range tests {
		w := get(h, "/api/v1/negative?name=www.example.com&since=1000000100", tt.header...)
		if w.Code != tt.status || w.Body.String() != tt.want || (w.Code == 401) != (w.Header().Get("WWW-Authenticate") == "Bearer") {
			t.Errorf("%s: %d %s %s", tt.name, w.Code, w.Header(), w.Body)
		}
	}
}

// No request is answered with a fault of the server, none makes it panic, and no
// line of an answer is left without an end.
func FuzzRequests(f *testing.F) {
	for _, s := range []string{"/api/v1/lookup?subject=www.example.com", "/api/v1/at?subject=*&at=1d", "/api/v1/new?since=1d&below=com",
		"/api/v1/timeline?name=a&gap=1", "/api/v1/map?seed=192.0.2.0/24&seed=a", "/api/v1/summary?raw=00&records=1&type=A,TYPE1",
		"/api/v3/domains/a/resolutions?cursor=MzAw", "/api/v3/resolutions/192.0.2.1a", "/v1/history/a/dns/a?page=2"} {
		f.Add(s)
	}
	s, err := store.Open(f.TempDir(), store.Options{Flush: time.Hour})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { s.Close() })
	server, err := httpapi.New(httpapi.Config{Address: "127.0.0.1:0", Source: func() store.Source { return s }})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { server.Stop(context.Background()) })
	f.Fuzz(func(t *testing.T, target string) {
		r, err := http.NewRequest(http.MethodGet, "http://pdns.example"+target, nil)
		if err != nil || !strings.HasPrefix(target, "/") {
			t.Skip()
		}
		w := httptest.NewRecorder()
		server.Handler().ServeHTTP(w, r)
		if w.Code >= 500 || w.Body.Len() > 0 && !bytes.HasSuffix(w.Body.Bytes(), []byte("\n")) {
			t.Errorf("%s: %d %s", target, w.Code, w.Body)
		}
	})
}

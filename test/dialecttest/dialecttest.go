// Package dialecttest is what tests of dialects share: the API over a small
// history, and requests to it.
package dialecttest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.org/pdns/plugin/pkg/clock"
	"example.org/pdns/plugin/pkg/httpapi"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// Now is the time of day during a test that calls Serve: a second before the year
// 2020, in UTC.
var Now = time.Date(2019, 12, 31, 23, 59, 59, 0, time.UTC)

// Serve is the API over a store with a history of one RRset a line: OWNER TYPE
// FIRST LAST COUNT TTL BAILIWICK RDATA|RDATA..., where TTL and BAILIWICK may be
// -. What of the configuration has to do with the store and with listening is set.
func Serve(t testing.TB, history string, config httpapi.Config) http.Handler {
	t.Helper()
	s, err := store.Open(t.TempDir(), store.Options{Flush: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	fill(t, s, history)
	return serve(t, s, config)
}

// Damaged is Serve over a store that has more than the history, in a run that
// cannot be read.
func Damaged(t testing.TB, history string, config httpapi.Config) http.Handler {
	t.Helper()
	dir := t.TempDir()
	s, err := store.Open(dir, store.Options{Flush: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	fill(t, s, history)
	err = s.Flush(context.Background())
	fill(t, s, "lost.test. A 100 100 1 - - 192.0.2.1")
	err = errors.Join(err, s.Flush(context.Background()))
	stats, failed := s.Stats()
	err = errors.Join(err, failed, s.Close())
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, stats.Runs[len(stats.Runs)-1].File), make([]byte, 4096), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	r, err := store.OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return serve(t, r, config)
}

func fill(t testing.TB, s *store.Store, history string) {
	t.Helper()
	for line := range strings.Lines(strings.TrimSpace(history)) {
		r, err := parse(line)
		if err == nil {
			err = s.Add(r)
		}
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
	}
}

func serve(t testing.TB, src store.Source, config httpapi.Config) http.Handler {
	t.Helper()
	clock.Set(func() time.Time { return Now })
	t.Cleanup(func() { clock.Set(nil) })
	config.Address, config.Source = "127.0.0.1:0", func() store.Source { return src }
	h, err := httpapi.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Stop(context.Background()) })
	return h.Handler()
}

func parse(line string) (*rrset.RRset, error) {
	f := strings.Fields(line)
	if len(f) < 7 {
		return nil, fmt.Errorf("%d fields: want 7 and rdata", len(f))
	}
	r := &rrset.RRset{Owner: rrset.MustName(f[0])}
	var err error
	if r.Type, err = rrset.ParseType(f[1]); err != nil {
		return nil, err
	}
	if _, err := fmt.Sscan(f[2]+" "+f[3]+" "+f[4], &r.First, &r.Last, &r.Count); err != nil {
		return nil, err
	}
	if f[5] != "-" {
		if _, err := fmt.Sscan(f[5], &r.TTLMax); err != nil {
			return nil, err
		}
		r.TTLMin, r.Marks = r.TTLMax, rrset.HasTTL
	}
	if f[6] != "-" {
		r.Bailiwick = rrset.MustName(f[6])
	}
	for text := range strings.SplitSeq(strings.Join(f[7:], " "), "|") {
		if r.Type == rrset.TypeNXDOMAIN {
			break
		}
		rdata, err := rrset.ParseRdata(r.Type, text)
		if err != nil {
			return nil, err
		}
		r.Rdata = append(r.Rdata, rdata)
	}
	r.Rdata = rrset.SortRdata(r.Rdata)
	return r, nil
}

// An Answer is what a client got.
type Answer struct {
	Status int
	Header http.Header
	Body   string
	Cut    bool // the connection ended in the middle
}

// Get asks, with header fields given as name and value in turn.
func Get(t testing.TB, h http.Handler, target string, header ...string) (a Answer) {
	t.Helper()
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, target, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	defer func() {
		if p := recover(); p != nil && p != http.ErrAbortHandler {
			panic(p)
		} else if p != nil {
			a.Cut = true
		}
		a.Status, a.Header, a.Body = w.Code, w.Header(), w.Body.String()
	}()
	h.ServeHTTP(w, r)
	return a
}

// Fuzz asks whatever the fuzzer finds behind a prefix, beginning with seeds, the
// target and one header field of each: the answer is one, or an error of the
// client's, and the form of neither is broken.
func Fuzz(f *testing.F, h http.Handler, prefix, field string, seeds ...string) {
	for _, seed := range seeds {
		f.Add(seed, "1")
	}
	f.Fuzz(func(t *testing.T, target, value string) {
		u, err := url.ParseRequestURI(prefix + target)
		if err != nil {
			return
		}
		r := &http.Request{Method: http.MethodGet, URL: u, Host: "example.com", Header: http.Header{}}
		r.Header.Set(field, value)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r.WithContext(t.Context()))
		if w.Code != http.StatusOK && (w.Code < 400 || w.Code > 499) {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		if strings.HasPrefix(w.Header().Get("Content-Type"), "text/") {
			return
		}
		for line := range strings.Lines(w.Body.String()) {
			if !json.Valid([]byte(line)) {
				t.Fatalf("%q is no JSON", line)
			}
		}
	})
}

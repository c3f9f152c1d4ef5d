package dnsdb_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"iter"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"example.org/pdns/plugin/pkg/httpapi"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

const (
	timeout = `{"cond":"failed","msg":"Processing timeout; results may be incomplete"}`
	damaged = `{"cond":"failed","msg":"A part of the history could not be read; results may be incomplete"}`
)

// halved is a store of two runs, one of which cannot be read.
func halved(t *testing.T) store.Source {
	dir := t.TempDir()
	s, err := store.Open(dir, store.Options{Flush: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"a.test. A test. 100 100 1 192.0.2.1", "b.test. A test. 100 100 1 192.0.2.1"} {
		if err := errors.Join(s.Add(set(t, line)), s.Flush(context.Background())); err != nil {
			t.Fatal(err)
		}
	}
	st, err := s.Stats()
	if err == nil {
		err = s.Close()
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, st.Runs[1].File), bytes.Repeat([]byte("x"), 4096), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	src, err := store.OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { src.Close() })
	return src
}

func TestPartialAnswers(t *testing.T) {
	const (
		one    = `{"count":1,"time_first":100,"time_last":100,"rrname":"a.test.","rrtype":"A","bailiwick":"test.","rdata":["192.0.2.1"]}`
		sum    = `{"count":1,"num_results":1,"time_first":100,"time_last":100}`
		noSum  = `{"count":0,"num_results":0}`
		result = `{"rrname":"a.test.","rrtype":"A","count":1,"time_first":100,"time_last":100}`
	)
	broken := serve(t, halved(t), httpapi.Config{})
	late := serve(t, filled(t), httpapi.Config{Timeout: 1})
	closed := serve(t, nil, httpapi.Config{})
	for _, tt := range []struct {
		name string
		got  *httptest.ResponseRecorder
		code int
		want string
	}{
		{"damage", get(broken, "/dnsdb/v2/lookup/rrset/name/*.test"), 200, saf(damaged, one)},
		{"damage where nothing is found", get(broken, "/dnsdb/v2/lookup/rrset/name/b.test"), 200, saf(damaged)},
		{"damage behind the limit", get(broken, "/dnsdb/v2/lookup/rrset/name/a.test?limit=1"), 200, saf(damaged, one)},
		{"damage in a summary", get(broken, "/dnsdb/v2/summarize/rrset/name/*.test"), 200, saf(damaged, sum)},
		{"damage in a search", get(broken, "/dnsdb/v2/glob/rrnames/*"), 200, saf(damaged, result)},
		{"time is up", get(late, "/dnsdb/v2/lookup/rrset/name/nothing.test"), 200, saf(timeout)},
		{"time for a summary is up", get(late, "/dnsdb/v2/summarize/rrset/name/nothing.test"), 200, saf(timeout, noSum)},
		{"time is up, version 1", get(late, "/lookup/rrset/name/nothing.test"), 503, "Error: the search took too long\n"},
		{"no store", get(closed, "/dnsdb/v2/lookup/rrset/name/a.test"), 503, "Error: the store is not open\n"},
		{"no store to search", get(closed, "/dnsdb/v2/regex/rdata/a"), 503, "Error: the store is not open\n"},
		{"no store to summarize", get(closed, "/dnsdb/v2/summarize/rrset/name/a.test"), 503, "Error: the store is not open\n"},
		{"no store, version 1", get(closed, "/summarize/rrset/name/a.test"), 503, "Error: the store is not open\n"},
	} {
		if tt.got.Code != tt.code || tt.got.Body.String() != tt.want {
			t.Errorf("%s: %d, got:\n%swant:\n%d, %s", tt.name, tt.got.Code, tt.got.Body, tt.code, tt.want)
		}
	}
}

// What version 1 cannot say, its connection does.
func TestVersion1IsCut(t *testing.T) {
	server := httptest.NewServer(serve(t, halved(t), httpapi.Config{}))
	defer server.Close()
	resp, err := server.Client().Get(server.URL + "/lookup/rrset/name/*.test")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if resp.StatusCode != 200 || !strings.Contains(string(body), "a.test.") || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%d %q, %v: want what was found, and no end", resp.StatusCode, body, err)
	}
}

// slow finds what its source does, each result after a while.
type slow struct {
	store.Source
	wait []time.Duration
}

func (s slow) Find(ctx context.Context, q store.Query) iter.Seq2[*rrset.RRset, error] {
	return func(yield func(*rrset.RRset, error) bool) {
		i := 0
		for r, err := range s.Source.Find(ctx, q) {
			time.Sleep(s.wait[min(i, len(s.wait)-1)])
			i++
			if !yield(r, err) {
				return
			}
		}
	}
}

func TestKeepalive(t *testing.T) {
	source := slow{filled(t), []time.Duration{11 * time.Second, 2 * time.Second, 8 * time.Second, 0}}
	h := serve(t, source, httpapi.Config{})
	synctest.Test(t, func(t *testing.T) {
		const ongoing = `{"cond":"ongoing"}` + "\n"
		object := func(o string) string { return `{"obj":` + o + "}\n" }
		want := `{"cond":"begin"}` + "\n" + ongoing + ongoing + object(recordA1) + object(recordA2) + ongoing + object(recordA3) +
			object(recordWild) + succeeded + "\n"
		if w := get(h, "/dnsdb/v2/lookup/rdata/ip/192.0.2.0,24"); w.Code != 200 || w.Body.String() != want {
			t.Errorf("%d, got:\n%swant:\n%s", w.Code, w.Body, want)
		}
		if w := get(h, "/lookup/rdata/ip/192.0.2.1"); w.Code != 200 || w.Body.String() != recordA1+"\n" {
			t.Errorf("version 1: %d, got:\n%s", w.Code, w.Body)
		}
	})
}

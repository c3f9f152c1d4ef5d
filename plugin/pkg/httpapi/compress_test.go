package httpapi_test

import (
	"bufio"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"example.org/pdns/plugin/pkg/httpapi"
	"example.org/pdns/plugin/pkg/httpapi/dialect"
)

// unpack reads an answer that is compressed.
func unpack(t *testing.T, encoding string, r io.Reader) io.Reader {
	t.Helper()
	var err error
	switch encoding {
	case "gzip":
		r, err = gzip.NewReader(r)
	case "zstd":
		r, err = zstd.NewReader(r)
	}
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestEncodings(t *testing.T) {
	const n = 5000
	w := serve(t, httpapi.Config{}, n)
	for accept, want := range map[string]string{
		"":                                "",
		"identity":                        "",
		"gzip":                            "gzip",
		"GZIP":                            "gzip",
		"zstd":                            "zstd",
		"gzip, deflate, br, zstd":         "zstd",
		"gzip;q=1.0, zstd;q=0.9":          "gzip",
		"gzip ; q=0.2,zstd; q=0.1":        "gzip",
		"gzip;q=0, zstd;q=0":              "",
		"gzip;q=0":                        "",
		"zstd;q=0, *":                     "gzip",
		"*;q=0":                           "",
		"gzip;q=0.5, identity;q=0.9":      "",
		"gzip;q=0.5, identity;q=0.5":      "gzip",
		"gzip;q=x, zstd;q=":               "",
		"gzip;q=NaN":                      "",
		"deflate, br, compress, x;q=9, ,": "",
	} {
		for range 2 { // the second time by an encoder that was used
			r, body := w.get("/test/all", "Accept-Encoding", accept)
			encoding := r.Header.Get("Content-Encoding")
			if encoding != want || r.Header.Get("Vary") != "Accept-Encoding" {
				t.Errorf("%q: %v, want %q", accept, r.Header, want)
				continue
			}
			got, err := io.ReadAll(unpack(t, encoding, strings.NewReader(body)))
			if err != nil || string(got) != lines(n) {
				t.Errorf("%q: %d octets, %v", accept, len(got), err)
			}
			if encoding != "" && len(body) > len(got)/3 {
				t.Errorf("%q: %d octets of %d", accept, len(body), len(got))
			}
		}
	}
	for _, path := range []string{"/test/empty", "/test/wrong"} {
		r, body := w.get(path, "Accept-Encoding", "gzip")
		if got, err := io.ReadAll(unpack(t, r.Header.Get("Content-Encoding"), strings.NewReader(body))); err != nil {
			t.Errorf("%s: %d %q, %v", path, r.StatusCode, got, err)
		}
	}
}

// TestEncodedAsFound: results leave as they are found, compressed too.
func TestEncodedAsFound(t *testing.T) {
	for _, encoding := range []string{"", "gzip", "zstd"} {
		t.Run("encoding "+encoding, func(t *testing.T) {
			w := serve(t, httpapi.Config{}, 3)
			read := make(chan struct{})
			w.each = func(_ *dialect.Exchange, i int) error {
				if i == 3 { // the second one leaves after a moment, the first at once
					<-read
				}
				return nil
			}
			q, err := http.NewRequest(http.MethodGet, w.url+"/test/all", nil)
			if err != nil {
				t.Fatal(err)
			}
			q.Header.Set("Accept-Encoding", encoding)
			r, err := w.client.Do(q)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Body.Close()
			in := bufio.NewReader(unpack(t, encoding, r.Body))
			for _, want := range []string{"n00000.example.\n", "n00001.example.\n"} {
				if line, err := in.ReadString('\n'); line != want {
					t.Fatalf("%q, %v, want %q", line, err, want)
				}
			}
			close(read)
			if rest, err := io.ReadAll(in); string(rest) != "n00002.example.\nend\n" || err != nil {
				t.Errorf("%q, %v", rest, err)
			}
		})
	}
}

// TestCutEncoded: an answer that is cut has no end by its encoding either.
func TestCutEncoded(t *testing.T) {
	for _, encoding := range []string{"gzip", "zstd"} {
		w := serve(t, httpapi.Config{}, 3)
		w.each = func(_ *dialect.Exchange, i int) error {
			if i == 3 {
				return io.ErrNoProgress
			}
			return nil
		}
		_, body, err := w.ask(http.MethodGet, "/test/all", "Accept-Encoding", encoding)
		if err == nil {
			t.Errorf("%s: the answer looks whole", encoding)
		}
		got, err := io.ReadAll(unpack(t, encoding, strings.NewReader(body)))
		if err == nil || !strings.HasPrefix(string(got), "n00000.example.\n") {
			t.Errorf("%s: %q, %v, want a part", encoding, got, err)
		}
	}
}

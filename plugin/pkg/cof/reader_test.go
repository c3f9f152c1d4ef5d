package cof_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"example.org/pdns/plugin/pkg/cof"
	"example.org/pdns/plugin/pkg/rrset"
)

// lines of n records, each at a name of its own.
func lines(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"rrname":"n%d.example.","rrtype":"A","rdata":["192.0.2.1"],"time_first":1,"time_last":2}`+"\n", i)
	}
	return b.String()
}

// read returns the names of the records and the errors, in order, up to the end
// or an error that ends the stream.
func read(t *testing.T, in io.Reader) (got []string) {
	t.Helper()
	r, err := cof.NewReader(in)
	if err != nil {
		return []string{err.Error()}
	}
	defer r.Close()
	for {
		record, err := r.Next()
		var line *cof.LineError
		switch {
		case errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
			return got
		case errors.As(err, &line):
			got = append(got, err.Error())
		case err != nil:
			return append(got, "end: "+err.Error())
		default:
			got = append(got, rrset.NameString(record.Owner))
		}
	}
}

func gzipped(t *testing.T, s string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, s); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zstded(t *testing.T, s string) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return w.EncodeAll([]byte(s), nil)
}

func TestReader(t *testing.T) {
	three := []string{"n0.example.", "n1.example.", "n2.example."}
	long := `{"x":"` + strings.Repeat("x", 1<<20) + `"}` + "\n"
	padded := strings.Replace(lines(1), `{`, `{"x":"`+strings.Repeat("x", 1<<19)+`",`, 1)
	tests := []struct {
		name string
		in   string
		want []string
	}{
		{"nothing", "", nil},
		{"one byte", "{", []string{"line 1: bad JSON at offset 1: unexpected EOF"}},
		{"plain", lines(3), three},
		{"no final line end", strings.TrimSuffix(lines(3), "\n"), three},
		{"blank lines and CRLF", "\r\n" + strings.ReplaceAll(lines(3), "\n", "\r\n\r\n"), three},
		{"byte order mark", "\xef\xbb\xbf" + lines(3), three},
		{"gzip", string(gzipped(t, lines(3))), three},
		{"gzip in two parts", string(gzipped(t, lines(3))) + string(gzipped(t, lines(1))), append(three[:3:3], "n0.example.")},
		{"zstd", string(zstded(t, lines(3))), three},
		{"zstd in two frames", string(zstded(t, lines(3))) + string(zstded(t, lines(1))), append(three[:3:3], "n0.example.")},
		{"bad line between", lines(1) + "x\n\n" + lines(1), []string{"n0.example.", "line 2: bad JSON at offset 0: ", "n0.example."}},
		{"line of half the limit", padded, []string{"n0.example."}},
		{"line of half the limit without end", strings.TrimSuffix(padded, "\n"), []string{"n0.example."}},
		{"line too long", lines(1) + long + lines(1), []string{"n0.example.", "line 2: 1048585 bytes, want at most 1048576", "n0.example."}},
		{"line too long at the end", strings.TrimSuffix(long, "\n"), []string{"line 1: 1048584 bytes, want at most 1048576"}},
		{"gzip cut short", string(gzipped(t, lines(9))[:40]), []string{"end: behind line 0: unexpected EOF"}},
		{"gzip header cut short", "\x1f\x8b\x08", []string{"gzip: unexpected EOF"}},
		{"zstd cut short", string(zstded(t, lines(9))[:40]), []string{"end: behind line 0: unexpected EOF"}},
	}
	for _, tt := range tests {
		for _, in := range []io.Reader{strings.NewReader(tt.in), iotest.HalfReader(strings.NewReader(tt.in))} {
			t.Run(tt.name, func(t *testing.T) {
				got := read(t, in)
				if len(got) != len(tt.want) {
					t.Fatalf("got %q, want %q", got, tt.want)
				}
				for i, want := range tt.want {
					if !strings.HasPrefix(got[i], want) {
						t.Errorf("got %q, want %q", got[i], want)
					}
				}
			})
		}
	}
}

func TestReaderOfAFailingStream(t *testing.T) {
	got := read(t, io.MultiReader(strings.NewReader(lines(2)), iotest.ErrReader(errors.New("unplugged"))))
	if want := []string{"n0.example.", "n1.example.", "end: behind line 2: unplugged"}; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := read(t, iotest.ErrReader(errors.New("unplugged"))); fmt.Sprint(got) != "[unplugged]" {
		t.Errorf("got %q", got)
	}
}

func TestReaderOfNoText(t *testing.T) {
	for in, want := range map[string]string{
		strings.Repeat("\x00", 16) + "\xed\xda\x0c\xed\x02\x00\x00\x00": "[is a snapshot or a run of a store, not NDJSON]",
		"\x7fELF\x02\x01\x01\x00\x00":                                   "[is a binary file, not NDJSON]",
	} {
		if got := fmt.Sprint(read(t, strings.NewReader(in))); got != want {
			t.Errorf("%q: got %s, want %s", in, got, want)
		}
	}
}

func TestReaderCountsLines(t *testing.T) {
	r, err := cof.NewReader(strings.NewReader("\n" + lines(2)))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for range 2 {
		if _, err := r.Next(); err != nil {
			t.Fatal(err)
		}
	}
	if r.Lines() != 3 {
		t.Errorf("%d lines, want 3", r.Lines())
	}
}

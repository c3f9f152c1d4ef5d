package cof_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

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
func read(in io.Reader) (got []string) {
	lines, d := cof.NewLines(in), cof.NewDecoder()
	for {
		line, err := lines.Next()
		var wrong *cof.LineError
		switch {
		case err == io.EOF:
			return got
		case errors.As(err, &wrong):
			got = append(got, err.Error())
			continue
		case err != nil:
			return append(got, "end: "+err.Error())
		}
		switch record, err := d.Decode(line); {
		case err != nil:
			got = append(got, fmt.Sprintf("line %d: %v", lines.Count(), err))
		case record != nil:
			got = append(got, rrset.NameString(record.Owner))
		}
	}
}

func TestLines(t *testing.T) {
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
		{"bad line between", lines(1) + "x\n\n" + lines(1), []string{"n0.example.", "line 2: bad JSON at offset 0: ", "n0.example."}},
		{"line of half the limit", padded, []string{"n0.example."}},
		{"line of half the limit without end", strings.TrimSuffix(padded, "\n"), []string{"n0.example."}},
		{"line too long", lines(1) + long + lines(1), []string{"n0.example.", "line 2: 1048585 bytes, want at most 1048576", "n0.example."}},
		{"line too long at the end", strings.TrimSuffix(long, "\n"), []string{"line 1: 1048584 bytes, want at most 1048576"}},
	}
	for _, tt := range tests {
		for _, in := range []io.Reader{strings.NewReader(tt.in), iotest.HalfReader(strings.NewReader(tt.in))} {
			t.Run(tt.name, func(t *testing.T) {
				got := read(in)
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

func TestLinesOfAFailingStream(t *testing.T) {
	got := read(io.MultiReader(strings.NewReader(lines(2)), iotest.ErrReader(errors.New("unplugged"))))
	if want := []string{"n0.example.", "n1.example.", "end: behind line 2: unplugged"}; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := read(iotest.ErrReader(errors.New("unplugged"))); fmt.Sprint(got) != "[end: behind line 0: unplugged]" {
		t.Errorf("got %q", got)
	}
}

func TestLinesCounts(t *testing.T) {
	l := cof.NewLines(strings.NewReader("\n" + lines(1) + "{"))
	for n, open := range []bool{false, false, true} {
		if _, err := l.Next(); err != nil || l.Count() != uint64(n+1) || l.Open() != open {
			t.Errorf("line %d: %v, counted %d, open %v", n+1, err, l.Count(), l.Open())
		}
	}
}

package novelty_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store/novelty"
)

func event(kind novelty.Kind, name string) *novelty.Event {
	return &novelty.Event{Kind: kind, Name: rrset.MustName(name), Rdata: 1, Set: rrset.RRset{
		Owner: rrset.MustName(name), Type: 1, Rdata: [][]byte{{192, 0, 2, 1}},
		Figures: rrset.Figures{First: 1_700_000_000, Last: 1_700_000_000, Count: 1},
	}}
}

func write(t *testing.T, l *novelty.Log, at int64, events ...*novelty.Event) {
	t.Helper()
	b := l.Begin(time.Unix(at, 0))
	for _, e := range events {
		b.Add(e)
	}
	if shed, err := b.Commit(); err != nil || shed != 0 {
		t.Fatalf("Commit: %d shed, %v", shed, err)
	}
}

// next is what a reader has to say: "TIME KIND NAME" of each event.
func next(t *testing.T, r *novelty.Reader) []string {
	t.Helper()
	got, err := tryNext(r)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func tryNext(r *novelty.Reader) (got []string, err error) {
	err = r.Next(func(e *novelty.Event) error {
		got = append(got, fmt.Sprintf("%d %s %s", e.Logged, e.Kind, rrset.NameString(e.Name)))
		return nil
	}, nil)
	return got, err
}

func want(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("told\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func files(t *testing.T, dir, stem string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, stem+"-*.log"))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestLog(t *testing.T) {
	dir := t.TempDir()
	l := novelty.NewLog(dir)
	r, sets := novelty.NewReader(dir, false, 0), novelty.NewReader(dir, true, 0)
	want(t, next(t, r))
	write(t, l, 100)
	if found := files(t, dir, "new-names"); len(found) != 0 {
		t.Errorf("an empty batch makes %s", found)
	}
	write(t, l, 100, event(novelty.Domain, "a.example"), event(novelty.RRset, "a.example"))
	want(t, next(t, r), "100 domain a.example.")
	want(t, next(t, sets), "100 rrset a.example.")
	want(t, next(t, r))
	// Within a second, and when the clock goes back, times go on increasing.
	write(t, l, 100, event(novelty.Host, "b.example"))
	write(t, l, 50, event(novelty.Again, `c\000\"d.example`))
	want(t, next(t, r), "101 host b.example.", `102 again c\000\"d.example.`)
	if r.Last() != 102 {
		t.Errorf("Last %d", r.Last())
	}
	want(t, next(t, novelty.NewReader(dir, false, 101)), `102 again c\000\"d.example.`)

	// A batch that is given up leaves nothing.
	b := l.Begin(time.Unix(200, 0))
	b.Add(event(novelty.Domain, "never.example"))
	b.Abort()
	want(t, next(t, r))
	write(t, l, 201, event(novelty.Domain, "d.example"))
	want(t, next(t, r), "201 domain d.example.")

	// Another process goes on where this one ended.
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	l = novelty.NewLog(dir)
	defer l.Close()
	write(t, l, 150, event(novelty.Domain, "e.example"))
	want(t, next(t, r), "202 domain e.example.")
	want(t, next(t, novelty.NewReader(dir, false, 0)), "100 domain a.example.", "101 host b.example.", `102 again c\000\"d.example.`,
		"201 domain d.example.", "202 domain e.example.")
}

// TestLogTorn: what a crash has left of a batch does not count, and the next does.
func TestLogTorn(t *testing.T) {
	dir := t.TempDir()
	l := novelty.NewLog(dir)
	write(t, l, 100, event(novelty.Domain, "a.example"))
	write(t, l, 101, event(novelty.Domain, "b.example"), event(novelty.Domain, "c.example"))
	l.Close()
	path := files(t, dir, "new-names")[0]
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	first := strings.Index(string(whole), "end_of_batch")
	first += strings.IndexByte(string(whole)[first:], '\n') + 1
	for n := range whole {
		if err := os.WriteFile(path, whole[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		var expect []string
		if n >= first {
			expect = []string{"100 domain a.example."}
		}
		want(t, next(t, novelty.NewReader(dir, false, 0)), expect...)
	}
	l = novelty.NewLog(dir)
	defer l.Close()
	write(t, l, 101, event(novelty.Domain, "d.example"))
	want(t, next(t, novelty.NewReader(dir, false, 0)), "100 domain a.example.", "101 domain d.example.")
}

func TestLogDamaged(t *testing.T) {
	dir := t.TempDir()
	l := novelty.NewLog(dir)
	write(t, l, 100, event(novelty.Domain, "a.example"), event(novelty.Domain, "b.example"))
	write(t, l, 101, event(novelty.Domain, "c.example"))
	l.Close()
	path := files(t, dir, "new-names")[0]
	whole, _ := os.ReadFile(path)
	second := strings.IndexByte(string(whole), '\n') + 1
	for _, tt := range []struct{ old, new, says string }{
		{`"name":"b.example."`, `"name":"b..example"`, "b..example"},
		{`"kind":"domain","name":"b`, `"kind":"doxxin","name":"b`, `kind "doxxin": want domain, host, rrset or again`},
		{`{"kind":"domain","name":"b`, `["kind":"domain","name":"b`, "invalid"},
	} {
		bad := strings.Replace(string(whole), tt.old, tt.new, 1)
		if err := os.WriteFile(path, []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		r := novelty.NewReader(dir, false, 0)
		got, err := tryNext(r)
		want(t, got, "100 domain a.example.", "101 domain c.example.")
		var line *novelty.LineError
		if !errors.As(err, &line) || line.File != path || line.Offset != int64(second) || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: error %v, want line at %d, %q", tt.new, err, second, tt.says)
		}
		want(t, next(t, r))
	}
	// Without lines there is no end, and no memory without bounds either.
	if err := os.WriteFile(path, make([]byte, 20<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	r := novelty.NewReader(dir, false, 0)
	if _, err := tryNext(r); err == nil || !strings.Contains(err.Error(), "too long") {
		t.Errorf("error %v", err)
	}
	l = novelty.NewLog(dir)
	defer l.Close()
	write(t, l, 200, event(novelty.Domain, "d.example"))
	want(t, next(t, r), "200 domain d.example.")
}

// TestLogAges: files go when they are old or too many, and one that was removed is made
// again.
func TestLogAges(t *testing.T) {
	dir := t.TempDir()
	l := novelty.NewLog(dir)
	defer l.Close()
	const hour = 3600
	for h := range int64(100) {
		write(t, l, 1_000_000+h*hour, event(novelty.Domain, fmt.Sprintf("h%d.example", h)))
	}
	got := next(t, novelty.NewReader(dir, false, 0))
	if n := len(got); n < 49 || n > 54 {
		t.Errorf("%d events are left of 100 hours, want those of 49 hours and a file", n)
	}
	for _, f := range files(t, dir, "new-names") {
		if err := os.Remove(f); err != nil {
			t.Fatal(err)
		}
	}
	write(t, l, 2_000_000, event(novelty.Domain, "a.example"))
	want(t, next(t, novelty.NewReader(dir, false, 0)), "2000000 domain a.example.")

	large := event(novelty.Domain, "large.example")
	large.Set.Type, large.Set.Rdata = 65400, [][]byte{make([]byte, 60_000)}
	for b := range int64(20) {
		batch := l.Begin(time.Unix(2_000_010+b, 0))
		for range 100 {
			batch.Add(large)
		}
		if shed, err := batch.Commit(); err != nil || shed != 0 {
			t.Fatal(shed, err)
		}
	}
	var size int64
	for _, f := range files(t, dir, "new-names") {
		st, err := os.Stat(f)
		if err != nil {
			t.Fatal(err)
		}
		size += st.Size()
	}
	if size < 100<<20 || size > 160<<20 {
		t.Errorf("the log has %d bytes, want about 128 MiB", size)
	}
	batch := l.Begin(time.Unix(3_000_000, 0))
	for range 400 {
		batch.Add(large)
	}
	if shed, err := batch.Commit(); err != nil || shed < 200 {
		t.Errorf("%d of 400 events of 120 KB shed, %v: want the batch to be bounded", shed, err)
	}
}

func FuzzReader(f *testing.F) {
	line := event(novelty.Again, "a.example").AppendJSON(nil)
	f.Add(append(line, "\n{\"end_of_batch\":5,\"events\":1,\"shed\":0}\n"...))
	f.Add([]byte("{\"end_of_batch\":-1}\n\n{\"end_of_batch\":\n{\"end_of_batch\":9}\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "new-names-000000000001.log"), b, 0o600); err != nil {
			t.Fatal(err)
		}
		err := novelty.NewReader(dir, false, 0).Next(func(e *novelty.Event) error {
			// What was read can be written and read again.
			again, err := novelty.ParseEvent(e.AppendJSON(nil))
			if err != nil || string(again.AppendJSON(nil)) != string(e.AppendJSON(nil)) {
				t.Errorf("%s: %v", e.AppendJSON(nil), err)
			}
			return nil
		}, nil)
		var line *novelty.LineError
		if err != nil && !errors.As(err, &line) {
			t.Error(err)
		}
	})
}

// TestLogUnreadable: a newest file that cannot be read stops nothing.
func TestLogUnreadable(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "new-names-000000000100.log")
	if err := os.WriteFile(path, []byte("x"), 0); err != nil {
		t.Fatal(err)
	}
	l := novelty.NewLog(dir)
	defer l.Close()
	later := time.Now().Unix() + 10
	write(t, l, later, event(novelty.Domain, "a.example"))
	r := novelty.NewReader(dir, false, later-1)
	want(t, next(t, r), fmt.Sprintf("%d domain a.example.", later))
}

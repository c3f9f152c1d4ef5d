package novelty_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store/novelty"
)

func line(e *novelty.Event) string {
	return fmt.Sprintf("%d %s %s", e.Logged, e.Kind, rrset.NameString(e.Name))
}

// fed is what a feed has to say.
func fed(t *testing.T, f *novelty.Feed) (got []string) {
	t.Helper()
	err := f.Next(t.Context(), func(e *novelty.Event) error { got = append(got, line(e)); return nil }, nil)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func latest(t *testing.T, dir string, s novelty.Selection) (got []string) {
	t.Helper()
	for e, err := range novelty.Latest(t.Context(), dir, s) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, line(e))
	}
	return got
}

func TestSelection(t *testing.T) {
	dir := t.TempDir()
	l := novelty.NewLog(dir)
	defer l.Close()
	denied := event(novelty.Domain, "d.example")
	denied.Denied = 50
	write(t, l, 100, event(novelty.Domain, "a.example"), event(novelty.Host, "www.a.example"), event(novelty.RRset, "www.a.example"))
	write(t, l, 101, denied, event(novelty.Again, "aa.example"))
	write(t, l, 102, event(novelty.RRset, "www.a.example"), event(novelty.Host, `x"y.a.example`))
	a := rrset.MustName("a.example")
	all := []novelty.Kind{novelty.RRset, novelty.Domain, novelty.Host, novelty.Again}
	for _, tt := range []struct {
		name string
		s    novelty.Selection
		want []string
	}{
		{"all but RRsets", novelty.Selection{}, []string{"100 domain a.example.", "100 host www.a.example.", "101 domain d.example.", "101 again aa.example.",
			`102 host x\"y.a.example.`}},
		{"all", novelty.Selection{Kinds: all}, []string{"100 domain a.example.", "100 host www.a.example.", "100 rrset www.a.example.", "101 domain d.example.",
			"101 again aa.example.", `102 host x\"y.a.example.`, "102 rrset www.a.example."}},
		{"RRsets", novelty.Selection{Kinds: all[:1]}, []string{"100 rrset www.a.example.", "102 rrset www.a.example."}},
		{"below a name", novelty.Selection{Name: a}, []string{"100 domain a.example.", "100 host www.a.example.", `102 host x\"y.a.example.`}},
		{"at a name", novelty.Selection{Name: a, Exact: true}, []string{"100 domain a.example."}},
		{"below the root", novelty.Selection{Name: []byte{0}, Kinds: all[1:2]}, []string{"100 domain a.example.", "101 domain d.example."}},
		{"at a name with an escape", novelty.Selection{Name: rrset.MustName(`x"y.a.example`), Exact: true}, []string{`102 host x\"y.a.example.`}},
		{"denied", novelty.Selection{Denied: true}, []string{"101 domain d.example."}},
		{"a window", novelty.Selection{Since: 100, Until: 101, Kinds: all}, []string{"101 domain d.example.", "101 again aa.example."}},
		{"none", novelty.Selection{Since: 102, Kinds: all}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := novelty.NewFeed(dir, tt.s)
			want(t, fed(t, f), tt.want...)
			want(t, fed(t, f))
			if tt.s.Until == 0 && f.Last() != 102 {
				t.Errorf("Last is %d, want 102", f.Last())
			}
			got := latest(t, dir, tt.s)
			slices.Reverse(got)
			want(t, got, tt.want...)
		})
	}
}

func TestParseKinds(t *testing.T) {
	if got, err := novelty.ParseKinds("rrset,again", ","); err != nil || !slices.Equal(got, []novelty.Kind{novelty.RRset, novelty.Again}) {
		t.Errorf("%v, %v", got, err)
	}
	for text, want := range map[string]string{
		"":            `kind "": want domain, host, rrset or again`,
		"domain,x":    `kind "x": want domain, host, rrset or again`,
		"domain-host": `kind "domain-host": want domain, host, rrset or again`,
		"host,host":   `kind "host": given twice`,
	} {
		if _, err := novelty.ParseKinds(text, ","); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// TestFeedModel: whenever a feed looks while the log is written, it tells all in order of
// time, once; and the latest are the same backwards, whatever is asked for.
func TestFeedModel(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	dir := t.TempDir()
	l := novelty.NewLog(dir)
	defer func() { l.Close() }()
	kinds := novelty.Kinds
	f := novelty.NewFeed(dir, novelty.Selection{Kinds: kinds})
	now := int64(1_000_000)
	var told []string
	var logged int64
	count := map[string]int{}
	for range 300 {
		now += rng.Int64N(1000)
		var events []*novelty.Event
		for range rng.IntN(4) {
			name := fmt.Sprintf("%c.%c.example", 'a'+rng.IntN(4), 'a'+rng.IntN(4))
			if rng.IntN(20) == 0 {
				name = strings.Repeat("long.", 20) + name
			}
			events = append(events, event(kinds[rng.IntN(len(kinds))], name))
		}
		write(t, l, now, events...)
		for _, e := range events {
			count[string(e.Kind)]++
		}
		if rng.IntN(20) == 0 {
			l.Close()
			l = novelty.NewLog(dir)
		}
		if rng.IntN(3) > 0 {
			continue
		}
		err := f.Next(t.Context(), func(e *novelty.Event) error {
			if e.Logged < logged {
				t.Errorf("%s is told behind %d", line(e), logged)
			}
			logged = e.Logged
			told = append(told, line(e))
			return nil
		}, nil)
		if err != nil {
			t.Fatal(err)
		}
	}
	told = append(told, fed(t, f)...)
	for _, k := range kinds {
		n := 0
		for _, l := range told {
			if strings.Contains(l, " "+string(k)+" ") {
				n++
			}
		}
		if n != count[string(k)] || n == 0 {
			t.Errorf("%d of kind %s are told, want %d", n, k, count[string(k)])
		}
	}
	for range 100 {
		s := novelty.Selection{Kinds: kinds[rng.IntN(3):]}
		if rng.IntN(2) == 0 {
			s.Name = rrset.MustName(fmt.Sprintf("%c.example", 'a'+rng.IntN(4)))
		}
		if rng.IntN(2) == 0 {
			s.Since = 1_000_000 + rng.Int64N(now-1_000_000)
			s.Until = s.Since + rng.Int64N(now-s.Since)
		}
		forward := fed(t, novelty.NewFeed(dir, s))
		back := latest(t, dir, s)
		slices.Reverse(back)
		if !slices.Equal(forward, back) {
			t.Fatalf("%+v: forward\n%s\nbackward\n%s", s, strings.Join(forward, "\n"), strings.Join(back, "\n"))
		}
	}
}

// TestFeedEndsEarly: what was not taken comes again.
func TestFeedEndsEarly(t *testing.T) {
	dir := t.TempDir()
	l := novelty.NewLog(dir)
	defer l.Close()
	for i := range int64(4) {
		write(t, l, 100+i, event(novelty.Domain, fmt.Sprintf("d%d.example", i)), event(novelty.RRset, fmt.Sprintf("d%d.example", i)))
	}
	enough := errors.New("enough")
	for _, kinds := range [][]novelty.Kind{novelty.Kinds, {novelty.Domain}} {
		f := novelty.NewFeed(dir, novelty.Selection{Kinds: kinds})
		n := 0
		err := f.Next(t.Context(), func(e *novelty.Event) error {
			if e.Logged == 102 {
				return enough
			}
			n++
			return nil
		}, nil)
		if !errors.Is(err, enough) || n != 2*min(len(kinds), 2) || f.Last() != 101 {
			t.Errorf("%v: %v behind %d events, Last %d", kinds, err, n, f.Last())
		}
		again := novelty.NewFeed(dir, novelty.Selection{Kinds: kinds, Since: f.Last()})
		if got := fed(t, again); len(got) != 2*min(len(kinds), 2) || !strings.HasPrefix(got[0], "102 ") {
			t.Errorf("then come %s", got)
		}
	}
}

func TestFeedTellsShed(t *testing.T) {
	dir := t.TempDir()
	l := novelty.NewLog(dir)
	defer l.Close()
	large := event(novelty.Host, "large.example")
	large.Set.Type, large.Set.Rdata = 65400, [][]byte{make([]byte, 60_000)}
	b := l.Begin(time.Unix(100, 0))
	for range 300 {
		b.Add(large)
	}
	b.Add(event(novelty.RRset, "a.example"))
	lost, err := b.Commit()
	if err != nil || lost == 0 {
		t.Fatal(lost, err)
	}
	told := 0
	f := novelty.NewFeed(dir, novelty.Selection{Kinds: novelty.Kinds})
	if err := f.Next(t.Context(), func(*novelty.Event) error { return nil }, func(at int64, shed int) { told += shed }); err != nil || told != lost {
		t.Errorf("%d shed are told, %v, want %d", told, err, lost)
	}
}

// TestLatestDamaged: a line that cannot be read is told last, with its place.
func TestLatestDamaged(t *testing.T) {
	dir := t.TempDir()
	l := novelty.NewLog(dir)
	write(t, l, 100, event(novelty.Domain, "a.example"), event(novelty.Domain, "b.example"))
	write(t, l, 101, event(novelty.Domain, "c.example"))
	write(t, l, 102, event(novelty.RRset, "c.example"))
	l.Close()
	path := files(t, dir, "new-names")[0]
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		old, new string
		at       int
		want     []string
	}{
		{`{"kind":"domain","name":"b`, `{"kind":"doxxin","name":"b`, strings.IndexByte(string(whole), '\n') + 1,
			[]string{"102 rrset c.example.", "101 domain c.example.", "100 domain a.example."}},
		{`{"end_of_batch":100,`, `{"end_of_batch":x00,`, strings.Index(string(whole), `{"end`), []string{"102 rrset c.example.", "101 domain c.example."}},
	} {
		if err := os.WriteFile(path, []byte(strings.Replace(string(whole), tt.old, tt.new, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		var got []string
		var bad error
		for e, err := range novelty.Latest(t.Context(), dir, novelty.Selection{Kinds: novelty.Kinds}) {
			if bad != nil {
				t.Fatal("something comes behind an error")
			}
			if bad = err; err == nil {
				got = append(got, line(e))
			}
		}
		want(t, got, tt.want...)
		var l *novelty.LineError
		if !errors.As(bad, &l) || l.File != path || l.Offset != int64(tt.at) {
			t.Errorf("error %v, want line at %d", bad, tt.at)
		}
	}
	// Half a gigabyte without a line end is not read into memory.
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Truncate(512 << 20); err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt([]byte("\n"), 512<<20); err != nil {
		t.Fatal(err)
	}
	var bad error
	for _, err := range novelty.Latest(t.Context(), dir, novelty.Selection{}) {
		bad = err
	}
	if bad == nil || !strings.Contains(bad.Error(), "too long") {
		t.Errorf("error %v", bad)
	}
}

func TestLatestEnds(t *testing.T) {
	dir := t.TempDir()
	l := novelty.NewLog(dir)
	defer l.Close()
	write(t, l, 100, event(novelty.Domain, "a.example"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for e, err := range novelty.Latest(ctx, dir, novelty.Selection{}) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%v, %v", e, err)
		}
	}
	for range novelty.Latest(t.Context(), dir+"/none", novelty.Selection{}) {
		t.Error("a directory that is not there tells something")
	}
}

// FuzzLatest: whatever a file holds, it is told backwards as forwards, but for what a
// damaged line hides.
func FuzzLatest(f *testing.F) {
	again := event(novelty.Again, "a.example")
	again.Logged = 5
	a := string(again.AppendJSON(nil))
	f.Add([]byte(a + "\n{\"end_of_batch\":5,\"events\":1,\"shed\":0}\n" + a))
	f.Add([]byte("{\"end_of_batch\":-1}\n\n{\"end_of_batch\":\n{\"end_of_batch\":9}\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(dir+"/new-names-000000000001.log", b, 0o600); err != nil {
			t.Fatal(err)
		}
		var back, forward []string
		var damaged bool
		for e, err := range novelty.Latest(t.Context(), dir, novelty.Selection{}) {
			var l *novelty.LineError
			switch {
			case err == nil:
				back = append(back, line(e))
			case errors.As(err, &l):
				damaged = true
			default:
				t.Error(err)
			}
		}
		err := novelty.NewFeed(dir, novelty.Selection{}).Next(t.Context(), func(e *novelty.Event) error { forward = append(forward, line(e)); return nil }, nil)
		slices.Reverse(back)
		if err == nil && !damaged && !slices.Equal(back, forward) && slices.IsSorted(forward) {
			t.Errorf("backward %q, forward %q", back, forward)
		}
	})
}

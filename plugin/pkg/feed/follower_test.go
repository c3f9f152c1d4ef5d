package feed_test

import (
	"errors"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/pdns/plugin/pkg/feed"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store/novelty"
)

var (
	nod = feed.Zone{Kind: feed.NOD, Age: 300}
	noh = feed.Zone{Kind: feed.NOH, Age: 300}
	nad = feed.Zone{Kind: feed.NAD, Age: 300}
)

// A news is a log and who follows it.
type news struct {
	t   *testing.T
	dir string
	log *novelty.Log
	*feed.Follower
	left map[string]int
}

func follow(t *testing.T, o feed.Options) *news {
	n := &news{t: t, dir: t.TempDir(), left: map[string]int{}}
	n.log = novelty.NewLog(n.dir)
	o.Zones = []feed.Zone{nod, noh, nad}
	o.LeftOut = func(reason string, names int) { n.left[reason] += names }
	n.Follower = feed.NewFollower(n.dir, o)
	return n
}

// want polls at a time behind begin and compares what a zone holds, sorted, and its
// serial behind begin.
func (n *news) want(z feed.Zone, at int64, serial int64, names ...string) {
	n.t.Helper()
	poll(n.t, n.Follower, begin+at)
	s := n.State(z)
	got := slices.Sorted(maps.Keys(collected(n.t, s.Names())))
	if !slices.Equal(got, names) || int64(s.Serial) != begin+serial {
		n.t.Errorf("%v at %d: serial %d with %v, want %d with %v", z, at, int64(s.Serial)-begin, got, serial, names)
	}
	if s.Len() != len(names) {
		n.t.Errorf("%v: %d names, want %d", z, s.Len(), len(names))
	}
}

func (n *news) write(at int64, kind novelty.Kind, names ...string) {
	n.t.Helper()
	var lines []line
	for _, name := range names {
		lines = append(lines, line{kind, name, 0})
	}
	write(n.t, n.log, begin+at, lines...)
}

// TestLife: a name comes when it was logged and goes for its age, a moment later, or
// when a later batch shows that none can come from before.
func TestLife(t *testing.T) {
	n := follow(t, feed.Options{})
	n.want(nod, 0, 1-begin)
	n.write(10, novelty.Domain, "a.example.")
	n.want(nod, 10, 10, "a.example.")
	n.want(nod, 309, 10, "a.example.")
	n.want(nod, 339, 10, "a.example.")
	n.want(nod, 340, 310)
	n.write(400, novelty.Domain, "b.example.", "c.example.")
	n.want(nod, 400, 400, "b.example.", "c.example.")
	n.write(700, novelty.Domain, "d.example.")
	n.want(nod, 700, 700, "d.example.")
	n.write(1001, novelty.Host, "www.d.example.")
	n.want(nod, 1001, 1000)
	n.want(noh, 1001, 1001, "www.d.example.")
}

// TestBelow: a name is there if one below it is (RFC 4592, section 2.2.2), as long as that
// is. Of names that are deeper than anybody's that is taken for true where it may be.
func TestBelow(t *testing.T) {
	deep := strings.Repeat("x.", 20) + "deep.example."
	n := follow(t, feed.Options{})
	below := func(want bool, names ...string) {
		t.Helper()
		for _, name := range names {
			if got := n.ListsBelow(noh, rrset.MustName(name)); got != want {
				t.Errorf("names below %s: %v, want %v", name, got, want)
			}
		}
	}
	below(false, "example.")
	n.write(0, novelty.Host, "a.b.example.", deep)
	n.want(noh, 0, 0, "a.b.example.", deep)
	below(true, "b.example.", "example.", "deep.example.", "x.x.deep.example.", "y"+deep[1:])
	below(false, "a.b.example.", "c.example.", "y.x.deep.example.", "y.a.b.example.", "xample.")
	n.write(400, novelty.Host, "c.b.example.")
	n.want(noh, 400, 400, "c.b.example.")
	below(true, "b.example.", "example.")
	below(false, "deep.example.", "y"+deep[1:])
	n.want(noh, 100*3600, 700)
	below(false, "b.example.", "example.")
}

// TestTwice: what a crash made stand twice counts once; a domain that comes back again
// stays.
func TestTwice(t *testing.T) {
	n := follow(t, feed.Options{})
	n.write(1, novelty.Domain, "a.example.")
	n.write(1, novelty.Again, "a.example.")
	n.write(100, novelty.Domain, "a.example.", "b.example.")
	n.write(100, novelty.Again, "a.example.")
	n.want(nod, 340, 301, "b.example.")
	if n.Lists(nod, rrset.MustName("a.example.")) {
		t.Error("what does not count is listed")
	}
	n.want(nad, 340, 302, "a.example.") // its first batch was a second late
	n.want(nad, 480, 401)
}

// TestSoonAgain: what did not count is no part of a zone that a difference begins from.
func TestSoonAgain(t *testing.T) {
	const hour = 3600
	n := follow(t, feed.Options{})
	n.write(0, novelty.Domain, "a.example.")
	n.write(5*hour, novelty.Domain, "a.example.", "b.example.")
	n.want(nod, 5*hour, 5*hour, "b.example.")
	n.write(30*hour, novelty.Domain, "a.example.")
	n.want(nod, 30*hour, 30*hour, "a.example.")
	d, ok := n.State(nod).Since(begin + 5*hour)
	if !ok || !maps.Equal(collected(t, d.Added()), set{"a.example.": true}) || !maps.Equal(collected(t, d.Deleted()), set{"b.example.": true}) {
		t.Errorf("a difference that does not fit: %v", ok)
	}
}

// TestPruned: where files of the log went for their age, serials do not go back.
func TestPruned(t *testing.T) {
	const hour = 3600
	n := follow(t, feed.Options{})
	n.write(0, novelty.Again, "a.example.")
	first, err := filepath.Glob(filepath.Join(n.dir, "*"))
	if err != nil || len(first) != 1 {
		t.Fatal(first, err)
	}
	n.write(3*hour, novelty.Host, "www.a.example.")
	day := feed.Zone{Kind: feed.NAD, Age: 24 * hour}
	serial := func() int64 {
		f := feed.NewFollower(n.dir, feed.Options{Zones: []feed.Zone{day}})
		poll(t, f, begin+28*hour)
		return int64(f.State(day).Serial) - begin
	}
	before := serial()
	if err := os.Remove(first[0]); err != nil {
		t.Fatal(err)
	}
	if after := serial(); before != 24*hour || after < before {
		t.Errorf("serial %d after %d", after, before)
	}
}

func TestLists(t *testing.T) {
	n := follow(t, feed.Options{})
	n.write(0, novelty.Domain, "a.example.")
	n.write(1, novelty.Host, "h.b.example.")
	n.write(2, novelty.Again, "c.example.", "github.io.")
	n.write(3, novelty.Domain, "kobe.jp.", "d.kobe.jp.", "a.b.kobe.jp.")
	poll(t, n.Follower, begin+3)
	for _, test := range []struct {
		zone feed.Zone
		name string
		want bool
	}{
		{nod, "a.example.", true}, {nod, "x.y.a.example.", true}, {nod, "example.", false}, {nod, "aa.example.", false},
		{nod, ".", false}, {nod, "c.example.", false},
		{noh, "h.b.example.", true}, {noh, "x.h.b.example.", false}, {noh, "b.example.", false},
		{nad, "c.example.", true}, {nad, "www.c.example.", true},
		{feed.Zone{Kind: feed.NOD, Age: 600}, "a.example.", false},
		{nod, "kobe.jp.", true}, {nod, "x.kobe.jp.", false}, {nod, "x.y.kobe.jp.", false}, {nod, "b.kobe.jp.", false},
		{nod, "x.d.kobe.jp.", false}, {nod, "a.b.kobe.jp.", true}, {nod, "x.a.b.kobe.jp.", true},
		{nad, "github.io.", true}, {nad, "x.github.io.", false},
	} {
		if got := n.Lists(test.zone, rrset.MustName(test.name)); got != test.want {
			t.Errorf("%v lists %s: %v", test.zone, test.name, got)
		}
	}
	poll(t, n.Follower, begin+332)
	if n.Lists(nod, rrset.MustName("a.example.")) {
		t.Error("its time is over")
	}
}

func TestLeftOut(t *testing.T) {
	n := follow(t, feed.Options{Octets: 20, Most: 3})
	n.write(0, novelty.Host, strings.Repeat("a", 10)+".example.", strings.Repeat("a", 11)+".example.",
		".", `\*.example.`, "1.2.0.192.rpz-ip.", "rpz-ip.example.", "a.*.example.")
	n.want(noh, 0, 0, "a.*.example.", "aaaaaaaaaa.example.", "rpz-ip.example.")
	if want := map[string]int{feed.Long: 1, feed.Reserved: 3}; !maps.Equal(n.left, want) {
		t.Errorf("left out %v, want %v", n.left, want)
	}
	clear(n.left)
	n.write(10, novelty.Host, "b.example.", "c.example.", "d.example.", "e.example.")
	n.want(noh, 10, 10, "c.example.", "d.example.", "e.example.")
	if want := map[string]int{feed.Room: 4}; !maps.Equal(n.left, want) {
		t.Errorf("left out %v, want %v", n.left, want)
	}
	clear(n.left)
	n.write(320, novelty.Host, "f.example.", "g.example.")
	n.want(noh, 320, 320, "f.example.", "g.example.")
	if len(n.left) != 0 {
		t.Errorf("left out %v", n.left)
	}
}

// TestLate: a batch that comes when a later serial was told already: who has that one
// gets no difference that lacks the names.
func TestLate(t *testing.T) {
	n := follow(t, feed.Options{})
	n.write(0, novelty.Domain, "a.example.")
	n.write(21, novelty.Domain, "c.example.")
	n.want(nod, 21, 21, "a.example.", "c.example.")
	late := batch(n.log, begin+290, line{novelty.Domain, "b.example.", 0})
	n.want(nod, 350, 300, "c.example.")
	commit(t, late)
	n.want(nod, 350, 321, "b.example.")
	s := n.State(nod)
	for _, from := range []uint32{begin + 290, begin + 300, begin + 320} {
		if _, ok := s.Since(from); ok {
			t.Errorf("a difference from %d", from-begin)
		}
	}
	d, ok := s.Since(begin + 289)
	if !ok || !maps.Equal(collected(t, d.Added()), set{"b.example.": true}) || len(collected(t, d.Deleted())) != 2 {
		t.Errorf("no difference from before the batch: %v", ok)
	}
	n.want(nod, 620, 590)
	if d, ok := n.State(nod).Since(begin + 321); !ok || len(collected(t, d.Deleted())) != 1 {
		t.Error("no difference from the serial that has it")
	}
}

// TestBeforeTheLog: what another process told when the log reached back further is no
// ground for a difference.
func TestBeforeTheLog(t *testing.T) {
	const day = 24 * 3600
	n := follow(t, feed.Options{})
	n.write(0, novelty.Domain, "a.example.")
	n.write(600, novelty.Again, "a.example.")
	poll(t, n.Follower, begin+600)
	n.write(day+600, novelty.Domain, "b.example.")
	again := feed.NewFollower(n.dir, feed.Options{Zones: []feed.Zone{nod, nad}})
	for _, test := range []struct {
		zone feed.Zone
		from int64
		want bool // of who has not seen what was before
	}{
		{nad, 298, false}, {nad, 299, true}, {nad, 600, true}, {nad, 899, true}, {nad, 900, false},
		{nod, 900, false}, {nod, day + 298, false}, {nod, day + 299, true}, {nod, day + 600, false},
	} {
		poll(t, n.Follower, begin+day+600)
		poll(t, again, begin+day+600)
		if _, ok := again.State(test.zone).Since(uint32(begin + test.from)); ok != test.want {
			t.Errorf("%v from %d: a difference is %v, want %v", test.zone, test.from, ok, test.want)
		}
		_, ok := n.State(test.zone).Since(uint32(begin + test.from))
		if want := test.from >= 600 && !again.State(test.zone).Reaches(uint32(begin+test.from)) || test.want; ok != want {
			t.Errorf("%v from %d: of who has seen it a difference is %v, want %v", test.zone, test.from, ok, want)
		}
	}
	s := n.State(nad)
	for serial, want := range map[uint32]bool{begin + 899: false, begin + 900: true, begin + 901: true, begin + 900 - 1<<30: false} {
		if s.Reaches(serial) != want {
			t.Errorf("serial %d: up to date is not %v", serial, want)
		}
	}
}

// TestNeverTold: who comes with a serial that no server can have given gets no
// difference, also where it counts as an older one (RFC 1982).
func TestNeverTold(t *testing.T) {
	n := follow(t, feed.Options{})
	check := func() {
		t.Helper()
		for _, from := range []uint32{math.MaxUint32, 1 << 31, begin - 1<<31 + 1<<32 - 1, begin - 1_000_000, 2} {
			if _, ok := n.State(nod).Since(from); ok {
				t.Errorf("a difference from %d", from)
			}
		}
	}
	poll(t, n.Follower, begin)
	check()
	n.write(0, novelty.Domain, "a.example.")
	poll(t, n.Follower, begin)
	check()
	if _, ok := n.State(nod).Since(1); !ok {
		t.Error("no difference from the serial that was given")
	}
}

// TestDamage: a line that cannot be read costs that line, and is told.
func TestDamage(t *testing.T) {
	n := follow(t, feed.Options{})
	n.write(0, novelty.Domain, "a.example.", "b.example.")
	files, err := filepath.Glob(filepath.Join(n.dir, "*"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	text = []byte(strings.Replace(string(text), `{"kind":"domain","name":"a`, `{"kind":"demain","name":"a`, 1))
	if err := os.WriteFile(files[0], text, 0o600); err != nil {
		t.Fatal(err)
	}
	var bad *novelty.LineError
	if err := n.Poll(t.Context(), time.Unix(begin, 0)); !errors.As(err, &bad) {
		t.Errorf("got %v, want the error of a line", err)
	}
	n.want(nod, 0, 0, "b.example.")
}

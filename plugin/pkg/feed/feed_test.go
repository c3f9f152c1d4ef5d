package feed_test

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/pdns/plugin/pkg/feed"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store/novelty"
)

// begin is when the logs of these tests begin.
const begin = 1_700_000_000

// A line is an event as it was logged.
type line struct {
	kind   novelty.Kind
	name   string
	logged int64
}

// write logs a batch.
func write(t *testing.T, l *novelty.Log, at int64, lines ...line) {
	t.Helper()
	commit(t, batch(l, at, lines...))
}

func batch(l *novelty.Log, at int64, lines ...line) *novelty.Batch {
	b := l.Begin(time.Unix(at, 0))
	for _, x := range lines {
		b.Add(&novelty.Event{Kind: x.kind, Name: rrset.MustName(x.name), Rdata: 1, Set: rrset.RRset{
			Owner: rrset.MustName(x.name), Type: 1, Rdata: [][]byte{{192, 0, 2, 1}},
			Figures: rrset.Figures{First: at, Last: at, Count: 1},
		}})
	}
	return b
}

func commit(t *testing.T, b *novelty.Batch) {
	t.Helper()
	if shed, err := b.Commit(); err != nil || shed != 0 {
		t.Fatalf("Commit: %d shed, %v", shed, err)
	}
}

// every zone there is.
func every() (zones []feed.Zone) {
	for _, k := range feed.Kinds {
		for _, a := range feed.Ages {
			zones = append(zones, feed.Zone{Kind: k, Age: a})
		}
	}
	return zones
}

func poll(t *testing.T, f *feed.Follower, now int64) {
	t.Helper()
	if err := f.Poll(t.Context(), time.Unix(now, 0)); err != nil {
		t.Fatal(err)
	}
}

type set map[string]bool

// collected fails where a name comes twice.
func collected(t *testing.T, names iter.Seq[string]) set {
	t.Helper()
	s := set{}
	for n := range names {
		name := rrset.NameString([]byte(n))
		if s[name] {
			t.Fatalf("%s twice", name)
		}
		s[name] = true
	}
	return s
}

// should is what a zone should hold at a serial, by the definition.
func should(lines []line, z feed.Zone, serial int64, most int) set {
	kind := map[feed.Kind]novelty.Kind{feed.NOD: novelty.Domain, feed.NOH: novelty.Host, feed.NAD: novelty.Again}[z.Kind]
	heard := map[string]int64{}
	var held []string
	for _, x := range lines {
		if x.kind != kind || x.logged > serial {
			continue
		}
		at, ok := heard[x.name]
		heard[x.name] = x.logged
		if x.logged <= serial-int64(z.Age) {
			continue
		}
		name := x.name
		if ok && kind != novelty.Again && x.logged-at < 24*3600 {
			name = "" // takes room, and does not count
		}
		held = append(held, name)
	}
	s := set{}
	for _, name := range held[max(0, len(held)-most):] {
		s[name] = true
	}
	delete(s, "")
	return s
}

// apply is a set after a difference, which must fit.
func apply(t *testing.T, s set, d *feed.Difference) set {
	t.Helper()
	s = maps.Clone(s)
	for name := range collected(t, d.Deleted()) {
		if !s[name] {
			t.Fatalf("%s deleted, which was not there", name)
		}
		delete(s, name)
	}
	for name := range collected(t, d.Added()) {
		if s[name] {
			t.Fatalf("%s added, which was there", name)
		}
		s[name] = true
	}
	return s
}

// TestSerials: whatever is logged and whenever one looks, a zone holds what the
// definition says, the difference from any serial leads there, and whoever begins to
// read now finds the same.
func TestSerials(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { serials(t, rand.New(rand.NewPCG(seed, 0))) })
	}
}

func serials(t *testing.T, r *rand.Rand) {
	dir := t.TempDir()
	log := novelty.NewLog(dir)
	zones := every()
	most := []int{1000, 1000, 7}[r.IntN(3)]
	options := feed.Options{Zones: zones, Most: most}
	f := feed.NewFollower(dir, options)
	var lines []line
	told := map[feed.Zone][]uint32{}
	now, exact := int64(begin), 0
	for range 60 {
		now += 1 + r.Int64N([]int64{10, 400, 4000, 40_000}[r.IntN(4)])
		if r.IntN(3) > 0 {
			var batch []line
			for range 1 + r.IntN(4) {
				kind := novelty.Kinds[r.IntN(len(novelty.Kinds))]
				batch = append(batch, line{kind, fmt.Sprintf("n%d.d%[1]d.example.", r.IntN(40)), now})
			}
			write(t, log, now, batch...)
			lines = append(lines, batch...)
		}
		if r.IntN(3) == 0 {
			continue
		}
		poll(t, f, now)
		again := feed.NewFollower(dir, options)
		poll(t, again, now)
		for _, z := range zones {
			s := f.State(z)
			at := fmt.Sprintf("%v at %d, %d", z, now, s.Serial)
			names := collected(t, s.Names())
			if want := should(lines, z, int64(s.Serial), most); !maps.Equal(names, want) {
				t.Fatalf("%s: holds %v, want %v", at, names, want)
			}
			if want := should(lines, z, max(now-30, last(lines)), most); !maps.Equal(names, want) {
				t.Fatalf("%s: holds %v, want %v by now", at, names, want)
			}
			if s.Len() != len(names) {
				t.Fatalf("%s: says that it holds %d, and holds %v", at, s.Len(), names)
			}
			for n := range 40 {
				name := fmt.Sprintf("d%d.example.", n)
				if got := f.ListsBelow(z, rrset.MustName(name)); got != names["n"+name[1:len(name)-8]+name] {
					t.Fatalf("%s: below %s: %v", at, name, got)
				}
			}
			if other := again.State(z); other.Serial != s.Serial || !maps.Equal(collected(t, other.Names()), names) {
				t.Fatalf("%s: another process has serial %d", at, other.Serial)
			}
			froms := append(slices.Clone(told[z]), uint32(max(now-r.Int64N(20_000), begin)))
			for _, from := range froms {
				for i, follower := range []*feed.Follower{f, again} {
					d, ok := follower.State(z).Since(from)
					back := int64(from) - int64(z.Age)
					own := i == 0 && slices.Contains(told[z], from) && back > now-48*3600
					if z.Kind != feed.NAD {
						back -= 24 * 3600
					}
					recent := back >= first(lines) && back > now-48*3600
					switch {
					case from >= s.Serial && (ok || !s.Reaches(from)):
						t.Fatalf("%s: a difference from %d", at, from)
					case from < s.Serial && !ok && (recent || own) && most > 7:
						t.Fatalf("%s: no difference from %d in %d", at, from, i)
					case ok:
						exact++
						if got := apply(t, should(lines, z, int64(from), most), &d); !maps.Equal(got, names) {
							t.Fatalf("%s: from %d comes %v, want %v", at, from, got, names)
						}
					}
				}
			}
			if told := told[z]; len(told) > 0 && told[len(told)-1] > s.Serial {
				t.Fatalf("%s: behind %d", at, told[len(told)-1])
			}
			told[z] = append(told[z], s.Serial)
		}
	}
	if exact < 1000 {
		t.Errorf("only %d differences were looked at", exact)
	}
}

// first is when the log of names begins.
func first(lines []line) int64 {
	for _, x := range lines {
		if x.kind != novelty.RRset {
			return x.logged
		}
	}
	return math.MaxInt64
}

// last is when it ends by now.
func last(lines []line) int64 {
	for _, x := range slices.Backward(lines) {
		if x.kind != novelty.RRset {
			return x.logged
		}
	}
	return 0
}

func TestZones(t *testing.T) {
	if got := (feed.Zone{Kind: feed.NOD, Age: 3600}).String(); got != "1h._nod" {
		t.Errorf("got %s", got)
	}
	for _, z := range every() {
		age, err := feed.ParseAge(z.Age.String())
		kind, err2 := feed.ParseKind(string(z.Kind))
		if cmp.Or(err, err2) != nil || age != z.Age || kind != z.Kind {
			t.Errorf("%v: %v %v, %v %v", z, kind, age, err, err2)
		}
	}
	if _, err := feed.ParseAge("2h"); err == nil || !strings.Contains(err.Error(), `"2h": want 5m, 10m`) {
		t.Errorf("2h: %v", err)
	}
	if _, err := feed.ParseKind("new"); err == nil || !strings.Contains(err.Error(), "want nod, noh or nad") {
		t.Errorf("new: %v", err)
	}
}

// TestUnread: before the log was read there is no zone, and one that ends that early
// leaves none.
func TestUnread(t *testing.T) {
	dir := t.TempDir()
	write(t, novelty.NewLog(dir), begin, line{novelty.Domain, "new.example.", 0})
	z := feed.Zone{Kind: feed.NOD, Age: 3600}
	f := feed.NewFollower(dir, feed.Options{Zones: []feed.Zone{z}})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := f.Poll(ctx, time.Unix(begin, 0)); err == nil {
		t.Error("want the error of the context")
	}
	if f.State(z) != nil || f.Lists(z, rrset.MustName("new.example.")) {
		t.Error("a zone of an unread log")
	}
}

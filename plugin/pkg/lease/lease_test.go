package lease_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.org/pdns/plugin/pkg/lease"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// wantLocked fails the test unless exactly the directories of held are locked.
func wantLocked(t *testing.T, held []string, free ...string) {
	t.Helper()
	for _, dir := range append(slices.Clone(held), free...) {
		s, err := store.Open(dir, store.Options{})
		if err == nil {
			s.Close()
		}
		if got, want := errors.Is(err, store.ErrLocked), slices.Contains(held, dir); got != want {
			t.Errorf("%s: locked %v, want %v (%v)", filepath.Base(dir), got, want, err)
		}
	}
	if got := len(lease.Stores()); got != len(held) {
		t.Errorf("%d stores open, want %d", got, len(held))
	}
}

func limit(t *testing.T, s store.Source) int {
	t.Helper()
	st, err := s.Stats()
	if err != nil {
		t.Fatal(err)
	}
	return st.Memtable.Limit
}

const mib = 1 << 20

func seen(name string) *rrset.RRset {
	return &rrset.RRset{
		Owner: rrset.MustName(name), Type: 1, Rdata: [][]byte{{192, 0, 2, 1}},
		Figures: rrset.Figures{First: 1564617600, Last: 1564617600, Count: 1},
	}
}

// owners lists the names that a source knows.
func owners(t *testing.T, src store.Source) string {
	t.Helper()
	var names []string
	for r, err := range src.Find(t.Context(), store.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, rrset.NameString(r.Owner))
	}
	return strings.Join(names, " ")
}

func TestTwoBlocksShareOneStore(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "store")
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(filepath.Dir(filepath.Dir(dir)), link); err != nil {
		t.Fatal(err)
	}
	s := start(t, "record "+dir, "record "+link+"/new/store", "ask "+dir)
	a, b, reader := declared[0], declared[1], declared[2]
	if a.Store() == nil || a.Store() != b.Store() {
		t.Fatalf("stores %p and %p, want one", a.Store(), b.Store())
	}
	if reader.Source() != store.Source(a.Store()) || reader.Store() != nil {
		t.Errorf("a reader has source %p and store %p, want the writer %p and none", reader.Source(), reader.Store(), a.Store())
	}
	s.stop()
	if a.Store() != nil || b.Source() != nil || reader.Source() != nil {
		t.Error("something is held after shutdown")
	}
	wantLocked(t, nil, dir)
}

func TestNothingIsHeldBeforeStartup(t *testing.T) {
	dir := t.TempDir()
	s := start(t, "ask "+newStore(t))
	if err := s.reload("record "+dir, "trouble setup"); err == nil {
		t.Fatal("a reload that fails in setup succeeded")
	}
	if declared[0].Store() != nil || declared[0].Source() != nil {
		t.Error("something is held before startup")
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("setup left %v", left)
	}
}

// newStore returns the directory of a store that knows old.example.
func newStore(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	s, err := store.Open(dir, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Add(seen("old.example")), s.Close()); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestReloads(t *testing.T) {
	one, two := t.TempDir(), t.TempDir()
	steps := []struct {
		name   string
		blocks []string
		fails  bool
		locked []string
		limit  int // of the store in one, if locked
	}{
		{"two blocks", []string{"record " + one, "record " + one}, false, []string{one}, 256 * mib},
		{"the same", []string{"record " + one, "record " + one}, false, []string{one}, 256 * mib},
		{"one block less", []string{"record " + one}, false, []string{one}, 256 * mib},
		{"other options", []string{"record " + one + " 67108864"}, false, []string{one}, 64 * mib},
		{"no such directive", []string{"recrod " + one}, true, []string{one}, 64 * mib},
		{"fails in setup", []string{"record " + one + " 33554432", "trouble setup"}, true, []string{one}, 64 * mib},
		{"fails at startup", []string{"record " + one + " 33554432", "trouble startup"}, true, []string{one}, 64 * mib},
		{"fails at startup before ours", []string{"record " + one + " 33554432", "early startup"}, true, []string{one}, 64 * mib},
		{"fails at listen", []string{"record " + one + " 33554432", occupied(t)}, true, []string{one}, 64 * mib},
		{"another path fails at listen", []string{"record " + two, occupied(t)}, true, []string{one}, 64 * mib},
		{"blocks that disagree", []string{"record " + one, "record " + one + " 33554432"}, true, []string{one}, 64 * mib},
		{"both paths", []string{"record " + one, "record " + two}, false, []string{one, two}, 0},
		{"another path", []string{"record " + two}, false, []string{two}, 0},
		{"without the plugin", []string{"trouble never"}, false, nil, 0},
		{"back, failing at listen", []string{"record " + one, occupied(t)}, true, []string{one}, 256 * mib},
		{"back", []string{"record " + one}, false, []string{one}, 256 * mib},
	}
	s := start(t, "record "+one)
	for _, st := range steps {
		t.Run(st.name, func(t *testing.T) {
			if err := s.reload(st.blocks...); (err != nil) != st.fails {
				t.Fatalf("reload: %v, want failure %v", err, st.fails)
			}
			free := slices.DeleteFunc([]string{one, two}, func(d string) bool { return slices.Contains(st.locked, d) })
			wantLocked(t, st.locked, free...)
			if w := lease.Stores()[one]; w != nil && st.limit != 0 && limit(t, w) != st.limit {
				t.Errorf("memory %d, want %d", limit(t, w), st.limit)
			}
		})
	}
	s.stop()
	wantLocked(t, nil, one, two)
}

func TestNothingIsLostInReload(t *testing.T) {
	dir := t.TempDir()
	s := start(t, "record "+dir)
	var want []string
	for i := range 5 {
		name := fmt.Sprintf("n%d.example.", i)
		want = append(want, name)
		if err := declared[0].Store().Add(seen(name)); err != nil {
			t.Fatal(err)
		}
		if err := s.reload("record " + dir); err != nil {
			t.Fatal(err)
		}
		if got := owners(t, declared[0].Source()); got != strings.Join(want, " ") {
			t.Fatalf("after reload %d: %s", i, got)
		}
	}
	s.stop()
	src, err := store.OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	if got := owners(t, src); got != strings.Join(want, " ") {
		t.Errorf("on disk: %s", got)
	}
}

// TestRetention: a Corefile that fails to load deletes nothing, be it that it
// opened the store or found it open; one that loads deletes what is too old.
func TestRetention(t *testing.T) {
	dir := newStore(t)
	s := start(t, "record "+t.TempDir())
	short := "record " + dir + " 33554432 1h"
	if err := s.reload(short, occupied(t)); err == nil {
		t.Fatal("a reload that cannot listen succeeded")
	}
	if err := s.reload("record " + dir); err != nil {
		t.Fatal(err)
	}
	if err := s.reload(short, "trouble startup"); err == nil {
		t.Fatal("a reload that fails at startup succeeded")
	}
	if got := owners(t, lease.Stores()[dir]); got != "old.example." {
		t.Fatalf("after reloads that failed: %q", got)
	}
	if err := s.reload(short); err != nil {
		t.Fatal(err)
	}
	eventually(t, "what is too old is gone", func() bool { return owners(t, declared[0].Source()) == "" })
}

func TestAnothersShutdownFails(t *testing.T) {
	for _, name := range []string{"early", "trouble"} { // before and after ours
		t.Run(name, func(t *testing.T) {
			one, two := t.TempDir(), t.TempDir()
			s := start(t, "record "+one+"\n"+name+" shutdown")
			if err := s.reload("record " + two); err == nil {
				t.Fatal("Caddy took no notice of the failure")
			}
			wantLocked(t, []string{two}, one)
			s.stop()
			wantLocked(t, nil, one, two)
		})
	}
}

func TestStartFails(t *testing.T) {
	dir := t.TempDir()
	for _, block := range []string{"trouble startup", occupied(t)} {
		declared = nil
		if i, err := caddyStart("record "+dir, block); err == nil {
			i.ShutdownCallbacks()
			t.Fatal("a start that fails succeeded")
		}
	}
	s := start(t, "record "+dir)
	if declared[0].Store() == nil {
		t.Error("nothing is held after a start that follows failed ones")
	}
	s.stop()
	wantLocked(t, nil, dir)
}

func TestTwoInstances(t *testing.T) {
	dir := t.TempDir()
	first := start(t, "record "+dir)
	a := declared[0]
	i, err := caddyStart("record "+dir, "ask "+dir)
	if err != nil {
		t.Fatal(err)
	}
	b := declared[len(declared)-2]
	if a.Store() == nil || a.Store() != b.Store() {
		t.Errorf("stores %p and %p, want one", a.Store(), b.Store())
	}
	i.ShutdownCallbacks()
	if a.Store() == nil || b.Store() != nil {
		t.Error("the shutdown of one instance took the store from the other")
	}
	wantLocked(t, []string{dir})
	first.stop()
	wantLocked(t, nil, dir)
}

func TestReaders(t *testing.T) {
	dir := newStore(t)
	s := start(t, "ask "+dir, "ask "+dir)
	a, b := declared[0], declared[1]
	if a.Source() == nil || a.Source() != b.Source() {
		t.Error("two readers of one directory, two sources")
	}
	if got := owners(t, a.Source()); got != "old.example." {
		t.Errorf("found %q", got)
	}
	wantLocked(t, nil, dir) // a reader locks nothing
	if err := s.reload("ask "+dir, "record "+dir); err != nil {
		t.Fatal(err)
	}
	if r, w := declared[1], declared[0]; r.Source() != store.Source(w.Store()) {
		t.Error("the reader does not ask the writer of its Corefile")
	}
	if err := s.reload("ask " + dir); err != nil {
		t.Fatal(err)
	}
	if got := owners(t, declared[0].Source()); got != "old.example." {
		t.Errorf("found %q", got)
	}
}

// TestQueryZones: those of every reader, whatever it asks, in this Corefile alone.
func TestQueryZones(t *testing.T) {
	dir, other := t.TempDir(), newStore(t)
	s := start(t, "ask "+dir+" a.example. b.example.", "record "+dir, "ask "+other+" c.example.")
	for _, l := range declared {
		if got := strings.Join(l.QueryZones(), " "); got != "a.example. b.example. c.example." {
			t.Errorf("query zones %q", got)
		}
	}
	if err := s.reload("record " + dir); err != nil {
		t.Fatal(err)
	}
	if got := declared[0].QueryZones(); len(got) != 0 {
		t.Errorf("query zones %q after they are gone", got)
	}
}

func TestErrorsName(t *testing.T) {
	dir := t.TempDir()
	locked, err := store.Open(dir, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer locked.Close()
	for _, tc := range []struct{ blocks, want []string }{
		{[]string{"record " + dir}, []string{"plugin/record: ", " - store: ", dir, "locked"}},
		{[]string{"record /a/b", "record /a/b 1"}, []string{"memory", "/a/b", "another server block"}},
		{[]string{"ask " + dir + "/missing"}, []string{dir + "/missing"}},
	} {
		_, err := caddyStart(tc.blocks...)
		for _, w := range tc.want {
			if err == nil || !strings.Contains(err.Error(), w) {
				t.Errorf("%v: %v, want %q in it", tc.blocks, err, w)
			}
		}
	}
}

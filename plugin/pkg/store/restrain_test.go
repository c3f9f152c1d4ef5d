package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
	"example.org/pdns/plugin/pkg/store/disposable"
)

// collapsing are options under which more than 100 names of one shape collapse.
var collapsing = store.Options{Flush: time.Hour, Disposable: disposable.Policy{Mode: disposable.Collapse, Children: 100, Combinations: 50}}

// addTokens adds n names that are used once, one a second from a time on.
func addTokens(t *testing.T, s *store.Store, zone string, seed uint64, from int64, n int) (names []string) {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, seed))
	for i := range n {
		name := fmt.Sprintf("%016x.%s", rng.Uint64(), zone)
		at := from + int64(i)
		must(t, s.Add(line(t, fmt.Sprintf("%s A %d %d 1 192.0.2.1", name, at, at))))
		names = append(names, name)
	}
	return names
}

// only finds the only RRset of an owner and type.
func only(t *testing.T, src store.Source, owner string, rtype uint16) *rrset.RRset {
	t.Helper()
	var found []*rrset.RRset
	for r, err := range src.Find(context.Background(), store.Query{Subject: store.Owner(rrset.MustName(owner)), Types: []uint16{rtype}}) {
		must(t, err)
		found = append(found, r.Clone())
	}
	if len(found) != 1 {
		t.Fatalf("%d RRsets of %s %s, want one", len(found), owner, rrset.TypeString(rtype))
	}
	return found[0]
}

// near checks an estimate. Its standard error is 10%, but a thousandth of them are off
// by four times that, since secrets are random.
func near(t *testing.T, what string, got, want uint64) {
	t.Helper()
	if got < want/2 || got > want*2 {
		t.Errorf("%s: %d, want about %d", what, got, want)
	}
}

func collapsedSets(t *testing.T, src store.Source, name string) []store.CollapsedSet {
	t.Helper()
	sets, err := store.Collapsed(context.Background(), src, rrset.MustName(name))
	must(t, err)
	return sets
}

// checkTokens checks what is left of n names of addTokens below example.com.
func checkTokens(t *testing.T, src store.Source, names []string, first, last int64) {
	t.Helper()
	n := uint64(len(names))
	set := only(t, src, "_wildcard_.example.com", rrset.TypeWildcard)
	if shape := string(set.Rdata[0]); shape != "h16" || set.Last != last {
		t.Errorf("set %s until %d, want h16 until %d", shape, set.Last, last)
	}
	near(t, "names of the set", set.Count, n)
	own := 0
	for r, err := range src.Find(context.Background(), store.Query{Subject: store.Address(netip.MustParseAddr("192.0.2.1"))}) {
		must(t, err)
		if !bytes.HasPrefix(r.Owner, []byte("\x0a_wildcard_")) {
			own++
		} else if r.Count != n-uint64(own) && r.Last != last || r.First < first {
			t.Errorf("%s: want the last at %d", text(r), last)
		}
	}
	near(t, "names by themselves", uint64(own), 100)
	sets := collapsedSets(t, src, names[len(names)-1])
	if len(sets) != 1 || sets[0].Place != disposable.Inside || sets[0].Shape != "h16" || sets[0].Last != last {
		t.Errorf("sets of a name that has collapsed: %+v", sets)
	}
	if sets := collapsedSets(t, src, "www.example.com"); len(sets) != 0 {
		t.Errorf("sets of another: %+v", sets)
	}
}

func TestCollapse(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	s := open(t, dir, collapsing)
	names := addTokens(t, s, "example.com", 1, 1000, 1000)
	checkTokens(t, s, names, 1000, 1999)
	must(t, s.Flush(ctx))
	names = append(names, addTokens(t, s, "example.com", 2, 2000, 1000)...)
	must(t, s.Close())

	s = open(t, dir, collapsing)
	names = append(names, addTokens(t, s, "example.com", 3, 3000, 1000)...)
	names = append(names, addTokens(t, s, "example.com", 1, 4000, 1000)...) // known
	names = names[:3000]
	must(t, s.Flush(ctx))
	checkTokens(t, s, names, 1000, 4999)

	reader, err := store.OpenReader(dir)
	must(t, err)
	defer reader.Close()
	snapshot := filepath.Join(t.TempDir(), "all.pdns")
	must(t, store.Snapshot(ctx, reader, snapshot, store.SnapshotOptions{}))
	frozen, err := store.OpenReader(snapshot)
	must(t, err)
	defer frozen.Close()
	must(t, s.Merge(ctx, true, nil))
	for what, src := range map[string]store.Source{"store": s, "reader": reader, "snapshot": frozen} {
		t.Run(what, func(t *testing.T) {
			checkTokens(t, src, names, 1000, 4999)
			c, err := src.Coverage()
			must(t, err)
			r := c.Reduced
			near(t, "names", r.Names, 3000)
			if n := r.Observations["disposable"]; r.Sets != 1 || n < 3800 || n > 3940 || c.Recorded != 4000 {
				t.Errorf("%+v of %d observations", r, c.Recorded)
			}
		})
	}
}

// What a record of a name that collapses says else stays, and a bailiwick that is
// among the labels that go becomes the owner of the set.
func TestCollapsedRecord(t *testing.T) {
	s := open(t, t.TempDir(), collapsing)
	addTokens(t, s, "example.com", 1, 1000, 500)
	for _, zone := range []string{"a1b2c3d4e5f60718.example.com", "example.com"} {
		r := line(t, "a1b2c3d4e5f60718.example.com. AAAA 5000 5010 7 2001:db8::1,2001:db8::2")
		r.Bailiwick = rrset.MustName(zone)
		r.TTLMin, r.TTLMax, r.Marks = 30, 60, rrset.HasTTL|rrset.FromDnstap|rrset.BailiwickKnown
		must(t, s.Add(r))
	}
	var got []string
	for r, err := range s.Find(context.Background(), store.Query{Subject: store.Owner(rrset.MustName("_wildcard_.example.com")), Types: []uint16{dns.TypeAAAA}}) {
		must(t, err)
		got = append(got, fmt.Sprint(text(r), " ", rrset.NameString(r.Bailiwick), " ", r.TTLMin, " ", r.TTLMax, " ", r.Marks))
	}
	const rest = " AAAA 5000 5010 7 2001:db8::1,2001:db8::2 "
	want := []string{
		"_wildcard_.example.com." + rest + "example.com. 30 60 11",
		"_wildcard_.example.com." + rest + "_wildcard_.example.com. 30 60 11",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := answer(t, s, store.Query{Subject: store.Owner(rrset.MustName("a1b2c3d4e5f60718.example.com"))}); got != nil {
		t.Errorf("the name itself: %q", got)
	}
}

// Nothing of a name that has collapsed is on disk, whichever its type is.
func TestCollapsedNamesAreNotKept(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, collapsing)
	addTokens(t, s, "example.com", 1, 1000, 500)
	must(t, s.Flush(context.Background()))
	const secret = "5ec2e7a1d0c0ffee"
	must(t, s.Add(line(t, secret+".example.com. A 5000 5000 1 192.0.2.1")))
	must(t, s.Add(line(t, secret+".example.com. NODATA 5000 5000 1 AAAA")))
	must(t, s.Close())
	src, err := store.OpenReader(dir)
	must(t, err)
	defer src.Close()
	for r, err := range src.Find(context.Background(), store.Query{Negative: true}) {
		must(t, err)
		if strings.Contains(text(r), secret) {
			t.Error(text(r))
		}
	}
}

// A policy that only counts changes nothing, and says what collapse would do.
func TestCollapseCounted(t *testing.T) {
	o := collapsing
	o.Disposable.Mode = disposable.Count
	s := open(t, t.TempDir(), o)
	addTokens(t, s, "example.com", 1, 1000, 1000)
	if n, err := walk(s); n != 1000 || err != nil {
		t.Errorf("%d names, %v", n, err)
	}
	c, err := s.Coverage()
	must(t, err)
	near(t, "counted", c.Reduced.Observations["counted"], 900)
	if c.Reduced.Sets != 0 || c.Reduced.Observations["disposable"] != 0 {
		t.Errorf("%+v", c.Reduced)
	}
}

// Who visits a store records by the policy of who records day by day.
func TestVisitorsCollapse(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, collapsing)
	addTokens(t, s, "example.com", 1, 1000, 1000)
	must(t, s.Close())
	s = open(t, dir, store.Options{Visit: true, ByCut: true})
	addTokens(t, s, "example.com", 2, 2000, 500)
	addTokens(t, s, "example.org", 2, 2000, 1000)
	must(t, s.Cut(context.Background(), nil))
	must(t, s.Close())
	src, err := store.OpenReader(dir)
	must(t, err)
	defer src.Close()
	near(t, "names", only(t, src, "_wildcard_.example.com", rrset.TypeWildcard).Count, 1500)
	near(t, "names", only(t, src, "_wildcard_.example.org", rrset.TypeWildcard).Count, 1000)
}

// A state that cannot be read is told; what is there stays, and names are counted
// anew.
func TestDamagedState(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, collapsing)
	addTokens(t, s, "example.com", 1, 1000, 1000)
	must(t, s.Close())
	must(t, os.WriteFile(filepath.Join(dir, "DISPOSABLE"), []byte("passive-dns-disposable\nrubbish"), 0o600))
	var told []string
	o := collapsing
	o.Events.Error = func(err error) { told = append(told, err.Error()) }
	s = open(t, dir, o)
	if len(told) != 1 || !strings.Contains(told[0], "DISPOSABLE") {
		t.Errorf("told %q", told)
	}
	before := only(t, s, "_wildcard_.example.com", rrset.TypeWildcard).Count
	addTokens(t, s, "example.com", 2, 2000, 1000)
	near(t, "names", only(t, s, "_wildcard_.example.com", rrset.TypeWildcard).Count-before, 1000)
	must(t, s.Close())
	told = nil
	open(t, dir, o)
	if told != nil {
		t.Errorf("after the next Close: told %q", told)
	}
}

// Random names that do not exist take bounded room under the default policy, and the
// next flush begins where the last one ended.
func TestNegativeFlood(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, store.Options{Flush: time.Hour})
	rng := rand.New(rand.NewPCG(1, 1))
	r := line(t, "x.victim.example. NXDOMAIN 100 100 1 ")
	const n = 1_000_000
	for i := range n {
		label := make([]byte, 12)
		for j := range label {
			label[j] = byte('a' + rng.IntN(26))
		}
		r.Owner = append(append([]byte{12}, label...), "\x06victim\x07example\x00"...)
		must(t, s.Add(r))
		if i == n/2 {
			st, err := s.Stats()
			must(t, err)
			near(t, "records in memory", uint64(st.Memtable.Records), 10_000)
			must(t, s.Flush(context.Background()))
		}
	}
	st, err := s.Stats()
	must(t, err)
	if st.Memtable.Records != 2 {
		t.Errorf("%d records in memory behind a flush, want the set and what it is of", st.Memtable.Records)
	}
	set := only(t, s, "_wildcard_.victim.example", rrset.TypeWildcard)
	near(t, "names", set.Count, n)
	if sets := collapsedSets(t, s, "www.victim.example"); len(sets) != 1 || sets[0].Shape != "*" {
		t.Errorf("sets of a name: %+v", sets)
	}
	for range 3 { // flushes with one name each, which is hardly ever taken for a new one
		must(t, s.Flush(context.Background()))
		r.Owner[1] ^= 1
		must(t, s.Add(r))
	}
	must(t, s.Close())
	intact(t, dir)
}

// A set of another history is taken in as it was told there, and is one set however
// often it is told of.
func TestSetOfAnotherHistory(t *testing.T) {
	s := open(t, t.TempDir(), store.Options{Flush: time.Hour})
	const times = 4
	for i := range times {
		must(t, s.Add(line(t, "_wildcard_.example.com. WILDCARD 100 200 4711 h16")))
		if i%2 > 0 {
			must(t, s.Flush(context.Background()))
		}
	}
	if sets := collapsedSets(t, s, "0123456789abcdef.example.com"); len(sets) != 1 || sets[0].Count != times*4711 {
		t.Errorf("%+v", sets)
	}
	c, err := s.Coverage()
	must(t, err)
	if c.Reduced.Sets != 1 || c.Reduced.Names != times*4711 {
		t.Errorf("%+v", c.Reduced)
	}
}

// A set that there was no room for is counted once it is in.
func TestSetWithoutRoom(t *testing.T) {
	s := open(t, t.TempDir(), store.Options{Flush: time.Hour, Memory: 1 << 20})
	var err error
	sets := 0
	for names := 0; !errors.Is(err, store.ErrFull); sets++ { // else a flush came between
		must(t, err)
		for err == nil {
			err = s.AddSpare(line(t, fmt.Sprintf("n%d.example.com. A 100 100 1 192.0.2.1", names)))
			names++
		}
		err = s.AddSpare(line(t, fmt.Sprintf("_wildcard_.n%d.example.com. WILDCARD 100 200 4711 h16", sets)))
	}
	must(t, s.AddWait(context.Background(), line(t, fmt.Sprintf("_wildcard_.n%d.example.com. WILDCARD 100 200 4711 h16", sets-1))))
	c, err := s.Coverage()
	must(t, err)
	if c.Reduced.Sets != uint64(sets) || c.Reduced.Names != uint64(sets)*4711 {
		t.Errorf("%+v, want %d sets", c.Reduced, sets)
	}
}

// A forged is a source with an RRset that no store would take in.
type forged struct {
	store.Source
	rrset rrset.RRset
}

func (f forged) Find(context.Context, store.Query) iter.Seq2[*rrset.RRset, error] {
	return func(yield func(*rrset.RRset, error) bool) { yield(&f.rrset, nil) }
}

// A file may say anything of a set.
func TestForgedSets(t *testing.T) {
	for want, rdata := range [][][]byte{{}, {[]byte("h16")}, {{}, []byte("h16"), []byte("\x1b[2J"), []byte("*")}} {
		sets := collapsedSets(t, forged{rrset: rrset.RRset{Owner: rrset.MustName("_wildcard_.example.com"), Type: rrset.TypeWildcard, Rdata: rdata}},
			"0123456789abcdef.example.com")
		if len(sets) != want {
			t.Errorf("%q: %+v", rdata, sets)
		}
	}
}

// A name that is nearly as long as may be collapses too.
func TestCollapseOfLongNames(t *testing.T) {
	s := open(t, t.TempDir(), collapsing)
	l := strings.Repeat("y", 61)
	zone := l + "." + l + "." + l + "." + strings.Repeat("y", 58) + ".org"
	for i := range 400 {
		must(t, s.Add(line(t, fmt.Sprintf("%03d.%s A 100 100 1 192.0.2.1", i, zone))))
	}
	near(t, "names", only(t, s, "*."+zone, rrset.TypeWildcard).Count, 390)
	if sets := collapsedSets(t, s, "777."+zone); len(sets) != 1 {
		t.Errorf("%+v", sets)
	}
}

package pdnsquery_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
	"example.org/pdns/plugin/pkg/store/novelty"
)

// logEvents writes a batch of events into the log of a store.
func logEvents(t *testing.T, dir string, events ...*novelty.Event) {
	t.Helper()
	l := novelty.NewLog(dir)
	defer l.Close()
	b := l.Begin(now)
	for _, e := range events {
		b.Add(e)
	}
	if shed, err := b.Commit(); shed != 0 || err != nil {
		t.Fatal(shed, err)
	}
}

// TestNewLarge: of an event whose rdata fit into no record as much is given as fits, and
// how much that is; of events that fit into no message as many as fit.
func TestNewLarge(t *testing.T) {
	large := &rrset.RRset{Owner: rrset.MustName("large.example"), Type: 65400, Figures: rrset.Figures{First: now.Unix(), Last: now.Unix(), Count: 1}}
	for i := range 16 {
		large.Rdata = append(large.Rdata, append(make([]byte, 10_000), byte(i)))
	}
	huge := large.Clone()
	huge.Owner, huge.Rdata = rrset.MustName("huge.example"), [][]byte{make([]byte, 65_000)}
	dir := history(t, large)
	events := []*novelty.Event{novelty.NewEvent(novelty.Host, huge.Owner, huge, 0)}
	for range 3 {
		e := novelty.NewEvent(novelty.Domain, large.Owner, large, 0)
		e.Set.Rdata = large.Rdata // all of it, as no collector writes
		events = append(events, e)
	}
	logEvents(t, dir, events...)
	s := start(t, fmt.Sprintf("_pdns.local {\n pdnsquery %s\n}", dir))
	for _, name := range []string{"_new._limit-1", "_new._limit-1._json", "huge.example._new", "huge.example._new._json"} {
		got := s.asked(name)
		want := "2 of 16 rdata"
		switch {
		case name == "huge.example._new":
			want = "host 2019-09-01T12:00:00Z huge.example. TYPE65400 | ; 0 of 1 rdata"
		case strings.HasPrefix(name, "huge"):
			want = `"rdata_count":1,`
		case strings.HasSuffix(name, "_json"):
			want = `"rdata_count":16,`
		}
		if !strings.Contains(got, want) {
			t.Errorf("%s: %.200s... want %s", name, got, want)
		}
	}
	m := s.ask("tcp", "_new._pdns.local", dns.TypeTXT)
	note := shortRR(m.Answer[len(m.Answer)-1])
	if n := len(m.Answer); n != 2 || note != "; 1 to 1, there is more; next: | _new._offset-1._pdns.local." {
		t.Errorf("%d records, the last %s", n, note)
	}
}

// TestNewSnapshot: a snapshot has no log, and says so.
func TestNewSnapshot(t *testing.T) {
	src, err := store.OpenReader(history(t, &rrset.RRset{Owner: rrset.MustName("a.example"), Type: 1, Rdata: [][]byte{{192, 0, 2, 1}},
		Figures: rrset.Figures{First: now.Unix(), Last: now.Unix(), Count: 1}}))
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	file := filepath.Join(t.TempDir(), "snapshot")
	if err := store.Snapshot(t.Context(), src, file, store.SnapshotOptions{}); err != nil {
		t.Fatal(err)
	}
	s := start(t, fmt.Sprintf("_pdns.local {\n pdnsquery %s\n}", file))
	if got := s.asked("_new"); got != "NODATA\nEDE 0: a snapshot has no log of what was newly observed" {
		t.Error(got)
	}
}

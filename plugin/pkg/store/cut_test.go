package store_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"example.org/pdns/plugin/pkg/store"
	"example.org/pdns/plugin/pkg/store/manifest"
)

var byCut = store.Options{Flush: time.Hour, ByCut: true, Visit: true}

func imported(items int) []manifest.Import {
	return []manifest.Import{{Sum: "00", Items: uint64(items), Extent: manifest.Part}}
}

// addNumbered adds names numbered from one to below another.
func addNumbered(t *testing.T, s *store.Store, from, to int) {
	t.Helper()
	for i := from; i < to; i++ {
		must(t, s.Add(line(t, fmt.Sprintf("n%d.test. A 100 100 1 192.0.2.1", i))))
	}
}

// wantCut fails unless the store in dir holds n names, and says so.
func wantCut(t *testing.T, dir string, n int) {
	t.Helper()
	s := open(t, dir, byCut)
	got, err := walk(s)
	must(t, err)
	c, err := s.Coverage()
	must(t, err)
	var items uint64
	for _, i := range s.Imports() {
		items = i.Items
	}
	if got != n || items != uint64(n) || c.Recorded != uint64(n) {
		t.Errorf("%d names, %d items imported, %d recorded: want %d of each", got, items, c.Recorded, n)
	}
	must(t, s.Close())
	intact(t, dir)
}

// What a crash, or a close, leaves is what was added up to the last cut, and the
// list that was given with it.
func TestCut(t *testing.T) {
	ctx := context.Background()
	dir, crashed := t.TempDir(), t.TempDir()
	s := open(t, dir, byCut)
	addNumbered(t, s, 0, 300)
	must(t, s.Cut(ctx, imported(300)))
	addNumbered(t, s, 300, 500)
	must(t, s.Add(line(t, "early.test. A 7 7 1 192.0.2.1")))
	must(t, s.Add(line(t, "late.test. A 900 900 1 192.0.2.1")))
	must(t, s.Sync(ctx))
	must(t, s.Flush(ctx))
	must(t, os.CopyFS(crashed, os.DirFS(dir)))
	wantCut(t, crashed, 300)
	wantReach(t, crashed, 100, 100)

	must(t, s.Cut(ctx, imported(502)))
	addNumbered(t, s, 500, 600)
	must(t, s.Add(line(t, "later.test. A 5 1000 1 192.0.2.1")))
	must(t, s.Close())
	wantCut(t, dir, 502)
	wantReach(t, dir, 7, 900)
}

// wantReach fails unless the history in dir goes from a time until another.
func wantReach(t *testing.T, dir string, since, until int64) {
	t.Helper()
	r, err := store.OpenReader(dir)
	must(t, err)
	c, err := r.Coverage()
	must(t, err)
	must(t, r.Close())
	if c.Since.Unix() != since || c.Until.Unix() != until {
		t.Errorf("history from %d until %d: want %d until %d", c.Since.Unix(), c.Until.Unix(), since, until)
	}
}

// A list can change though nothing was added.
func TestCutOfNothing(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, byCut)
	must(t, s.Cut(context.Background(), imported(7)))
	must(t, s.Close())
	s = open(t, dir, store.Options{})
	must(t, s.Add(line(t, "n.test. A 100 100 1 192.0.2.1")))
	must(t, s.Close())
	if got := open(t, dir, byCut).Imports(); len(got) != 1 || got[0].Items != 7 {
		t.Errorf("imports %+v after another program's visit", got)
	}
}

// A cut that finds no room is told by the next, holds together, and is written
// when there is room again; what was added behind it is not there without it.
func TestCutWithoutRoom(t *testing.T) {
	ctx := context.Background()
	dir, crashed := t.TempDir(), t.TempDir()
	s := open(t, dir, byCut)
	addNumbered(t, s, 0, 10)
	must(t, s.Cut(ctx, imported(10)))
	must(t, s.Sync(ctx))

	full := byCut
	full.MaxRunBytes = 64 << 10
	s.Reconfigure(full)
	addNumbered(t, s, 10, 20_000)
	must(t, s.Cut(ctx, imported(20_000)))
	addNumbered(t, s, 20_000, 20_010)
	for range 2 {
		if err := s.Cut(ctx, imported(20_010)); err == nil {
			t.Fatal("a cut behind one that was not written")
		}
	}
	must(t, os.CopyFS(crashed, os.DirFS(dir)))
	wantCut(t, crashed, 10)

	s.Reconfigure(byCut)
	must(t, s.Cut(ctx, imported(20_010)))
	must(t, s.Close())
	wantCut(t, dir, 20_010)
}

// A store that is written by cuts takes everything: who adds looks whether it is
// crowded.
func TestCrowded(t *testing.T) {
	ctx := context.Background()
	o := byCut
	o.Memory = 1 // the least that there is
	s := open(t, t.TempDir(), o)
	n := 0
	for ; !s.Crowded(); n++ {
		addNumbered(t, s, n, n+1)
	}
	addNumbered(t, s, n, 3*n)
	must(t, s.Cut(ctx, nil))
	if s.Crowded() {
		t.Error("crowded behind a cut")
	}
	if got, err := walk(s); got != 3*n || err != nil {
		t.Errorf("%d names, %v: want %d", got, err, 3*n)
	}
}

// RRsets of many short rdata make it crowded earlier: their index takes more than
// they do.
func TestCrowdedByRdata(t *testing.T) {
	o := byCut
	o.Memory = 1
	s := open(t, t.TempDir(), o)
	var addresses []string
	for i := range 1000 {
		addresses = append(addresses, fmt.Sprintf("192.0.%d.%d", i/250, i%250))
	}
	n := 0
	for ; !s.Crowded(); n++ {
		must(t, s.Add(line(t, fmt.Sprintf("n%d.test. A 100 100 1 %s", n, strings.Join(addresses, ",")))))
	}
	stats, err := s.Stats()
	must(t, err)
	if own, m := n*len(addresses)*5, stats.Memtable; own > m.Limit/8 {
		t.Errorf("crowded with %d octets of rdata of %d", own, m.Limit)
	}
	must(t, s.Cut(context.Background(), nil))
	if s.Crowded() {
		t.Error("crowded behind a cut")
	}
}

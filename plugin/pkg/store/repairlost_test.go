package store_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// A run of which nothing can be read is none that a merge has read, whatever its
// times: it is lost, and said to be.
func TestRepairUnreadable(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, store.Options{Flush: time.Hour})
	for run := range 2 {
		for i := range 1000 {
			must(t, s.Add(line(t, fmt.Sprintf("%c%d.test. A %d %d 1 192.0.2.1", 'a'+run, i, 200-run*50, 200+run*50))))
		}
		must(t, s.Flush(t.Context()))
	}
	must(t, s.Close())
	file := filepath.Join(dir, "00000001.run")
	b, err := os.ReadFile(file)
	must(t, err)
	// The last names of each block of records, compressed or not, are made others.
	for _, first := range [][]byte{[]byte("test\x00a"), {0x28, 0xb5, 0x2f, 0xfd}} {
		for at := 0; ; {
			i := bytes.Index(b[at:], first)
			if i < 0 {
				break
			}
			b[at+i] ^= 0xff
			at += i + len(first)
		}
	}
	must(t, os.WriteFile(file, b, 0o600))
	must(t, os.Remove(filepath.Join(dir, "MANIFEST")))
	did := repair(t, dir, true)
	if got := did["00000001.run"]; got.Outcome == store.Leftover || got.After != 0 || got.Fault == nil {
		t.Errorf("told %+v", got)
	}
	s = open(t, dir, store.Options{})
	if n := below(t, s, "test"); n != 1000 {
		t.Errorf("%d records are left", n)
	}
}

// A clock that is wrong when the manifest was lost too removes nothing.
func TestRepairKeepsClock(t *testing.T) {
	dir := t.TempDir()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	o := store.Options{Flush: time.Hour, Keep: 400 * 24 * time.Hour, Now: func() time.Time { return now }}
	s := open(t, dir, o)
	for i := range 100 {
		must(t, s.Add(line(t, fmt.Sprintf("n%d.test. A %d %d 1 192.0.2.1", i, now.Unix(), now.Unix()))))
	}
	must(t, s.Close())
	must(t, os.Remove(filepath.Join(dir, "MANIFEST")))
	repair(t, dir, true)
	now = now.AddDate(10, 0, 0)
	s = open(t, dir, o)
	must(t, s.Merge(t.Context(), false, nil))
	if got := answer(t, s, store.Query{Subject: store.Below(rrset.MustName("test"))}); len(got) != 100 {
		t.Errorf("%d records are left of 100", len(got))
	}
}

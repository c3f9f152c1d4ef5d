package run

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store/record"
)

// treed is a run that is large enough for its buckets to have branch pages.
func treed(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "treed.run")
	w, err := Create(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	b := NewBuilder(w, 0)
	f := rrset.Figures{First: 1, Last: 2, Count: 1}
	for i := range 30_000 {
		r := rrset.RRset{Owner: rrset.MustName(fmt.Sprintf("h%05d.test", i)), Type: 1, Rdata: [][]byte{{192, 0, byte(i >> 8), byte(i)}}}
		if err := b.Add(record.AppendKey(nil, &r), &f); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Finish(); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Finish(time.Unix(3, 0), nil); err != nil {
		t.Fatal(err)
	}
	return path
}

// A damaged tree is told before bbolt follows it: into itself until the stack is
// full, or past what it no longer leads to.
func TestDamagedTree(t *testing.T) {
	path := treed(t)
	sound, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	branches := 0
	for at := 2 * pageSize; at < len(sound); at += pageSize {
		n := native.Uint16(sound[at+10:])
		if native.Uint64(sound[at:]) != uint64(at/pageSize) || native.Uint16(sound[at+8:]) != flagBranch || n < 2 || n > pageSize/elementSize {
			continue
		}
		branches++
		for what, harm := range map[string]func(b []byte){
			"child is itself":   func(b []byte) { native.PutUint64(b[at+pageHeader+8:], uint64(at/pageSize)) },
			"child is the next": func(b []byte) { copy(b[at+pageHeader+8:], b[at+pageHeader+elementSize+8:at+pageHeader+elementSize+16]) },
			"child is far away": func(b []byte) { native.PutUint64(b[at+pageHeader+8:], 1<<40) },
			"child is meta":     func(b []byte) { native.PutUint64(b[at+pageHeader+8:], 1) },
			"one child less":    func(b []byte) { native.PutUint16(b[at+10:], n-1) },
			"flags of no page":  func(b []byte) { native.PutUint16(b[at+8:], 0x10) },
			"flags of a leaf":   func(b []byte) { native.PutUint16(b[at+8:], flagLeaf) },
			"number of another": func(b []byte) { native.PutUint64(b[at:], 3) },
			"thousands of them": func(b []byte) { native.PutUint16(b[at+10:], 0xffff) },
		} {
			b := bytes.Clone(sound)
			harm(b)
			if err := os.WriteFile(path, b, 0o600); err != nil {
				t.Fatal(err)
			}
			if r, err := Open(path); !errors.Is(err, ErrDamaged) {
				if err == nil {
					r.Close()
				}
				// Pages that the newest transaction has left behind matter to nobody.
				if err := stale(path, at, sound, b); err != nil {
					t.Errorf("page %d: %s: %v", at/pageSize, what, err)
				}
			}
		}
	}
	if branches < 2 {
		t.Errorf("%d branch pages, want some", branches)
	}
}

// stale reports whether a page is none of the tree: the walk never reads it.
func stale(path string, at int, sound, damaged []byte) error {
	if bytes.Equal(sound, damaged) {
		return errors.New("nothing was damaged")
	}
	if err := os.WriteFile(path, sound, 0o600); err != nil {
		return err
	}
	tr, err := openTree(bytes.NewReader(sound))
	if err != nil {
		return err
	}
	tr.seen = make([]uint64, tr.pages/64+1)
	if _, err := tr.walk(tr.root, 0, func(leaf []byte, n int) error { return tr.buckets(leaf, n, map[string]uint64{}) }); err != nil {
		return err
	}
	if id := at / pageSize; tr.seen[id/64]>>(id%64)&1 == 1 {
		return errors.New("not told")
	}
	return nil
}

// FuzzTree walks anything as a file: no panic, no endless walk.
func FuzzTree(f *testing.F) {
	b, err := os.ReadFile(filepath.Join("testdata", "format1.run"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add(b[:2*pageSize])
	f.Fuzz(func(t *testing.T, b []byte) {
		counts, err := entries(bytes.NewReader(b), int64(len(b)))
		if err == nil && len(counts) > len(b) {
			t.Fatal("more buckets than bytes")
		}
	})
}

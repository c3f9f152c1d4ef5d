package store_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// perRun is how many RRsets each run of twoRuns holds.
const perRun = 600

// twoRuns is a store of two runs that hold different names, and their files.
func twoRuns(t *testing.T) (dir string, files []string) {
	t.Helper()
	dir = t.TempDir()
	s := open(t, dir, store.Options{Flush: time.Hour})
	for i := range 2 {
		for j := range perRun {
			must(t, s.Add(line(t, fmt.Sprintf("h%d.run%d.test. A 100 100 1 192.0.2.%d", j, i, j%256))))
		}
		must(t, s.Flush(context.Background()))
	}
	st, err := s.Stats()
	must(t, err)
	for _, r := range st.Runs {
		files = append(files, filepath.Join(dir, r.File))
	}
	must(t, s.Close())
	return dir, files
}

// walk counts what a source still gives, and returns how it ended.
func walk(src store.Source) (n int, err error) {
	for r, e := range src.Find(context.Background(), store.Query{}) {
		if err = e; r != nil {
			n++
		}
	}
	return n, err
}

func findings(t *testing.T, path string) (found []store.Finding) {
	t.Helper()
	must(t, store.Verify(context.Background(), path, func(f store.Finding) { found = append(found, f) }, nil))
	return found
}

// Whatever bit of a run flips, nothing panics, Verify finds it, and the other
// run answers whole.
func TestBitFlips(t *testing.T) {
	dir, files := twoRuns(t)
	sound, err := os.ReadFile(files[0])
	must(t, err)
	// The last pages, with the root and the tops of the trees, closely.
	dense := max(0, len(sound)-300)
	for at := 0; at < len(sound); {
		damaged := bytes.Clone(sound)
		damaged[at] ^= 1 << (at % 8)
		must(t, os.WriteFile(files[0], damaged, 0o600))
		if len(findings(t, dir)) == 0 {
			t.Fatalf("flipped bit in byte %d is not found", at)
		}
		src, err := store.OpenReader(dir)
		must(t, err)
		for _, q := range []store.Query{
			{Subject: store.Below(rrset.MustName("run0.test"))},
			{Subject: store.Leading([]byte("h7"))},
			{Subject: store.Raw([]byte{192})},
		} {
			for _, err := range src.Find(context.Background(), q) {
				if err != nil && !errors.Is(err, store.ErrIncomplete) {
					t.Fatalf("byte %d: %v", at, err)
				}
			}
		}
		missed := 0
		var told error
		for i := 0; i < perRun; i += 23 {
			hit := false
			for r, err := range src.Find(context.Background(), store.Query{Subject: store.Owner(rrset.MustName(fmt.Sprintf("h%d.run0.test", i)))}) {
				hit, told = hit || r != nil, cmp.Or(told, err)
			}
			if !hit {
				missed++
			}
		}
		if missed > 0 && told == nil {
			t.Fatalf("byte %d: %d names are gone without a word", at, missed)
		}
		n := 0
		for r := range src.Find(context.Background(), store.Query{Subject: store.Below(rrset.MustName("run1.test"))}) {
			if r != nil {
				n++
			}
		}
		if n != perRun {
			t.Fatalf("byte %d: the other run gives %d of %d", at, n, perRun)
		}
		must(t, src.Close())
		if at += 3; at < dense {
			at = min(dense, at+len(sound)/40)
		}
	}
}

// A damaged filter costs speed, not answers, and a merge mends it.
func TestDamagedFilter(t *testing.T) {
	dir, files := twoRuns(t)
	b, err := os.ReadFile(files[0])
	must(t, err)
	flipped := false
	for at := 0; at < len(b) && !flipped; at++ {
		b[at] ^= 1
		must(t, os.WriteFile(files[0], b, 0o600))
		found := findings(t, dir)
		flipped = len(found) == 2 && found[1].Place == "filters" // the first is the digest
		if !flipped {
			b[at] ^= 1
			at += 63
		}
	}
	if !flipped {
		t.Fatal("no byte of a filter found")
	}
	s := open(t, dir, store.Options{Flush: time.Hour})
	if n, err := walk(s); n != 2*perRun || err != nil {
		t.Errorf("%d RRsets, %v", n, err)
	}
	q := store.Query{Subject: store.Owner(rrset.MustName("h7.run0.test"))}
	if got := answer(t, s, q); len(got) != 1 {
		t.Errorf("got %v", got)
	}
	must(t, s.Merge(context.Background(), true, nil))
	must(t, s.Close())
	intact(t, dir)
}

// A run cut short is told when the store opens; what is left answers, and the
// file stays for whoever wants to look at it.
func TestTruncatedRun(t *testing.T) {
	dir, files := twoRuns(t)
	st, err := os.Stat(files[0])
	must(t, err)
	for _, size := range []int64{0, 100, st.Size() / 2, st.Size() - 1} {
		must(t, os.Truncate(files[0], size))
		var told []error
		s := open(t, dir, store.Options{Events: store.Events{Error: func(err error) { told = append(told, err) }}})
		if len(told) == 0 || !strings.Contains(told[0].Error(), files[0]) {
			t.Errorf("%d bytes: told %v", size, told)
		}
		if n, err := walk(s); n != perRun || !errors.Is(err, store.ErrIncomplete) || !strings.Contains(err.Error(), files[0]) {
			t.Errorf("%d bytes: %d RRsets of the sound run and %v, want %d and that the run is missing", size, n, err, perRun)
		}
		stats, err := s.Stats()
		must(t, err)
		if stats.Runs[0].Damage == "" || stats.Runs[1].Damage != "" {
			t.Errorf("%d bytes: damage %q and %q", size, stats.Runs[0].Damage, stats.Runs[1].Damage)
		}
		if err := store.Snapshot(context.Background(), s, filepath.Join(t.TempDir(), "x"), store.SnapshotOptions{}); err == nil {
			t.Error("a snapshot of a damaged store claims to be whole")
		}
		if err := s.Merge(context.Background(), true, nil); err == nil || !strings.Contains(err.Error(), files[0]) {
			t.Errorf("%d bytes: merged everything into one, %v", size, err)
		}
		must(t, s.Close())
		if _, err := os.Stat(files[0]); err != nil {
			t.Error(err)
		}
	}
}

// A file that shrinks while it is open makes the processor fault, not the
// process end.
func TestRunShrinksWhileOpen(t *testing.T) {
	dir, files := twoRuns(t)
	src, err := store.OpenReader(dir)
	must(t, err)
	defer src.Close()
	must(t, os.Truncate(files[0], 8<<10))
	n, err := walk(src)
	if !errors.Is(err, store.ErrIncomplete) || n < perRun {
		t.Errorf("%d RRsets, then %v", n, err)
	}
	if err != nil && !strings.Contains(err.Error(), files[0]) {
		t.Errorf("error does not name the run: %v", err)
	}
}

// A file whose first page is gone faults inside bbolt, which then holds its
// locks for ever: searches and Close go on without it.
func TestRunEmptiedWhileOpen(t *testing.T) {
	dir, files := twoRuns(t)
	s := open(t, dir, store.Options{Flush: time.Hour})
	must(t, os.Truncate(files[0], 0))
	for range 3 {
		if n, err := walk(s); n != perRun || !errors.Is(err, store.ErrIncomplete) || !strings.Contains(err.Error(), files[0]) {
			t.Errorf("%d RRsets, then %v", n, err)
		}
	}
	must(t, s.Close())
}

func TestOpenErrors(t *testing.T) {
	tests := []struct {
		name string
		harm func(t *testing.T, dir string, runs []string)
		want string
	}{
		{"manifest cut", func(t *testing.T, dir string, _ []string) { must(t, os.Truncate(filepath.Join(dir, "MANIFEST"), 60)) }, "checksum"},
		{"manifest empty", func(t *testing.T, dir string, _ []string) { must(t, os.Truncate(filepath.Join(dir, "MANIFEST"), 0)) }, "first line"},
		{"manifest altered", func(t *testing.T, dir string, _ []string) {
			replace(t, filepath.Join(dir, "MANIFEST"), "recorded", "retarded")
		}, "checksum"},
		{"manifest of the future", func(t *testing.T, dir string, _ []string) {
			replace(t, filepath.Join(dir, "MANIFEST"), "manifest 1", "manifest 2")
		}, "format 2: this version reads format 1"},
		{"manifest lost", func(t *testing.T, dir string, _ []string) { must(t, os.Remove(filepath.Join(dir, "MANIFEST"))) }, "MANIFEST"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir, files := twoRuns(t)
			tt.harm(t, dir, files)
			if s, err := store.Open(dir, store.Options{}); err == nil {
				s.Close()
				t.Error("opens for writing")
			} else if !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), dir) {
				t.Errorf("writer: %v: want %q and the directory", err, tt.want)
			}
			if _, err := store.OpenReader(dir); err == nil || !strings.Contains(err.Error(), dir) {
				t.Errorf("reader: %v", err)
			}
			for _, f := range files {
				if _, err := os.Stat(f); err != nil {
					t.Errorf("a run is gone: %v", err)
				}
			}
		})
	}
}

func replace(t *testing.T, path, old, new string) {
	t.Helper()
	b, err := os.ReadFile(path)
	must(t, err)
	if !bytes.Contains(b, []byte(old)) {
		t.Fatalf("%s holds no %q", path, old)
	}
	must(t, os.WriteFile(path, bytes.Replace(b, []byte(old), []byte(new), 1), 0o600))
}

func TestNotASnapshot(t *testing.T) {
	for name, content := range map[string]string{"empty": "", "text": strings.Repeat("not a database\n", 1000)} {
		path := filepath.Join(t.TempDir(), name)
		must(t, os.WriteFile(path, []byte(content), 0o600))
		if _, err := store.OpenReader(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := store.OpenReader(t.TempDir()); err == nil || !strings.Contains(err.Error(), "is no store") {
		t.Errorf("empty directory: %v", err)
	}
	if _, err := store.OpenReader(filepath.Join(t.TempDir(), "nothing")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("nothing: %v", err)
	}
}

// A run that left the store and that somebody puts back is nobody's: it stays, and
// is told.
func TestPutBack(t *testing.T) {
	dir, files := twoRuns(t)
	sound, err := os.ReadFile(files[0])
	must(t, err)
	s := open(t, dir, store.Options{})
	must(t, s.Merge(t.Context(), true, nil))
	must(t, s.Close())
	must(t, os.WriteFile(files[0], sound, 0o600))
	s = open(t, dir, store.Options{})
	must(t, s.Add(line(t, "new.test. A 100 100 1 192.0.2.1")))
	must(t, s.Close())
	if others, _, err := store.Others(dir); !slices.Equal(others, []string{filepath.Base(files[0])}) || err != nil {
		t.Errorf("others are %q, %v", others, err)
	}
	if _, err := os.Stat(files[0]); err != nil {
		t.Error(err)
	}
}

func TestLock(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, store.Options{})
	if _, err := store.Open(dir, store.Options{}); !errors.Is(err, store.ErrLocked) || !strings.Contains(err.Error(), dir) {
		t.Errorf("second writer: %v", err)
	}
	must(t, s.Close())
	must(t, open(t, dir, store.Options{}).Close())
}

// What a crash leaves behind goes; files that are not ours stay.
func TestStrays(t *testing.T) {
	dir, files := twoRuns(t)
	sound, err := os.ReadFile(files[0])
	must(t, err)
	gone := []string{"00000077.run", "00000078.run.tmp"}
	stay := []string{"notes.txt", "backup.run", "backup.run.tmp", "2019.run", "77.run.tmp", "000000078.run", "+0000079.run"}
	for _, f := range append(gone, stay...) {
		must(t, os.WriteFile(filepath.Join(dir, f), sound, 0o600))
	}
	must(t, os.Mkdir(filepath.Join(dir, "00000080.run"), 0o700))
	must(t, os.Symlink("notes.txt", filepath.Join(dir, "00000081.run")))
	stay = append(stay, "00000080.run", "00000081.run")
	s := open(t, dir, store.Options{})
	if n, err := walk(s); n != 2*perRun || err != nil {
		t.Errorf("%d RRsets, %v", n, err)
	}
	if others, aside, err := store.Others(dir); !slices.Equal(others, sorted(stay)) || aside != 0 || err != nil {
		t.Errorf("others are %q, %d put aside, %v: want %q", others, aside, err, sorted(stay))
	}
	for _, f := range gone {
		if _, err := os.Stat(filepath.Join(dir, f)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: %v, want gone", f, err)
		}
	}
	for _, f := range stay {
		if _, err := os.Stat(filepath.Join(dir, f)); err != nil {
			t.Error(err)
		}
	}
}

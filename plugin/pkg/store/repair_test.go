package store_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cespare/xxhash/v2"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
	"example.org/pdns/plugin/pkg/store/manifest"
)

// repair repairs a store and returns what was done, by file.
func repair(t *testing.T, dir string, remove bool) map[string]store.Repaired {
	t.Helper()
	did := map[string]store.Repaired{}
	must(t, store.Repair(t.Context(), dir, store.RepairOptions{Delete: remove, Report: func(r store.Repaired) { did[r.File] = r }}))
	return did
}

// What is damaged is repaired, what can be read stays, and the store is whole
// afterwards.
func TestRepair(t *testing.T) {
	first, second := "00000001.run", "00000002.run"
	tests := []struct {
		name        string
		harm        func(t *testing.T, dir string, runs []string)
		want        map[string]store.Outcome
		least, most int // records of the first run that are left
	}{
		{"nothing", func(*testing.T, string, []string) {}, nil, perRun, perRun},
		{"a run is missing", func(t *testing.T, _ string, runs []string) { must(t, os.Remove(runs[0])) }, map[string]store.Outcome{first: store.Lost}, 0, 0},
		{"a run is empty", func(t *testing.T, _ string, runs []string) { must(t, os.Truncate(runs[0], 0)) }, map[string]store.Outcome{first: store.Lost}, 0, 0},
		{"a run is cut", func(t *testing.T, _ string, runs []string) { cut(t, runs[0], 1024) }, map[string]store.Outcome{first: store.Rewritten}, 1, perRun},
		{"an index", func(t *testing.T, dir string, runs []string) { flipAt(t, dir, runs[0], "rdata block") }, map[string]store.Outcome{first: store.Rewritten}, perRun, perRun},
		{"the other index", func(t *testing.T, dir string, runs []string) { flipAt(t, dir, runs[0], "leading block") }, map[string]store.Outcome{first: store.Rewritten}, perRun, perRun},
		{"a filter", func(t *testing.T, dir string, runs []string) { flipAt(t, dir, runs[0], "filters") }, map[string]store.Outcome{first: store.Rewritten}, perRun, perRun},
		{"a block", func(t *testing.T, dir string, runs []string) { flipAt(t, dir, runs[0], "rrset block") }, map[string]store.Outcome{first: store.Lost}, 0, 0}, // it has one
		{"what is unused", func(t *testing.T, dir string, runs []string) { flipAt(t, dir, runs[0], "") }, map[string]store.Outcome{first: store.Rewritten}, perRun, perRun},
		{"a run's version", func(t *testing.T, _ string, runs []string) { setVersion(t, runs[0]) }, map[string]store.Outcome{first: store.Rewritten}, perRun, perRun},
		{"a run of another store", func(t *testing.T, _ string, runs []string) {
			_, others := twoRuns(t)
			copyFile(t, others[1], runs[0])
		}, map[string]store.Outcome{first: store.Rewritten}, 0, 0},
		{"the manifest", func(t *testing.T, dir string, _ []string) { cut(t, filepath.Join(dir, "MANIFEST"), 1) }, map[string]store.Outcome{"MANIFEST": store.Rebuilt}, perRun, perRun},
		{"no manifest", func(t *testing.T, dir string, _ []string) { must(t, os.Remove(filepath.Join(dir, "MANIFEST"))) }, map[string]store.Outcome{"MANIFEST": store.Rebuilt}, perRun, perRun},
		{"no manifest, and a run is cut", func(t *testing.T, dir string, runs []string) {
			must(t, os.Remove(filepath.Join(dir, "MANIFEST")))
			cut(t, runs[0], 1024)
		}, map[string]store.Outcome{"MANIFEST": store.Rebuilt, first: store.Rewritten}, 1, perRun},
	}
	for i, tt := range tests {
		remove := i%2 == 0 // what is damaged, instead of putting it aside
		t.Run(tt.name, func(t *testing.T) {
			dir, runs := twoRuns(t)
			tt.harm(t, dir, runs)
			did := repair(t, dir, remove)
			if len(did) != len(tt.want) {
				t.Errorf("did %v, want %v", did, tt.want)
			}
			for file, want := range tt.want {
				if did[file].Outcome != want {
					t.Errorf("%s: %+v, want %s", file, did[file], want)
				}
				_, err := os.Stat(filepath.Join(dir, "damaged", file))
				if kept := err == nil; kept != (did[file].Aside != "") || remove && kept {
					t.Errorf("%s: put aside %v, told %q", file, kept, did[file].Aside)
				}
			}
			intact(t, dir)
			if again := repair(t, dir, remove); len(again) != 0 {
				t.Errorf("a second time: %v", again)
			}
			s := open(t, dir, store.Options{Flush: time.Hour})
			if n := below(t, s, "run0.test"); n < tt.least || n > tt.most {
				t.Errorf("%d records of the first run are left, want %d to %d", n, tt.least, tt.most)
			} else if d, ok := did[first]; ok && tt.name != "a run of another store" && (d.Before-d.After != uint64(perRun-n) && d.Before != 0) {
				t.Errorf("%d records are left, told were %d of %d", n, d.After, d.Before)
			}
			if n := below(t, s, "run1.test"); n != perRun {
				t.Errorf("%d records of the sound run", n)
			}
			must(t, s.Add(line(t, "new.test. A 100 100 1 192.0.2.1")))
			must(t, s.Close())
			intact(t, dir)
			if _, err := os.Stat(filepath.Join(dir, second)); err != nil {
				t.Error(err)
			}
		})
	}
}

// setVersion makes a run one of another version, for who reads it.
func setVersion(t *testing.T, path string) {
	t.Helper()
	replace(t, path, "format\x00\x00\x00\x02", "format\x00\x00\x00\x09")
}

// A run that another version wrote, and nobody damaged, stays.
func TestRepairAnotherVersion(t *testing.T) {
	dir, runs := twoRuns(t)
	setVersion(t, runs[0])
	b, err := os.ReadFile(runs[0])
	must(t, err)
	m, err := manifest.Load(dir)
	must(t, err)
	m.Runs[0].Sum = fmt.Sprintf("%016x", xxhash.Sum64(b))
	must(t, m.Save(dir))
	before := listing(t, dir)
	did := repair(t, dir, true)
	if did["00000001.run"].Outcome != store.Untouched || len(did) != 1 {
		t.Errorf("did %v", did)
	}
	if after := listing(t, dir); !slices.Equal(before, after) {
		t.Errorf("files were %q and are %q", before, after)
	}
}

// Whoever ends a verification or a repair does not wait for the rest of a run.
func TestReadingEnds(t *testing.T) {
	dir, _ := largeRun(t, 20_000)
	ends := map[string]func(context.Context, func(done, total uint64)) error{
		"verify": func(ctx context.Context, told func(done, total uint64)) error {
			return store.Verify(ctx, dir, func(f store.Finding) { t.Errorf("found %+v", f) }, told)
		},
		"repair": func(ctx context.Context, told func(done, total uint64)) error {
			return store.Repair(ctx, dir, store.RepairOptions{Progress: told, Report: func(r store.Repaired) { t.Errorf("did %+v", r) }})
		},
	}
	for name, read := range ends {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		err := read(ctx, func(done, total uint64) {
			if ctx.Err() != nil {
				t.Errorf("%s: at %d of %d it goes on", name, done, total)
			}
			cancel()
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// below counts the RRsets at and below a name; none may be incomplete.
func below(t *testing.T, src store.Source, name string) (n int) {
	t.Helper()
	for _, err := range src.Find(t.Context(), store.Query{Subject: store.Below(rrset.MustName(name))}) {
		must(t, err)
		n++
	}
	return n
}

// cut takes the last octets of a file.
func cut(t *testing.T, path string, octets int64) {
	t.Helper()
	st, err := os.Stat(path)
	must(t, err)
	must(t, os.Truncate(path, st.Size()-octets))
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	b, err := os.ReadFile(from)
	must(t, err)
	must(t, os.WriteFile(to, b, 0o600))
}

// flipAt turns a bit that Verify finds at a place and nowhere else, but for the
// digest.
func flipAt(t *testing.T, dir, path, place string) {
	t.Helper()
	b, err := os.ReadFile(path)
	must(t, err)
	for at := 0; at < len(b); at += 37 {
		b[at] ^= 1
		must(t, os.WriteFile(path, b, 0o600))
		found := findings(t, dir)
		if len(found) == 1 && place == "" || len(found) == 2 && place != "" && strings.HasPrefix(found[1].Place, place) {
			return
		}
		b[at] ^= 1
	}
	t.Fatalf("no bit is at %q", place)
}

// Runs that a merge had read and not removed yet do not count beside what it
// wrote, and whatever a run holds more than a later one stays.
func TestRepairLeftovers(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, store.Options{Flush: time.Hour})
	var inputs []string
	for i := range 4 {
		for j := range 50 {
			must(t, s.Add(line(t, fmt.Sprintf("n%d.test. A %d %d 1 192.0.2.1", j+10*i, 100+i, 200+i))))
		}
		must(t, s.Flush(t.Context()))
		inputs = append(inputs, filepath.Join(dir, fmt.Sprintf("%08d.run", i+1)))
	}
	aside := t.TempDir()
	for _, f := range inputs {
		copyFile(t, f, filepath.Join(aside, filepath.Base(f)))
	}
	want := answer(t, s, store.Query{})
	must(t, s.Merge(t.Context(), true, nil))
	must(t, s.Close())
	for missing := range len(inputs) + 1 { // inputs that the merge had removed
		for i, f := range inputs {
			if i >= missing {
				copyFile(t, filepath.Join(aside, filepath.Base(f)), f)
			}
		}
		must(t, os.Remove(filepath.Join(dir, "MANIFEST")))
		did := repair(t, dir, true)
		if len(did) != 1+len(inputs)-missing {
			t.Errorf("did %v", did)
		}
		s := open(t, dir, store.Options{Flush: time.Hour})
		if got := answer(t, s, store.Query{}); strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("%d removed: got %v, want %v", missing, got, want)
		}
		must(t, s.Close())
	}
}

// However many runs a merge had read, all are known again beside one that it had not.
func TestRepairManyLeftovers(t *testing.T) {
	const inputs = 70
	dir, aside := t.TempDir(), t.TempDir()
	// Each in an hour of its own, so that none is merged before its time.
	s := open(t, dir, store.Options{Flush: time.Hour, Windows: []store.Window{store.Hour}})
	for i := range inputs {
		for j := range 100 {
			must(t, s.Add(line(t, fmt.Sprintf("n%d.test. A %d %d 1 192.0.2.1", i+j, 3600*i+100, 3600*i+200))))
		}
		must(t, s.Flush(t.Context()))
	}
	must(t, os.CopyFS(aside, os.DirFS(dir)))
	must(t, s.Merge(t.Context(), true, nil))
	must(t, s.Add(line(t, "n5.test. A 100 100 1 192.0.2.1")))
	must(t, s.Flush(t.Context()))
	want := answer(t, s, store.Query{})
	must(t, s.Close())
	for i := range inputs {
		file := fmt.Sprintf("%08d.run", i+1)
		copyFile(t, filepath.Join(aside, file), filepath.Join(dir, file))
	}
	must(t, os.Remove(filepath.Join(dir, "MANIFEST")))
	if did := repair(t, dir, true); len(did) != 1+inputs || len(did["MANIFEST"].Into) != 2 {
		t.Errorf("did %d things, MANIFEST %+v", len(did), did["MANIFEST"])
	}
	s = open(t, dir, store.Options{Flush: time.Hour})
	if got := answer(t, s, store.Query{}); !slices.Equal(got, want) {
		t.Errorf("got %d RRsets, want %d", len(got), len(want))
	}
}

// What repair does not do.
func TestRepairRefuses(t *testing.T) {
	dir, runs := twoRuns(t)
	s := open(t, dir, store.Options{})
	if err := store.Repair(t.Context(), dir, store.RepairOptions{}); !errors.Is(err, store.ErrLocked) {
		t.Errorf("beside a writer: %v", err)
	}
	must(t, s.Close())
	replace(t, filepath.Join(dir, "MANIFEST"), "manifest 1", "manifest 2")
	if err := store.Repair(t.Context(), dir, store.RepairOptions{}); err == nil || !strings.Contains(err.Error(), "format 2: this version reads format 1") {
		t.Errorf("another version: %v", err)
	}
	for _, f := range runs {
		if _, err := os.Stat(f); err != nil {
			t.Error(err)
		}
	}
	if err := store.Repair(t.Context(), t.TempDir(), store.RepairOptions{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no store: %v", err)
	}
}

// largeRun is a store of one run of many blocks, and its file.
func largeRun(t *testing.T, records int) (dir, file string) {
	t.Helper()
	dir = t.TempDir()
	s := open(t, dir, store.Options{Flush: time.Hour})
	for i := range records {
		must(t, s.Add(line(t, fmt.Sprintf("n%d.test. A 100 100 1 192.0.2.%d", i, i%256))))
	}
	must(t, s.Close())
	return dir, filepath.Join(dir, "00000001.run")
}

// Of a run of many blocks only those that are damaged are lost, wherever the
// damage is: a part of the file that is wiped takes the records in it.
func TestRepairBlocks(t *testing.T) {
	const records, parts = 20_000, 4
	// One store for all parts: no two files have their blocks at the same places.
	whole, file := largeRun(t, records)
	lost := 0
	for part := range parts {
		dir := filepath.Join(t.TempDir(), "store")
		must(t, os.CopyFS(dir, os.DirFS(whole)))
		file := filepath.Join(dir, filepath.Base(file))
		b, err := os.ReadFile(file)
		must(t, err)
		clear(b[part*len(b)/parts : (part+1)*len(b)/parts])
		must(t, os.WriteFile(file, b, 0o600))
		did := repair(t, dir, true)["00000001.run"]
		intact(t, dir)
		left := below(t, open(t, dir, store.Options{}), "test")
		if did.Before != records || did.After != uint64(left) {
			t.Errorf("%d records are left, told %+v", left, did)
		}
		lost += records - left
	}
	if lost < records || lost > records*3/2 {
		t.Errorf("%d records were lost by wiping each part of a file with %d", lost, records)
	}
}

// What is left of a file that was cut short is saved.
func TestRepairCut(t *testing.T) {
	const records = 20_000
	for part := range 4 {
		dir, file := largeRun(t, records)
		st, err := os.Stat(file)
		must(t, err)
		must(t, os.Truncate(file, st.Size()*int64(part)/4))
		did := repair(t, dir, true)["00000001.run"]
		intact(t, dir)
		left := below(t, open(t, dir, store.Options{}), "test")
		if did.Before != records || did.After != uint64(left) || left == 0 && part == 3 {
			t.Errorf("%d records are left of %d quarters, told %+v", left, part, did)
		}
	}
}

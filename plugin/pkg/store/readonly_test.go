package store_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/pdns/plugin/pkg/store"
	"example.org/pdns/plugin/pkg/store/manifest"
)

// A store of which a run is missing answers from the rest, and neither records
// nor changes anything before the run is back or the store was repaired.
func TestRunMissing(t *testing.T) {
	for _, way := range []string{"put back", "repaired"} {
		t.Run(way, func(t *testing.T) {
			dir, runs := twoRuns(t)
			away := filepath.Join(t.TempDir(), "run")
			must(t, os.Rename(runs[0], away))
			stray := filepath.Join(dir, "00000077.run")
			must(t, os.WriteFile(stray, nil, 0o600))
			before := listing(t, dir)
			told := make(chan error, 10)
			s := open(t, dir, store.Options{Flush: time.Hour, Events: store.Events{
				ReadOnly: func(why error) { told <- why },
				Error:    func(err error) { t.Error(err) },
			}})
			if why := <-told; !errors.Is(why, store.ErrReadOnly) || !errors.Is(s.ReadOnly(), store.ErrReadOnly) ||
				!strings.Contains(why.Error(), "00000001.run") || !strings.Contains(why.Error(), "pdns repair") {
				t.Errorf("told %v", why)
			}
			if n, err := walk(s); n != perRun || !errors.Is(err, store.ErrIncomplete) || !strings.Contains(err.Error(), "00000001.run") {
				t.Errorf("%d RRsets, %v", n, err)
			}
			if err := s.Add(line(t, "new.test. A 100 100 1 192.0.2.1")); !errors.Is(err, store.ErrReadOnly) {
				t.Errorf("added: %v", err)
			}
			if err := s.AddWait(t.Context(), line(t, "new.test. A 100 100 1 192.0.2.1")); !errors.Is(err, store.ErrReadOnly) {
				t.Errorf("added: %v", err)
			}
			s.Dropped("read_only").Add(2)
			for what, err := range map[string]error{"flush": s.Flush(t.Context()), "merge": s.Merge(t.Context(), true, nil), "cut": s.Cut(t.Context(), nil)} {
				if !errors.Is(err, store.ErrReadOnly) {
					t.Errorf("%s: %v", what, err)
				}
			}
			if !has(t, s, store.RunMissing) {
				t.Error("the store does not tell its condition")
			}
			src, err := store.OpenReader(dir)
			must(t, err)
			if !has(t, src, store.RunMissing) {
				t.Error("a reader does not tell the condition")
			}
			must(t, src.Close())
			if after := listing(t, dir); !slices.Equal(before, after) {
				t.Errorf("files were %q and are %q", before, after)
			}

			want := 2 * perRun
			if way == "put back" {
				must(t, os.Rename(away, runs[0]))
			} else {
				want = perRun
				repair(t, dir, false)
			}
			if why := <-told; why != nil || s.ReadOnly() != nil || has(t, s, store.RunMissing) {
				t.Errorf("told %v, and %v", why, s.ReadOnly())
			}
			must(t, s.Add(line(t, "new.test. A 100 100 1 192.0.2.1")))
			must(t, s.Flush(t.Context()))
			if n, err := walk(s); n != want+1 || err != nil {
				t.Errorf("%d RRsets, %v", n, err)
			}
			if _, err := store.Open(dir, store.Options{}); !errors.Is(err, store.ErrLocked) {
				t.Errorf("a second writer: %v", err)
			}
			if c, err := s.Coverage(); err != nil || c.Dropped["read_only"] != 2 {
				t.Errorf("coverage %+v, %v", c, err)
			}
			if _, err := os.Stat(stray); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("stray: %v", err)
			}
			must(t, s.Close())
			intact(t, dir)
		})
	}
}

// What was written while a store was read-only is what it goes on with, and nothing
// is recorded before what does not belong there is gone.
func TestRunBackInAnotherState(t *testing.T) {
	dir, runs := twoRuns(t)
	for n := range 2000 {
		must(t, os.WriteFile(filepath.Join(dir, fmt.Sprintf("%08d.run", 1000+n)), nil, 0o600))
	}
	away := filepath.Join(t.TempDir(), "run")
	must(t, os.Rename(runs[0], away))
	s := open(t, dir, store.Options{Flush: time.Hour})
	s.Dropped("read_only").Add(2)
	m, err := manifest.Load(dir)
	must(t, err)
	m.Recorded, m.Dropped, m.Reduced.Names = 77, map[string]uint64{"read_only": 3, "full": 5}, 11
	must(t, m.Save(dir))
	must(t, os.Rename(away, runs[0]))
	for s.ReadOnly() != nil {
		runtime.Gosched()
	}
	if files := listing(t, dir); len(files) != 5 {
		t.Errorf("%d files as soon as something is recorded, want two runs, MANIFEST, LOCK and DISPOSABLE", len(files))
	}
	c, err := s.Coverage()
	must(t, err)
	if c.Recorded != 77 || c.Dropped["read_only"] != 5 || c.Dropped["full"] != 5 || c.Reduced.Names != 11 {
		t.Errorf("goes on with %+v", c)
	}
	must(t, s.Close())
	intact(t, dir)
}

// A store that is read-only closes, and leaves all as it was.
func TestRunMissingClose(t *testing.T) {
	dir, runs := twoRuns(t)
	must(t, os.Remove(runs[1]))
	before := listing(t, dir)
	must(t, open(t, dir, store.Options{}).Close())
	if after := listing(t, dir); !slices.Equal(before, after) {
		t.Errorf("files were %q and are %q", before, after)
	}
}

// listing is each file of a directory with when it was written.
func listing(t *testing.T, dir string) (files []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	must(t, err)
	for _, e := range entries {
		info, err := e.Info()
		must(t, err)
		files = append(files, e.Name()+" "+info.ModTime().String())
	}
	return files
}

// A run that is not what the manifest says of it does not answer, and a retention
// goes by the newer of what the two say.
func TestRunDisagrees(t *testing.T) {
	dir, runs := twoRuns(t)
	m, err := manifest.Load(dir)
	must(t, err)
	m.Runs[0].First, m.Runs[0].Last = 50, 60 // it holds what was seen at 100
	must(t, m.Save(dir))
	o := store.Options{Flush: time.Hour, Keep: 30 * time.Second, Now: func() time.Time { return time.Unix(110, 0) }}
	s := open(t, dir, o)
	must(t, s.Merge(t.Context(), false, nil))
	if _, err := os.Stat(runs[0]); err != nil {
		t.Errorf("the retention went by what is wrong: %v", err)
	}
	if n, err := walk(s); n != perRun || !errors.Is(err, store.ErrIncomplete) || !strings.Contains(err.Error(), "from 100 to 100 where those from 50 to 60") {
		t.Errorf("%d RRsets, %v", n, err)
	}
	must(t, s.Close())
	if did := repair(t, dir, false)["00000001.run"]; did.Outcome != store.Rewritten || did.After != perRun {
		t.Errorf("repair did %+v", did)
	}
	src, err := store.OpenReader(dir)
	must(t, err)
	defer src.Close()
	if n, err := walk(src); n != 2*perRun || err != nil {
		t.Errorf("%d RRsets after repair, %v", n, err)
	}
}

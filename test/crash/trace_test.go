//go:build linux && (amd64 || arm64)

package crash

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/sys/unix"

	"example.org/pdns/test/crash/disk"
	"example.org/pdns/test/crash/script"
	"example.org/pdns/test/crash/tracer"
)

// child is the program to disturb.
var child string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "pdns-crash-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	child = filepath.Join(dir, "child")
	if out, err := exec.Command("go", "build", "-o", child, "./child").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "go build: %v\n%s", err, out)
		return 1
	}
	if err := allowed(dir); err != nil {
		fmt.Fprintln(os.Stderr, "test/crash is left out:", err)
		if all || os.Getenv("CI") == "true" { // who asks for all wants no less
			return 1
		}
		return 0
	}
	return m.Run()
}

// allowed says why a program cannot be traced here.
func allowed(dir string) error {
	status, err := tracer.Run(exec.Command(child, "nothing", dir), dir, tracer.Watcher{})
	switch {
	case err != nil:
		return fmt.Errorf("ptrace: %w", err)
	case status.ExitStatus() != 0:
		return fmt.Errorf("seccomp: the child ends with status %d", status.ExitStatus())
	}
	return nil
}

// all takes every point instead of a sample.
var all = os.Getenv("PDNS_CRASH") == "all"

// scripts are those to run; of a sample not the one that takes minutes.
func scripts() []string {
	names := slices.Sorted(maps.Keys(script.Scripts))
	if !all {
		names = slices.DeleteFunc(names, func(n string) bool { return n == "heavy" })
	}
	return names
}

// repairs are the scripts that repair a store, of a sample those that all can be
// said of.
func repairs() []string {
	return slices.DeleteFunc(scripts(), func(n string) bool { return !script.Repairs(n) || script.Linkless(n) && !all })
}

// newRoot is an empty directory, in memory where that goes: what is certain there
// after fsync is for package disk to say.
func newRoot(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "pdns-crash-")
	if err != nil {
		dir = t.TempDir()
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("what was found is in %s", dir)
		} else {
			os.RemoveAll(dir)
		}
	})
	dir, err = filepath.EvalSymlinks(dir)
	must(t, err)
	return dir
}

// newStart is newRoot with what a script finds there.
func newStart(t *testing.T, name string) string {
	t.Helper()
	root := newRoot(t)
	start, err := script.Start(name)
	must(t, err)
	must(t, disk.Tree{Files: start}.Write(root))
	return root
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// An outcome is how a disturbed program ended.
type outcome struct {
	status  unix.WaitStatus
	promise script.Promise // as it was at the end
	stderr  string
}

// trace runs a script below root. The watcher hears of operations on files, with
// what was promised by then.
func trace(t *testing.T, name, root string, before func(*tracer.Op, *script.Promise) tracer.Verdict, after func(*tracer.Op)) outcome {
	t.Helper()
	o := outcome{promise: script.Promise{Script: name}}
	var misheard error
	w := tracer.Watcher{
		Before: func(op *tracer.Op) tracer.Verdict {
			if op.Path == "" {
				misheard = errors.Join(misheard, o.promise.Hear(op.Data))
				return tracer.Verdict{}
			}
			if op.Call == "linkat" && script.Linkless(name) {
				return tracer.Verdict{Fail: unix.EPERM}
			}
			return before(op, &o.promise)
		},
		After: func(op *tracer.Op) {
			if op.Path != "" && after != nil {
				after(op)
			}
		},
	}
	cmd := exec.Command(child, name, root)
	file, err := os.CreateTemp(t.TempDir(), "stderr")
	must(t, err)
	defer file.Close()
	cmd.Stderr = file
	o.status, err = tracer.Run(cmd, root, w)
	must(t, errors.Join(err, misheard))
	b, err := os.ReadFile(file.Name())
	must(t, err)
	o.stderr = string(b)
	return o
}

// A point is an operation of a script: the nth of its kind on a path. Of the pages
// of a run it is the nth before a sync, as bbolt lays them out anew each time.
type point struct {
	call, path string
	nth        int
	sync       int // that makes a page certain, from 1
}

func (p point) String() string {
	s := fmt.Sprintf("%s %s %d", p.call, p.path, p.nth)
	if p.sync > 0 {
		s += fmt.Sprintf(" before sync %d", p.sync)
	}
	return s
}

var digits = regexp.MustCompile(`[0-9]+`)

// kind is what a sample has at least the first and the last of. A sync is of the
// kind of what it makes certain.
func (p point) kind(before string) string {
	kind := p.call + " " + digits.ReplaceAllString(p.path, "0")
	switch {
	case strings.HasSuffix(p.call, "sync"):
		kind += ", " + before
	case p.sync > 0:
		kind += fmt.Sprintf(" before sync %d", p.sync)
	}
	return kind
}

// A counter numbers operations of a kind on a path, and syncs of a path.
type counter map[point]int

func (c counter) point(op *tracer.Op) point {
	p, synced := point{call: op.Call, path: op.Path}, point{path: op.Path}
	switch op.Call {
	case "fsync", "fdatasync":
		c[synced]++
	case "pwrite64":
		p.sync = c[synced] + 1
	}
	c[p]++
	p.nth = c[p]
	return p
}

// points are those of a script that matter to a test, in order: of each kind the
// first and the last, or all.
func points(t *testing.T, name string, matters func(*tracer.Op) bool) []point {
	t.Helper()
	kinds := map[string][]int{}
	var found []point
	var last string // kind of change
	count := counter{}
	o := trace(t, name, newStart(t, name), func(op *tracer.Op, _ *script.Promise) tracer.Verdict {
		p := count.point(op)
		if matters(op) {
			kind := p.kind(last)
			kinds[kind] = append(kinds[kind], len(found))
			found = append(found, p)
		}
		if changes(op) {
			last = p.kind("")
		}
		return tracer.Verdict{}
	}, nil)
	wantEnd(t, &o)
	if all {
		return found
	}
	taken := map[int]bool{}
	for _, at := range kinds {
		for _, i := range []int{0, len(at) - 1} {
			taken[at[i]] = true
		}
	}
	var sample []point
	for i, p := range found {
		if taken[i] {
			sample = append(sample, p)
		}
	}
	t.Logf("%s: %d of %d points, of %d kinds", name, len(sample), len(found), len(kinds))
	return sample
}

// mayMiss reports whether a program may do without an operation that it did
// before: crowd does what comes, and an import does not wait for files that go in
// the background: it may leave one to the next start, look for one less often, and
// open and sync the directory less often because one is gone.
func mayMiss(name string, p point) bool {
	if name == "crowd" {
		return true
	}
	if name != "import" {
		return false
	}
	switch p.call {
	case "unlinkat", "stat":
		return true
	case "openat", "fsync":
		return strings.HasSuffix(p.path, "/store")
	}
	return false
}

// eachPoint runs a subtest for each point that matters. What it does reports
// whether the program came to the point.
func eachPoint(t *testing.T, name string, matters func(*tracer.Op) bool, do func(t *testing.T, p point) bool) {
	ps := points(t, name, matters)
	var missed atomic.Int32
	for _, p := range ps {
		t.Run(p.String(), func(t *testing.T) {
			t.Parallel()
			if do(t, p) {
				return
			}
			if !mayMiss(name, p) {
				t.Error("the program did not come to it")
			} else {
				missed.Add(1)
				t.Skip("the program did not come to it")
			}
		})
	}
	t.Cleanup(func() {
		if n := int(missed.Load()); n*3 > len(ps) {
			t.Errorf("the program did not come to %d points of %d", n, len(ps))
		}
	})
}

// wantEnd fails unless a program came to its end, with a word for each error.
func wantEnd(t *testing.T, o *outcome) {
	t.Helper()
	if !o.status.Exited() || o.status.ExitStatus() != 0 || !o.promise.Done {
		t.Errorf("the program ended with %#x, %q\n%s", o.status, o.promise.Errors, o.stderr)
	}
}

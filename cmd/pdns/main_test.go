package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/rogpeppe/go-internal/testscript"

	"example.org/pdns/plugin/pkg/store"
	"example.org/pdns/plugin/pkg/store/manifest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"pdns": func() { os.Exit(run()) }})
}

// TestScripts runs the command as people do. Each script begins in a directory
// with world.json, a small history, in time at 2019-08-11.
func TestScripts(t *testing.T) {
	world, err := os.ReadFile("testdata/world.json")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireUniqueNames:  true,
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("PDNS_STORE", "store")
			e.Setenv("PDNS_NOW", "2019-08-11T10:00:00Z")
			e.Setenv("NO_COLOR", "")
			e.Setenv("SOURCE_DATE_EPOCH", "1564653600")
			return os.WriteFile(filepath.Join(e.WorkDir, "world.json"), world, 0o600)
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits":     exits,
			"hold":      hold,
			"keep":      keep,
			"lines":     lines,
			"make":      makeLines,
			"flip":      flip,
			"damage":    damage,
			"outdate":   outdate,
			"interrupt": interrupt,
			"dnstap":    makeDnstap,
			"pcap":      makePcap,
			"append":    appendFile,
			"until":     until,
			"address":   address,
			"get":       get,
			"terminal":  terminal,
			"mmdb":      makeMMDB,
		},
	})
}

// exits CODE COMMAND... runs a command and checks its exit code.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// hold DIR opens a store for writing, as a running CoreDNS does, until the
// script ends.
func hold(ts *testscript.TestScript, _ bool, args []string) {
	s, err := store.Open(ts.MkAbs(args[0]), store.Options{})
	ts.Check(err)
	ts.Defer(func() { s.Close() })
}

// lines N [FILE] checks how many lines a file, or else standard output, has.
func lines(ts *testscript.TestScript, _ bool, args []string) {
	file := "stdout"
	if len(args) > 1 {
		file = args[1]
	}
	got := 0
	for _, c := range ts.ReadFile(file) {
		if c == '\n' {
			got++
		}
	}
	if strconv.Itoa(got) != args[0] {
		ts.Fatalf("%d lines, want %s", got, args[0])
	}
}

// make N FILE writes N records, each at a name of its own.
func makeLines(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	f, err := os.Create(ts.MkAbs(args[1]))
	ts.Check(err)
	defer f.Close()
	w := bufio.NewWriter(f)
	for i := range n {
		fmt.Fprintln(w, recordAt(i))
	}
	ts.Check(w.Flush())
}

func recordAt(i int) string {
	return fmt.Sprintf(`{"rrname":"n%d.example.com","rrtype":"A","rdata":"192.0.2.%d","time_first":1564653600,"time_last":1564653600}`, i, i%256)
}

// flip FILE changes bits in the middle of a file.
func flip(ts *testscript.TestScript, _ bool, args []string) {
	file := ts.MkAbs(args[0])
	b, err := os.ReadFile(file)
	ts.Check(err)
	for i := len(b) / 4; i < len(b)*3/4; i++ {
		b[i] ^= 0x55
	}
	ts.Check(os.WriteFile(file, b, 0o600))
}

// damage STORE FILE changes a byte of a run so that a search meets it: of the
// places tried, the first that makes an answer incomplete.
func damage(ts *testscript.TestScript, _ bool, args []string) {
	dir := ts.MkAbs(args[0])
	file := filepath.Join(dir, args[1])
	whole, err := os.ReadFile(file)
	ts.Check(err)
	for at := 0; at < len(whole); at += 64 {
		b := bytes.Clone(whole)
		b[at] ^= 0xff
		ts.Check(os.WriteFile(file, b, 0o600))
		if incomplete(ts, dir) {
			return
		}
	}
	ts.Fatalf("no change of %s makes an answer incomplete", file)
}

// keep STORE DURATION makes a store that a collector records into which keeps so much.
func keep(ts *testscript.TestScript, _ bool, args []string) {
	d, err := time.ParseDuration(args[1])
	ts.Check(err)
	s, err := store.Open(ts.MkAbs(args[0]), store.Options{Keep: d})
	ts.Check(err)
	ts.Check(s.Close())
}

// outdate STORE FILE makes a run one that another version wrote.
func outdate(ts *testscript.TestScript, _ bool, args []string) {
	dir := ts.MkAbs(args[0])
	file := filepath.Join(dir, args[1])
	b, err := os.ReadFile(file)
	ts.Check(err)
	b = bytes.Replace(b, []byte("format\x00\x00\x00\x02"), []byte("format\x00\x00\x00\x09"), 1)
	ts.Check(os.WriteFile(file, b, 0o600))
	m, err := manifest.Load(dir)
	ts.Check(err)
	for i := range m.Runs {
		if m.Runs[i].File == args[1] {
			m.Runs[i].Sum = fmt.Sprintf("%016x", xxhash.Sum64(b))
		}
	}
	ts.Check(m.Save(dir))
}

func incomplete(ts *testscript.TestScript, dir string) bool {
	src, err := store.OpenReader(dir)
	ts.Check(err)
	defer src.Close()
	for _, err := range src.Find(context.Background(), store.Query{}) {
		if errors.Is(err, store.ErrIncomplete) {
			return true
		}
	}
	return false
}

// interrupt COMMAND... runs a command whose standard input does not end, sends
// SIGINT when it has read some of it, and shows how it ended.
func interrupt(ts *testscript.TestScript, _ bool, args []string) {
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = ts.MkAbs(".")
	for _, name := range []string{"PATH", "PDNS_STORE", "PDNS_NOW"} {
		cmd.Env = append(cmd.Env, name+"="+ts.Getenv(name))
	}
	cmd.Stderr = ts.Stderr()
	in, err := cmd.StdinPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	for i := range 5000 { // more than a pipe holds
		_, err := fmt.Fprintln(in, recordAt(i))
		ts.Check(err)
	}
	ts.Check(cmd.Process.Signal(os.Interrupt))
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != int(wentWrong) {
		ts.Fatalf("ended with %v, want exit code %d", err, wentWrong)
	}
}

// Package readme runs what the documentation shows: the commands of README.md in
// order, against the server that "make run" starts, and every Corefile.
//
// Blocks marked console hold commands behind "$ " with their output, which must
// come out the same but for times, ports and what dig tells of itself. Blocks
// marked sh hold commands alone. Blocks marked conf or lua are files in examples,
// for other programs. Blocks marked text are for reading.
package readme

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"example.org/pdns/test/lab"
)

const root = "../.."

var binaries *lab.Binaries

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	var err error
	if binaries, err = lab.Build(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer binaries.Remove()
	return m.Run()
}

// A block is one fenced part of a document.
type block struct {
	language string
	line     int // of the document
	text     string
}

var fence = regexp.MustCompile("^(```|~~~) ?([a-z]*)$")

func blocks(t *testing.T, path string) []block {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	var found []block
	var inside *block
	for i, line := range strings.Split(string(content), "\n") {
		m := fence.FindStringSubmatch(line)
		switch {
		case m != nil && inside == nil:
			inside = &block{language: m[2], line: i + 1}
		case m != nil:
			found = append(found, *inside)
			inside = nil
		case inside != nil:
			inside.text += line + "\n"
		}
	}
	if inside != nil || len(found) == 0 {
		t.Fatalf("%s: %d blocks, the last one open: %v", path, len(found), inside)
	}
	return found
}

// TestCorefiles starts every Corefile of the README as it is, but for ports and
// directories.
func TestCorefiles(t *testing.T) {
	started := 0
	for _, b := range blocks(t, "README.md") {
		if b.language != "corefile" {
			continue
		}
		started++
		text := strings.ReplaceAll(b.text, "/var/lib/pdns", filepath.Join(t.TempDir(), "store"))
		text = regexp.MustCompile(`/run/[^/]+`).ReplaceAllString(text, t.TempDir())
		text = regexp.MustCompile(`(?m)^(\S+):\d+ \{$`).ReplaceAllString(text, "$1:$$PORT {")
		s := lab.StartCoreDNS(t, binaries.CoreDNS, t.TempDir(), text)
		s.Stop()
	}
	if started == 0 {
		t.Error("the README shows no Corefile")
	}
}

// TestCommands runs the README's commands from top to bottom.
func TestCommands(t *testing.T) {
	d := newDesk(t)
	ran := 0
	for _, b := range blocks(t, "README.md") {
		switch b.language {
		case "sh":
			ran += d.script(b)
		case "console":
			ran += d.session(b)
		case "corefile", "text", "conf", "lua":
		default:
			t.Errorf("README.md:%d: a block is marked %q: want sh, console, corefile, conf, lua or text", b.line, b.language)
		}
	}
	if ran == 0 {
		t.Error("the README shows no command")
	}
}

// A desk is where the commands are typed: a server as make run starts it, and
// the programs in bin.
type desk struct {
	t      *testing.T
	dir    string
	server *lab.Server
	ports  map[string]string // those of the README, and those that are used
	env    []string          // what was exported
}

// session runs the commands of a console block and compares what they print.
func (d *desk) session(b block) int {
	d.t.Helper()
	parts := strings.Split("\n"+b.text, "\n$ ")[1:]
	for _, p := range parts {
		command, want, _ := strings.Cut(p, "\n")
		if got := d.run(b, command); neutral(got) != neutral(want) {
			d.t.Errorf("README.md:%d: %s\nprints\n%s\nand not\n%s", b.line, command, got, want)
		}
	}
	return len(parts)
}

// script runs a block of commands as it stands, in a directory where bin is what
// make puts there; but make itself would take long, and is only looked at.
func (d *desk) script(b block) int {
	d.t.Helper()
	lines := strings.Split(strings.TrimSpace(b.text), "\n")
	if strings.HasPrefix(b.text, "make ") {
		for _, line := range lines {
			d.run(b, line)
		}
		return len(lines)
	}
	lab.Wait(d.t, "what was asked on disk", func() bool {
		cmd := exec.Command(filepath.Join(binaries.Dir, "pdns"), "lookup", "shop.demo.example", "--store", filepath.Join(d.dir, "pdns-data"))
		return cmd.Run() == nil
	})
	d.shell(b, "set -x\n"+b.text)
	return len(lines)
}

// run runs one command and returns what it prints.
func (d *desk) run(b block, line string) string {
	d.t.Helper()
	line, _, _ = strings.Cut(line, "#")
	words := strings.Fields(line)
	if len(words) == 0 {
		return ""
	}
	switch words[0] {
	case "make":
		return d.make(b, words[1:])
	case "dig":
		return d.dig(b, words[1:])
	case "export":
		d.env = append(d.env, d.ported(words[1:])...)
		return ""
	case "dnsdbq":
		return d.tool(b, words)
	case "bin/pdns":
		return d.serve(words[1:])
	}
	d.t.Errorf("README.md:%d: nobody knows how to check %q", b.line, line)
	return ""
}

// make looks whether the target is there; running it is what CI does.
func (d *desk) make(b block, args []string) string {
	d.t.Helper()
	cmd := exec.Command("make", append([]string{"--dry-run", "--no-print-directory"}, args...)...)
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		d.t.Errorf("README.md:%d: make %v: %v\n%s", b.line, args, err, out)
	}
	return ""
}

// shell runs commands that all must end well.
func (d *desk) shell(b block, script string) {
	d.t.Helper()
	cmd := exec.Command("bash", "-euc", script)
	cmd.Dir = d.dir
	cmd.Env = append(os.Environ(), "NO_COLOR=1", "TMPDIR="+d.t.TempDir())
	if out, err := cmd.CombinedOutput(); err != nil {
		d.t.Errorf("README.md:%d: %v\n%s", b.line, err, out)
	}
}

var (
	moment = regexp.MustCompile(`\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?Z?`)
	blanks = regexp.MustCompile(`[ \t]+`)
)

// neutral is output without what differs from time to time.
func neutral(s string) string {
	return strings.TrimSpace(blanks.ReplaceAllString(moment.ReplaceAllString(s, "TIME"), " "))
}

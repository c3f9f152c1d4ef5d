// Package scenario runs the files beside it: each tells what a Corefile says,
// what the upstream answers, what is asked and how time passes, and what must
// come back, from the resolver, from the query zone and from the pdns command.
// A bug report becomes a file.
//
// A file is a list of directives, each followed by its input, a line of four
// dashes and what is expected; "go test ./test/scenario -rewrite" writes what
// came instead, to be read before it is committed. README.md lists the
// directives.
package scenario

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"example.org/pdns/plugin/pkg/clock"
	"example.org/pdns/test/lab"
)

// start is when every scenario begins.
var start = time.Date(2019, 8, 1, 0, 0, 0, 0, time.UTC)

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

func TestScenarios(t *testing.T) {
	files, err := filepath.Glob("*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenario files: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(file, ".txt"), func(t *testing.T) {
			s := newScenario(t)
			datadriven.RunTest(t, file, s.directive)
		})
	}
}

// A scenario is the world of one file.
type scenario struct {
	t        *testing.T
	dir      string // holds the store and the files of the scenario
	web      string // address for HTTP
	now      time.Time
	upstream *lab.Upstream
	server   *server
	metrics  map[string]float64 // when the scenario began

	following *following // nil: nothing is
}

func newScenario(t *testing.T) *scenario {
	s := &scenario{t: t, dir: t.TempDir(), web: "127.0.0.1:" + lab.FreePort(t, "127.0.0.1"), upstream: lab.NewUpstream(t), metrics: gather(t)}
	s.server = &server{}
	t.Cleanup(s.server.stop)
	t.Setenv("STORE", filepath.Join(s.dir, "store"))
	t.Setenv("DIR", s.dir)
	t.Setenv("HTTP", s.web)
	t.Setenv("UPSTREAM", s.upstream.Addr)
	t.Cleanup(func() { clock.Set(nil) })
	s.setTime(start)
	return s
}

func (s *scenario) setTime(now time.Time) {
	s.now = now
	clock.Set(func() time.Time { return now })
}

// directives by name; each returns what is compared.
var directives = map[string]func(*scenario, *datadriven.TestData) (string, error){
	"corefile": (*scenario).corefile,
	"restart":  (*scenario).restart,
	"stop":     (*scenario).stop,
	"upstream": (*scenario).answers,
	"asked":    (*scenario).asked,
	"time":     (*scenario).time,
	"query":    (*scenario).query,
	"ask":      (*scenario).ask,
	"transfer": (*scenario).transfer,
	"http":     (*scenario).http,
	"pdns":     (*scenario).pdns,
	"file":     (*scenario).file,
	"damage":   (*scenario).damage,
	"metrics":  (*scenario).counted,
	"flush":    (*scenario).flush,
	"dnstap":   (*scenario).dnstap,
	"follow":   (*scenario).follow,
	"told":     (*scenario).told,
	"unfollow": (*scenario).unfollow,
}

// patience is how long "eventually" waits.
const patience = 20 * time.Second

// directive does what one says. One that begins with "eventually" is repeated
// until what is expected comes back: the store works in the background.
func (s *scenario) directive(t *testing.T, d *datadriven.TestData) string {
	if d.Cmd != "eventually" {
		return s.once(t, d)
	}
	d.Cmd, d.CmdArgs = d.CmdArgs[0].Key, d.CmdArgs[1:]
	limit := patience
	if d.Rewrite {
		limit = 3 * time.Second // what is expected is not known
	}
	out := s.once(t, d)
	for deadline := time.Now().Add(limit); out != d.Expected && time.Now().Before(deadline); out = s.once(t, d) {
		time.Sleep(20 * time.Millisecond)
	}
	return out
}

func (s *scenario) once(t *testing.T, d *datadriven.TestData) string {
	f, ok := directives[d.Cmd]
	if !ok {
		d.Fatalf(t, "unknown directive %q", d.Cmd)
	}
	out, err := f(s, d)
	if err != nil {
		out += "error: " + err.Error()
	}
	out = s.anonymous(out)
	if out != "" && !strings.HasSuffix(out, "\n") {
		out += "\n"
	}
	return out
}

// What the format of files decides: sizes as people read them, checksums.
var (
	size     = regexp.MustCompile(`\b\d+(\.\d+)? [KM]?i?B\b`)
	checksum = regexp.MustCompile(`\b(digest|checksum|where) ([0-9a-f]{16}|[0-9a-f]{8})\b`)
)

// anonymous replaces what differs from run to run, from machine to machine, or
// with the format of files.
func (s *scenario) anonymous(out string) string {
	out = size.ReplaceAllString(strings.ReplaceAll(out, s.dir, "$DIR"), "SIZE")
	out = checksum.ReplaceAllString(out, "$1 CHECKSUM")
	return strings.NewReplacer(s.upstream.Addr, "$UPSTREAM", s.web, "$HTTP").Replace(out)
}

// words are the arguments of a directive as they were written.
func words(d *datadriven.TestData) []string {
	var w []string
	for _, a := range d.CmdArgs {
		w = append(w, a.String())
	}
	return w
}

// lines are the arguments of a directive, or those in its input, a line each.
func lines(d *datadriven.TestData) [][]string {
	var l [][]string
	if w := words(d); len(w) > 0 {
		l = append(l, w)
	}
	for line := range strings.Lines(d.Input) {
		if f := strings.Fields(line); len(f) > 0 {
			l = append(l, f)
		}
	}
	return l
}

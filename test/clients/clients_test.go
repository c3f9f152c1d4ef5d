// Package clients is the HTTP API as the tools of analysts use it: Debian's dnsdbq
// asks the built pdns serve and CoreDNS, and requests of clients that cannot be had
// here are sent as they send them, and the answers read as strictly as they do.
//
// It needs dnsdbq and dig; see tools.sh beside the end-to-end tests.
package clients

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

var binaries *lab.Binaries

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	for _, tool := range []string{"dnsdbq", "dig"} {
		if _, err := exec.LookPath(tool); err != nil {
			fmt.Fprintf(os.Stderr, "%v: the tests with clients need it; see test/e2e/tools.sh\n", err)
			return 1
		}
	}
	var err error
	if binaries, err = lab.Build(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer binaries.Remove()
	return m.Run()
}

// now is the time of day of the servers.
const now = "2019-09-10T00:00:00Z"

// A desk is an analyst's: a store, and the tools at hand.
type desk struct {
	t      testing.TB
	dir    string
	store  string
	server *lab.Process
	url    string // of the server
}

func newDesk(t testing.TB) *desk {
	t.Helper()
	dir := t.TempDir()
	return &desk{t: t, dir: dir, store: filepath.Join(dir, "store")}
}

// record puts lines of the common output format into the store, as a run.
func (d *desk) record(lines string) error {
	cmd := exec.Command(binaries.PDNS, "import", "--store", d.store, "--dnssec", "-q", "-")
	cmd.Stdin = strings.NewReader(lines)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("pdns import: %w\n%s", err, out)
	}
	return nil
}

// recordWorld puts the history of the scenarios into the store.
func (d *desk) recordWorld() {
	d.t.Helper()
	for _, file := range []string{"august.json", "september.json"} {
		lines, err := os.ReadFile(file)
		if err == nil {
			err = d.record(string(lines))
		}
		if err != nil {
			d.t.Fatal(err)
		}
	}
}

// addKey makes a key in the file keys, and returns what a client presents.
func (d *desk) addKey(name string, flags ...string) string {
	d.t.Helper()
	args := append([]string{"key", "add", filepath.Join(d.dir, "keys"), name}, flags...)
	secret, err := exec.Command(binaries.PDNS, args...).Output()
	if err != nil {
		d.t.Fatalf("pdns %s: %v", strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(secret))
}

// serve starts a server at the store in place of the one before, by its own clock.
func (d *desk) serve(flags ...string) {
	d.t.Helper()
	d.end()
	args := append([]string{"PDNS_NOW=" + now, binaries.PDNS, "serve", "--store", d.store, "--listen", "127.0.0.1:0"}, flags...)
	d.server = lab.Start(d.t, d.dir, "env", args...)
	lab.Wait(d.t, "a server", func() bool {
		if !d.server.Alive() {
			d.t.Fatalf("pdns serve ended:\n%s", d.server.Output())
		}
		if m := serving.FindStringSubmatch(d.server.Output()); m != nil {
			d.url = m[1]
		}
		return d.url != ""
	})
}

var serving = regexp.MustCompile(`(?m)^pdns: serving .* at (https?://\S+)$`)

func (d *desk) end() {
	d.t.Helper()
	if d.server != nil {
		d.server.Stop()
	}
	d.server, d.url = nil, ""
}

// A said is what a program said.
type said struct {
	out, err string
	exit     int
}

// shell runs a script in the desk's folder, where dnsdbq knows its server.
func (d *desk) shell(script string) said {
	d.t.Helper()
	var out, errs strings.Builder
	cmd := exec.Command("bash", "-c", script)
	cmd.Dir = d.dir
	cmd.Env = []string{
		"PATH=" + binaries.Dir + ":" + os.Getenv("PATH"), "HOME=" + d.dir, "TZ=UTC", "LC_ALL=C",
		"DNSDB_SERVER=" + d.url, "DNSDB_API_KEY=any", "SERVER=" + d.url, "PDNS_STORE=" + d.store,
	}
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); cmd.ProcessState == nil {
		d.t.Fatal(err)
	}
	return said{out.String(), errs.String(), cmd.ProcessState.ExitCode()}
}

// dnsdbq is what dnsdbq prints, which must have nothing to complain about.
func (d *desk) dnsdbq(args string) string {
	d.t.Helper()
	s := d.shell("dnsdbq " + args)
	if s.err != "" || s.exit != 0 {
		d.t.Fatalf("dnsdbq %s: exit %d\n%s", args, s.exit, s.err)
	}
	return s.out
}

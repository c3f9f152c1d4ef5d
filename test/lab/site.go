package lab

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// A Site is one installation: an upstream, a directory, a Corefile.
type Site struct {
	t        testing.TB
	bin      *Binaries
	Dir      string
	Store    string
	Upstream *Upstream
	Options  string // of pdnscollect, a line each
}

// NewSite makes a site in a temporary directory.
func NewSite(t testing.TB, bin *Binaries) *Site {
	t.Helper()
	dir := t.TempDir()
	return &Site{t: t, bin: bin, Dir: dir, Store: filepath.Join(dir, "store"), Upstream: NewUpstream(t), Options: "flush 1s"}
}

// Corefile is the site's resolver with its query zone; $PORT is its port.
func (s *Site) Corefile() string {
	return `
.:$PORT {
    bind 127.0.0.1
    errors
    pdnscollect ` + s.Store + ` {
        ` + s.Options + `
    }
    forward . ` + s.Upstream.Addr + `
}
_pdns.local:$PORT {
    bind 127.0.0.1
    pdnsquery ` + s.Store + `
}
`
}

// Start starts the site's CoreDNS.
func (s *Site) Start() *Server {
	s.t.Helper()
	return StartCoreDNS(s.t, s.bin.CoreDNS, s.Dir, s.Corefile())
}

// Resolve asks server for n names under zone that nobody asked before; each has
// the address that its number makes.
func (s *Site) Resolve(server *Server, zone string, from, n int) {
	s.t.Helper()
	var answers strings.Builder
	for i := from; i < from+n; i++ {
		fmt.Fprintf(&answers, "? n%d.%s A\nn%d.%s. 300 A %s\n", i, zone, i, zone, address(i))
	}
	if err := s.Upstream.Set(answers.String()); err != nil {
		s.t.Fatal(err)
	}
	for i := from; i < from+n; i++ {
		name := fmt.Sprintf("n%d.%s", i, zone)
		if r := Ask(s.t, server.Addr, name, dns.TypeA); len(r.Answer) != 1 {
			s.t.Fatalf("%s: %v", name, r)
		}
	}
}

func address(i int) string { return fmt.Sprintf("198.18.%d.%d", i/250%250, i%250+1) }

// Seen is how often each owner was seen, as the command finds it on disk.
func (s *Site) Seen() map[string]uint64 {
	s.t.Helper()
	out, stderr, code := s.PDNS("export", "--json")
	if code == 2 {
		s.t.Fatalf("pdns export: exit %d\n%s", code, stderr)
	}
	counts := map[string]uint64{}
	for line := range strings.Lines(out) {
		var r struct {
			Owner string `json:"rrname"`
			Count uint64 `json:"count"`
		}
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			s.t.Fatalf("%s: %v", line, err)
		}
		counts[r.Owner] += r.Count
	}
	return counts
}

// PDNS runs the command on the site's store.
func (s *Site) PDNS(args ...string) (stdout, stderr string, code int) {
	s.t.Helper()
	var out, errs strings.Builder
	cmd := exec.Command(s.bin.PDNS, args...)
	cmd.Env = append(os.Environ(), "PDNS_STORE="+s.Store, "NO_COLOR=1")
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); cmd.ProcessState == nil {
		s.t.Fatal(err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// Whole fails the test if verify finds anything wrong.
func (s *Site) Whole() {
	s.t.Helper()
	if out, stderr, code := s.PDNS("verify"); code != 0 {
		s.t.Errorf("pdns verify: exit %d\n%s%s", code, out, stderr)
	}
}

// Second starts another CoreDNS that would record into the same directory,
// without waiting for it to answer.
func (s *Site) Second() *Process {
	s.t.Helper()
	file := filepath.Join(s.Dir, "Corefile.second")
	text := ".:" + FreePort(s.t, "127.0.0.1") + " {\n    bind 127.0.0.1\n    pdnscollect " + s.Store + "\n    forward . " + s.Upstream.Addr + "\n}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return Start(s.t, s.Dir, s.bin.CoreDNS, "-conf", file)
}

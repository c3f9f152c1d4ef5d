package process

import (
	"strconv"
	"syscall"
	"testing"

	"github.com/miekg/dns"

	"example.org/pdns/test/lab"
)

// TestTerminate: SIGTERM loses nothing, flushed or not.
func TestTerminate(t *testing.T) {
	s := newSite(t)
	s.Options = "flush 1h"
	server := s.Start()
	s.Resolve(server, "example.com", 0, 50)
	server.Stop()
	if got := len(s.Seen()); got != 50 {
		t.Errorf("%d names of 50 outlived a clean stop", got)
	}
	s.Whole()
}

// TestReload: SIGUSR1 with other options loses nothing, and goes on counting.
func TestReload(t *testing.T) {
	s := newSite(t)
	s.Options = "flush 1h"
	server := s.Start()
	s.Resolve(server, "example.com", 0, 20)
	s.Options = "flush 30m\n        exclude corp.example"
	server.Rewrite(t, s.Corefile())
	server.Signal(syscall.SIGUSR1)
	s.Resolve(server, "corp.example", 0, 1)
	lab.Wait(t, "the new options", func() bool {
		before := total(t, server, "corp.example")
		lab.Ask(t, server.Addr, "n0.corp.example", dns.TypeA)
		return total(t, server, "corp.example") == before
	})
	s.Resolve(server, "example.com", 0, 20)
	server.Stop()
	for name, count := range s.Seen() {
		if name != "n0.corp.example." && count != 2 {
			t.Errorf("%s was counted %d times, not 2", name, count)
		}
	}
	s.Whole()
}

// total is what the query zone sums up below a zone.
func total(t *testing.T, server *lab.Server, zone string) string {
	t.Helper()
	r := lab.Ask(t, server.Addr, "*."+zone+"._summary._pdns.local", dns.TypeTXT)
	if len(r.Answer) == 0 {
		return ""
	}
	return lab.Strings(r)[0]
}

// TestKill: after kill -9 the store opens, is whole, and holds all but what came
// since the last flush; it is killed again and again, flush and merge under way.
func TestKill(t *testing.T) {
	s := newSite(t)
	const rounds, each = 6, 40
	for round := range rounds {
		server := s.Start()
		s.Resolve(server, "example.com", round*2*each, each)
		first := "n" + itoa(round*2*each) + ".example.com."
		lab.Wait(t, "a flush", func() bool {
			seen := s.Seen()
			return seen[first] > 0 && seen["n"+itoa(round*2*each+each-1)+".example.com."] > 0
		})
		s.Resolve(server, "example.com", round*2*each+each, each)
		server.Kill()
		s.Whole()
		seen := s.Seen()
		for r := range round + 1 {
			for i := r * 2 * each; i < r*2*each+each; i++ {
				if name := "n" + itoa(i) + ".example.com."; seen[name] != 1 {
					t.Fatalf("round %d: %s was flushed, and is now counted %d times", round, name, seen[name])
				}
			}
		}
	}
	server := s.Start()
	server.Stop()
	s.Whole()
}

// TestTwoProcesses: the second writer is refused with a clear line, the first
// goes on, and the command reads beside it.
func TestTwoProcesses(t *testing.T) {
	s := newSite(t)
	server := s.Start()
	s.Resolve(server, "example.com", 0, 5)
	second := s.Second()
	if code := second.ExitCode(); code == 0 {
		t.Errorf("the second writer started")
	}
	mustSay(t, second.Output(), s.Store, "locked")
	s.Resolve(server, "example.com", 5, 5)
	lab.Wait(t, "ten names on disk", func() bool { return len(s.Seen()) == 10 })
	if _, stderr, code := s.PDNS("merge"); code != 2 {
		t.Errorf("merge beside the writer: exit %d\n%s", code, stderr)
	} else {
		mustSay(t, stderr, "locked")
	}
	server.Stop()
	if _, stderr, code := s.PDNS("merge"); code != 0 {
		t.Errorf("merge after the writer: exit %d\n%s", code, stderr)
	}
	s.Whole()
}

func itoa(i int) string { return strconv.Itoa(i) }

package pdnsquery_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pdnsquery"
	"example.org/pdns/plugin/pkg/store"
)

func TestApex(t *testing.T) {
	s := start(t, "_pdns.local:0 history.example:0 {\n pdnsquery "+world(t)+" {\n ttl 5\n }\n}")
	for _, zone := range []string{"_pdns.local.", "history.example."} {
		r := s.ask("udp", zone, dns.TypeSOA)
		if len(r.Answer) != 1 || !r.Authoritative || r.Answer[0].Header().Ttl != 5 || r.Answer[0].(*dns.SOA).Minttl != 5 {
			t.Errorf("%s SOA: %v", zone, r)
		}
		if r := s.ask("udp", zone, dns.TypeNS); len(r.Answer) != 1 || r.Answer[0].(*dns.NS).Ns != zone {
			t.Errorf("%s NS: %v", zone, r)
		}
		for _, qtype := range []uint16{dns.TypeTXT, dns.TypeANY} {
			if r := s.ask("udp", zone, qtype); !strings.Contains(show(r), "SUBJECT[._OPERATOR...]."+zone) {
				t.Errorf("%s TXT: %v", zone, r)
			}
		}
		if r := s.ask("udp", zone, dns.TypeA); r.Rcode != dns.RcodeSuccess || len(r.Ns) != 1 {
			t.Errorf("%s A: %v", zone, r)
		}
		r = s.ask("udp", "never.example."+zone, dns.TypeTXT)
		if r.Rcode != dns.RcodeNameError || len(r.Ns) != 1 || r.Ns[0].Header().Name != zone || r.RecursionAvailable {
			t.Errorf("never seen below %s: %v", zone, r)
		}
		if got := show(s.ask("tcp", "www.example.com._aaaa."+zone, dns.TypeTXT)); got != line("AAAA", 3, 4, "2001:db8::1") {
			t.Errorf("below %s: %s", zone, got)
		}
	}
}

func TestClients(t *testing.T) {
	dir := world(t)
	refused := "REFUSED\nEDE 18: this address may not ask here"
	tests := []struct{ allow, want string }{
		{"", line("AAAA", 3, 4, "2001:db8::1")},
		{"allow 192.0.2.0/24 127.0.0.1", line("AAAA", 3, 4, "2001:db8::1")},
		{"allow 192.0.2.0/24 ::1", refused},
	}
	for _, test := range tests {
		s := start(t, "_pdns.local:0 {\n pdnsquery "+dir+" {\n "+test.allow+"\n }\n transfer {\n to *\n }\n}")
		if got := s.asked("www.example.com._aaaa"); got != test.want {
			t.Errorf("%q: got %s, want %s", test.allow, got, test.want)
		}
		for _, qtype := range []uint16{dns.TypeA, dns.TypeAXFR, dns.TypeANY} {
			r := s.ask("tcp", "www.example.com._pdns.local", qtype)
			if (r.Rcode == dns.RcodeRefused) != (test.want == refused) {
				t.Errorf("%q: type %d: got %v", test.allow, qtype, r)
			}
		}
		s.edns = false
		if r := s.ask("tcp", "www.example.com._nonsense._pdns.local", dns.TypeTXT); r.IsEdns0() != nil {
			t.Errorf("%q: EDNS to a client without it: %v", test.allow, r)
		}
	}
}

// TestNothingElse: a name in the query zone is answered here or nowhere, and any
// other name is left to other plugins.
func TestNothingElse(t *testing.T) {
	s := start(t, ".:0 {\n cache\n pdnsquery "+world(t)+elsewhere+"}")
	for _, name := range []string{"never.example", "never.example._nonsense", "*.*", "_status", "www.example.com"} {
		for _, qtype := range []uint16{dns.TypeTXT, dns.TypeA, dns.TypeDS, dns.TypeANY, dns.TypeAXFR, dns.TypeMAILB, dns.TypeSOA} {
			if got := show(s.ask("tcp", name+"._pdns.local", qtype)); strings.Contains(got, "leaked") {
				t.Errorf("%s %d: %s", name, qtype, got)
			}
		}
	}
	if got := show(s.ask("udp", "www.example.com", dns.TypeTXT)); got != "leaked" {
		t.Errorf("another zone: %s", got)
	}
	m := new(dns.Msg).SetNotify("_pdns.local.")
	if r, _, err := new(dns.Client).Exchange(m, s.udp); err != nil || r.Rcode != dns.RcodeNotImplemented {
		t.Errorf("NOTIFY: %v, %v", r, err)
	}
}

// TestCache: what the store learns is seen at once, behind a cache too.
func TestCache(t *testing.T) {
	dir := history(t, seen("www.example.com A 1-2 192.0.2.1"))
	s := start(t, "_pdns.local:0 {\n cache\n pdnsquery "+dir+"\n}")
	if got, want := s.asked("new.example.com"), "NXDOMAIN"; got != want {
		t.Fatalf("got %s", got)
	}
	w, err := store.Open(dir, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Add(seen("new.example.com A 3-3 192.0.2.2")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if got, want := s.asked("new.example.com"), line("A", 3, 3, "192.0.2.2"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestSnapshot(t *testing.T) {
	src, err := store.OpenReader(world(t))
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	root := t.TempDir()
	if err := store.Snapshot(t.Context(), src, filepath.Join(root, "august.snapshot"), store.SnapshotOptions{}); err != nil {
		t.Fatal(err)
	}
	s := start(t, "_pdns.local:0 {\n root "+root+"\n pdnsquery august.snapshot\n}")
	if got, want := s.asked("www.example.com._aaaa"), line("AAAA", 3, 4, "2001:db8::1"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestDamage: what a damaged run holds is missing, and the answer says so.
func TestDamage(t *testing.T) {
	dir := history(t, seen("www.example.com A 1-2 192.0.2.1"))
	before := runs(t, dir)
	w, err := store.Open(dir, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Add(seen("www.example.com A 3-3 192.0.2.2")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(filepath.Join(dir, before[0]), 100); err != nil {
		t.Fatal(err)
	}
	s := start(t, "_pdns.local:0 {\n pdnsquery "+dir+"\n}")
	r := s.ask("tcp", "www.example.com._pdns.local", dns.TypeTXT)
	if len(extended(r)) != 1 || !strings.Contains(show(r), "incomplete") || !strings.Contains(show(r), line("A", 3, 3, "192.0.2.2")) {
		t.Errorf("got %s", show(r))
	}
	// Nothing found is not to say that there was nothing.
	if r := s.ask("tcp", "never.example._pdns.local", dns.TypeTXT); r.Rcode != dns.RcodeServerFailure || len(extended(r)) != 1 {
		t.Errorf("got %s", show(r))
	}
	if got := s.asked("_status"); !strings.Contains(got, "damaged=1") {
		t.Errorf("got %s", got)
	}
}

func runs(t *testing.T, dir string) (files []string) {
	t.Helper()
	src, err := store.OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	stats, err := src.Stats()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range stats.Runs {
		files = append(files, filepath.Base(r.File))
	}
	return files
}

func TestMetrics(t *testing.T) {
	s := start(t, "_pdns.local:0 {\n pdnsquery "+world(t)+"\n transfer {\n to *\n }\n}")
	before := pdnsquery.Outcomes(t)
	s.asked("www.example.com")
	s.asked("never.example.com")
	s.asked("www.example.com._nonsense")
	if _, err := s.transferred("*.example.com._pdns.local"); err != nil {
		t.Fatal(err)
	}
	// A transfer is counted when it has ended, which the client knows before.
	after := pdnsquery.Outcomes(t)
	for deadline := time.Now().Add(10 * time.Second); after["transferred"] == before["transferred"] && time.Now().Before(deadline); {
		runtime.Gosched()
		after = pdnsquery.Outcomes(t)
	}
	for _, outcome := range []string{"refused", "busy", "failed", "incomplete"} {
		if _, ok := after[outcome]; !ok {
			t.Errorf("%s: no series before the first", outcome)
		}
	}
	for _, outcome := range []string{"answered", "empty", "malformed", "transferred"} {
		if got := after[outcome] - before[outcome]; got != 1 {
			t.Errorf("%s: counted %v times, want 1", outcome, got)
		}
	}
}

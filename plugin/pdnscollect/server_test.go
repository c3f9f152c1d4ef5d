package pdnscollect

import (
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coredns/caddy"
	"github.com/coredns/coredns/core/dnsserver"
	_ "github.com/coredns/coredns/plugin/bind"
	_ "github.com/coredns/coredns/plugin/cache"
	_ "github.com/coredns/coredns/plugin/forward"
	_ "github.com/coredns/coredns/plugin/hosts"
	_ "github.com/coredns/coredns/plugin/root"
	"github.com/miekg/dns"
	"github.com/prometheus/client_golang/prometheus"

	_ "example.org/pdns/plugin/pdnsquery"
	"example.org/pdns/plugin/pkg/dnstap/listen"
	"example.org/pdns/plugin/pkg/lease"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
	"example.org/pdns/test/lab"
)

func init() {
	caddy.Quiet, dnsserver.Quiet = true, true
	dnsserver.Port = "0"
	// Below pdnscollect is what it sees: hosts answers without an upstream.
	dnsserver.Directives = []string{"root", "bind", "cache", "pdnsquery", "pdnscollect", "hosts", "forward"}
}

// A server is a CoreDNS in this process.
type server struct {
	*testing.T
	instance *caddy.Instance
}

func input(corefile string) caddy.Input {
	return caddy.CaddyfileInput{Contents: []byte(corefile), Filepath: "Corefile", ServerTypeName: "dns"}
}

func start(t *testing.T, corefile string) *server {
	t.Helper()
	i, err := caddy.Start(input(corefile))
	if err != nil {
		t.Fatal(err)
	}
	s := &server{T: t, instance: i}
	t.Cleanup(s.stop)
	return s
}

func (s *server) reload(corefile string) error {
	next, err := s.instance.Restart(input(corefile))
	s.instance = next
	return err
}

func (s *server) stop() {
	if s.instance == nil {
		return
	}
	s.instance.ShutdownCallbacks()
	s.instance = nil
	if err := caddy.Stop(); err != nil {
		s.Error(err)
	}
}

// resolve asks the first server for an address.
func (s *server) resolve(name string) {
	s.Helper()
	r, err := dns.Exchange(ask(name), s.instance.Servers()[0].LocalAddr().String())
	if err != nil {
		s.Fatal(err)
	}
	if len(r.Answer) != 1 {
		s.Fatalf("%s: %v", name, r)
	}
}

// eventually waits until something holds.
func eventually(t *testing.T, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !holds(); runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatal("it does not come to hold")
		}
	}
}

// blocks is a Corefile of server blocks that know one name each and record.
func blocks(dir, options string, names ...string) string {
	text := ""
	for _, name := range names {
		text += name + " {\nbind 127.0.0.1\npdnscollect " + dir + " {\n" + options + "\n}\nhosts {\n192.0.2.1 " + name + "\n}\n}\n"
	}
	return text
}

func TestReload(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	s := start(t, blocks(dir, "", "a.example", "b.example"))
	s.resolve("a.example.")
	for _, tc := range []struct {
		corefile string
		fails    bool
		limit    int // memory
	}{
		{blocks(dir, "", "a.example"), false, 256 << 20},
		{blocks(dir, "memory 8MiB", "a.example", "b.example"), false, 8 << 20},
		{blocks(dir, "memory 9MiB\nnonsense", "a.example"), true, 8 << 20},
		{blocks(dir, "memory 9MiB", "a.example") + "c.example {\nforward . nowhere\n}\n", true, 8 << 20},
		{blocks(dir, "memory 8MiB", "a.example"), false, 8 << 20},
	} {
		if err := s.reload(tc.corefile); (err != nil) != tc.fails {
			t.Fatalf("%s: %v", tc.corefile, err)
		}
		stats, err := lease.Stores()[dir].Stats()
		if err != nil {
			t.Fatal(err)
		}
		if stats.Memtable.Limit != tc.limit {
			t.Errorf("%s: memory %d, want %d", tc.corefile, stats.Memtable.Limit, tc.limit)
		}
		s.resolve("a.example.")
	}
	s.stop()
	src, err := store.OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	found := 0
	for r, err := range src.Find(t.Context(), store.Query{Subject: store.Owner(rrset.MustName("a.example"))}) {
		if err != nil {
			t.Fatal(err)
		}
		found++
		if r.Count != 6 {
			t.Errorf("seen %d times, want 6", r.Count)
		}
	}
	if found != 1 {
		t.Errorf("%d RRsets, want 1", found)
	}
}

// TestQueryZonesAreNoHistory: what pdnsquery answers, somebody may forward to.
func TestQueryZonesAreNoHistory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	answering := blocks(dir, "", "a.history.example")
	s := start(t, answering+"history.example {\nbind 127.0.0.1\npdnsquery "+dir+"\n}\n")
	s.resolve("a.history.example.")
	recorded := lease.Stores()[dir]
	wantSeen(t, recorded, nil)
	if n := recorded.Dropped("excluded").Load(); n != 1 {
		t.Errorf("%d dropped, want 1", n)
	}
	if err := s.reload(answering); err != nil {
		t.Fatal(err)
	}
	s.resolve("a.history.example.")
	wantSeen(t, recorded, map[string]uint64{"a.history.example. A": 1})
}

func TestBlocksMustAgree(t *testing.T) {
	dir := t.TempDir()
	_, err := caddy.Start(input(blocks(dir, "keep 1d", "a.example") + blocks(dir, "keep 2d", "b.example")))
	if err == nil || !strings.Contains(err.Error(), "keep of "+dir+" differs") || !strings.Contains(err.Error(), "Corefile:") {
		t.Errorf("started: %v", err)
	}
}

func TestRelativeDirectoryIsBelowRoot(t *testing.T) {
	root := t.TempDir()
	start(t, "a.example {\nbind 127.0.0.1\nroot "+root+"\npdnscollect history\n}\n")
	if _, err := os.Stat(filepath.Join(root, "history")); err != nil {
		t.Error(err)
	}
}

func TestMetrics(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	socket := filepath.Join(t.TempDir(), "socket")
	options := "flush 10ms\nsensor\ndnstap unix " + socket
	s := start(t, blocks(dir, options, "a.example"))
	s.resolve("a.example.")
	if err := s.reload(blocks(dir, options, "a.example")); err != nil {
		t.Fatal(err)
	}
	send(t, "unix", socket, addressEvent(t, "www.example."))
	eventually(t, func() bool { return len(seen(t, lease.Stores()[dir])) == 2 })
	if err := lease.Stores()[dir].Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	families, err := prometheus.DefaultGatherer.Gather()
	if err != nil {
		t.Fatal(err)
	}
	values := make(map[string]float64)
	for _, f := range families {
		for _, m := range f.GetMetric() {
			values[f.GetName()] += m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
		}
	}
	manual, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range regexp.MustCompile(`coredns_pdnscollect_\w+`).FindAllString(string(manual), -1) {
		if _, ok := values[name]; !ok {
			t.Errorf("%s is in the manual, but not exported", name)
		}
	}
	for name := range values {
		if strings.HasPrefix(name, "coredns_pdnscollect_") && !strings.Contains(string(manual), name) {
			t.Errorf("%s is not in the manual", name)
		}
	}
	for _, name := range []string{"observations_total", "memtable_limit_bytes", "runs", "flush_duration_seconds", "coverage_age_seconds"} {
		if values["coredns_pdnscollect_"+name] == 0 {
			t.Errorf("%s is 0", name)
		}
	}
}

// TestManual starts each Corefile of the manual, in a directory of its own.
func TestManual(t *testing.T) {
	manual, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	corefiles := regexp.MustCompile("(?s)~~~ corefile\n(.*?)~~~").FindAllStringSubmatch(string(manual), -1)
	if len(corefiles) == 0 {
		t.Fatal("no Corefile in the manual")
	}
	authority := lab.NewAuthority(t)
	cert, key := authority.Issue("server")
	for _, c := range corefiles {
		corefile := strings.NewReplacer(
			"/var/lib/pdns", filepath.Join(t.TempDir(), "store"), "/run/pdns", t.TempDir(), "tls :6000", "tls 127.0.0.1:0",
			"/etc/pdns/cert.pem", cert, "/etc/pdns/key.pem", key, "/etc/pdns/resolvers.pem", authority.File,
			" {\n    pdns", " {\n    bind 127.0.0.1\n    pdns", " {\n    cache", " {\n    bind 127.0.0.1\n    cache",
		).Replace(c[1])
		start(t, corefile).stop()
	}
}

// TestManualTellsEveryReason: what can be counted is explained, and nothing else.
func TestManualTellsEveryReason(t *testing.T) {
	var why, ends []string
	for r := range allReasons {
		why = append(why, r.String())
	}
	for e := range listen.Ends {
		ends = append(ends, e.String())
	}
	for table, want := range map[string][]string{"reason |": why, "reason of an end |": ends} {
		told := explained(t, table)
		slices.Sort(want)
		slices.Sort(told)
		if !slices.Equal(told, want) {
			t.Errorf("the manual tells %v, want %v", told, want)
		}
	}
}

// explained are the reasons in a table of the manual, which is known by its head.
func explained(t *testing.T, head string) []string {
	t.Helper()
	manual, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(manual), "\n| "+head)
	table, _, _ = strings.Cut(table, "\n\n")
	var told []string
	for _, row := range regexp.MustCompile("(?m)^\\| (`[^|]*`) \\|").FindAllStringSubmatch(table, -1) {
		told = append(told, strings.Split(strings.Trim(row[1], "`"), "`, `")...)
	}
	return told
}

package e2e

import (
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"example.org/pdns/test/lab"
)

// TestDnsdbq reads our export with Debian's dnsdbq, which knows nothing of us.
func TestDnsdbq(t *testing.T) {
	w := newWorld(t)
	for _, q := range [][]string{{"A", "chain.plain.test"}, {"MX", "plain.test"}, {"TXT", "bytes.plain.test"}, {"A", "pool.plain.test"}} {
		w.dig(q...)
	}
	w.coredns.Stop()
	export := w.pdns("export", "--json")
	file := filepath.Join(w.dir, "export.json")
	if err := os.WriteFile(file, []byte(export), 0o600); err != nil {
		t.Fatal(err)
	}
	out := dnsdbq(t, "-J", file)
	for _, want := range []string{
		"chain.plain.test.  CNAME  hop.other.test.", "end.other.test.  A  198.51.100.1", "end.other.test.  A  198.51.100.2",
		"plain.test.  MX  10 mail.plain.test.", "pool.plain.test.  A  192.0.2.13", ";; count: 1",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("dnsdbq does not show %q:\n%s", want, out)
		}
	}
	if got, want := strings.Count(dnsdbq(t, "-J", file, "-p", "json"), "\n"), strings.Count(export, "\n"); got != want {
		t.Errorf("dnsdbq read %d RRsets of %d", got, want)
	}
}

func dnsdbq(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.Command("dnsdbq", args...)
	cmd.Env = append(os.Environ(), "DNSDB_API_KEY=none")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("dnsdbq %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// TestMetrics: what we count is there, beside CoreDNS's own and named like it.
func TestMetrics(t *testing.T) {
	w := newWorld(t)
	w.coredns.Stop()
	port := lab.FreePort(t, "127.0.0.1")
	w.coredns = lab.StartCoreDNS(t, binaries.CoreDNS, w.dir, w.corefile("forward . "+w.unbound+"\n    prometheus 127.0.0.1:"+port))
	w.dig("A", "chain.plain.test")
	w.dig("A", "nowhere.plain.test")
	w.history("chain.plain.test")
	var text string
	lab.Wait(t, "a flush in the metrics", func() bool {
		text = get(t, "http://127.0.0.1:"+port+"/metrics")
		return regexp.MustCompile(`coredns_pdnscollect_flush\w*_count\S* [1-9]`).MatchString(text)
	})
	for _, want := range []string{
		`coredns_dns_requests_total{`,
		`coredns_pdnscollect_observations_total{`,
		`coredns_pdnscollect_memtable_bytes`,
		`coredns_pdnscollect_flush_duration_seconds_count`,
		`coredns_pdnscollect_runs`,
		`coredns_pdnsquery_queries_total{`,
		`coredns_pdnsquery_duration_seconds_count{`,
	} {
		if !strings.Contains(text, "\n"+want) {
			t.Errorf("no %s among\n%s", want, strings.Join(regexp.MustCompile(`(?m)^# TYPE coredns_pdns.*$`).FindAllString(text, -1), "\n"))
		}
	}
	base := regexp.MustCompile(`^coredns_pdns(collect|query)_[a-z_]+$`)
	for _, m := range regexp.MustCompile(`(?m)^# TYPE (coredns_pdns\S+) (\w+)$`).FindAllStringSubmatch(text, -1) {
		if !base.MatchString(m[1]) || (m[2] == "counter") != strings.HasSuffix(m[1], "_total") {
			t.Errorf("%s %s is not named as CoreDNS names metrics", m[2], m[1])
		}
	}
}

func get(t *testing.T, url string) string {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", url, r.Status, err)
	}
	return string(body)
}

// TestCommandBesideTheServer looks up with pdns while CoreDNS records.
func TestCommandBesideTheServer(t *testing.T) {
	w := newWorld(t)
	w.dig("A", "chain.plain.test")
	lab.Wait(t, "a flush", func() bool {
		cmd := exec.Command(binaries.PDNS, "lookup", "end.other.test", "--store", w.store)
		out, _ := cmd.Output() // exit 1 as long as nothing is found
		return strings.Contains(string(out), "198.51.100.2")
	})
	snapshot := filepath.Join(w.dir, "online.pdns")
	w.pdns("export", "--snapshot", snapshot)
	if out := w.pdns("lookup", "198.51.100.1", "--rdata", "--store", snapshot); !strings.Contains(out, "end.other.test.") {
		t.Errorf("the snapshot taken beside the server:\n%s", out)
	}
	w.pdns("verify", "--store", snapshot)
	w.pdns("verify")
}

// TestPrivacyThroughDig asks as dig can, from other addresses, with a subnet, a
// cookie and NSID; test/process searches every byte for more.
func TestPrivacyThroughDig(t *testing.T) {
	w := newWorld(t)
	w.dig("-b", "127.99.88.77", "+subnet=203.0.113.99/32", "+cookie=f00dfacecafe0123", "+nsid", "A", "chain.plain.test")
	w.coredns.Stop()
	traces := []string{"\x7f\x63\x58\x4d", "127.99.88.77", "\xcb\x00\x71\x63", "203.0.113.99", "\xf0\x0d\xfa\xce", "f00dface"}
	err := filepath.Walk(w.store, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		for _, trace := range traces {
			if strings.Contains(string(content), trace) {
				t.Errorf("%s holds %q", path, trace)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if out := w.pdns("lookup", "chain.plain.test"); !strings.Contains(out, "hop.other.test.") {
		t.Errorf("the answer itself is missing:\n%s", out)
	}
}

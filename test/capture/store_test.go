package capture

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"example.org/pdns/test/lab"
)

// TestStore: what passes the interface is in the store, once, and nothing of who
// asked is.
func TestStore(t *testing.T) {
	w := newWire(t, world)
	dir := publicDir(t)
	store := filepath.Join(dir, "store")
	p := start(t, dir, "-w", "store")
	unprivileged(t, p, nobody, nobody)
	w.ask(t)
	inject(t, "tagged.example.com.", true)
	inject(t, "forged.example.com.", false)
	injectStream(t, "forged.example.com.")
	said := stop(t, p)
	for _, words := range []string{"works as user nobody", " messages, ", " RRsets, 0 dropped by the kernel", "3 with responses to no query that was seen"} {
		if !strings.Contains(said, words) {
			t.Errorf("it does not say %q", words)
		}
	}
	got := export(t, store)
	want := map[string]uint64{
		"www.example.com. CNAME": 1, "web.example.net. A": 1, "six.example.com. AAAA": 1, "stream.example.com. A": 1,
		"large.example.com. TXT": 1, "large6.example.com. TXT": 1, "nowhere.example.com. NXDOMAIN": 1, "example.com. SOA": 1,
		strings.ToLower(marker) + ".example.com. A": 2, "tagged.example.com. A": 1,
	}
	if !maps.Equal(got, want) {
		t.Errorf("the store holds %v\nwant %v", got, want)
	}
	if !traces(t).SearchStore(t, store, []byte(strings.ToLower(marker))) {
		t.Error("the search does not even find the name that is there")
	}
}

// TestIncoming: with --incoming the resolver's side of a wire tells of responses, the
// server's of none, whatever they come in.
func TestIncoming(t *testing.T) {
	w := newWire(t, world)
	dir := publicDir(t)
	server := start(t, dir, "-w", "server", "--incoming")
	resolver := run(t, "veth1", dir, "nsenter", "--net="+w.client, binaries.PDNS, "capture", "-i", "veth1", "-w", "resolver", "--incoming")
	w.ask(t)
	stop(t, server)
	stop(t, resolver)
	if got := export(t, filepath.Join(dir, "server")); len(got) > 0 {
		t.Errorf("the server's side holds %v", got)
	}
	got := export(t, filepath.Join(dir, "resolver"))
	for _, key := range []string{"www.example.com. CNAME", "six.example.com. AAAA", "stream.example.com. A", "large.example.com. TXT", "large6.example.com. TXT"} {
		if got[key] != 1 {
			t.Errorf("the resolver's side holds %v", got)
		}
	}
}

// TestKeep: what was not seen for longer than a capture is told to keep, is forgotten.
func TestKeep(t *testing.T) {
	newWire(t, world)
	dir := publicDir(t)
	old, store := filepath.Join(dir, "old.json"), filepath.Join(dir, "store")
	record := `{"rrname":"old.example.","rrtype":"A","rdata":["192.0.2.1"],"count":1,"time_first":1564617600,"time_last":1564617600}`
	if err := os.WriteFile(old, []byte(record+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, stderr, code := pdnsAs(&syscall.Credential{Uid: nobody, Gid: nobody}, "import", old, "--store", store); code != 0 {
		t.Fatalf("import: exit %d\n%s", code, stderr)
	}
	if got := export(t, store); got["old.example. A"] != 1 {
		t.Errorf("the store holds %v", got)
	}
	p := start(t, dir, "-w", "store", "--keep", "400d")
	lab.Wait(t, "an empty store", func() bool { return len(export(t, store)) == 0 })
	stop(t, p)
}

// TestLoopback: a loopback interface, where each packet passes twice, is seen once.
func TestLoopback(t *testing.T) {
	newWire(t, world)
	dir := publicDir(t)
	p := startOn(t, "lo", dir, "-w", "store", "--unmatched")
	for _, args := range []string{"+notcp", "+tcp"} {
		if out, err := exec.Command("dig", "@"+server4, args, "www.example.com", "A").CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if out, err := exec.Command("dig", "@"+server6, args, "six.example.com", "AAAA").CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	stop(t, p)
	want := map[string]uint64{"www.example.com. CNAME": 2, "web.example.net. A": 2, "six.example.com. AAAA": 2}
	if got := export(t, filepath.Join(dir, "store")); !maps.Equal(got, want) {
		t.Errorf("the store holds %v\nwant %v", got, want)
	}
}

// export is how often each RRset was seen.
func export(t *testing.T, store string) map[string]uint64 {
	t.Helper()
	out, stderr, code := pdns("export", "--json", "--store", store)
	if code != 0 {
		t.Fatalf("export: exit %d\n%s", code, stderr)
	}
	counts := map[string]uint64{}
	for _, r := range lab.Records(t, out) {
		counts[r.Owner+" "+r.Type] += r.Count
	}
	if out, stderr, code := pdns("verify", "--store", store); code != 0 {
		t.Errorf("verify: exit %d\n%s%s", code, out, stderr)
	}
	return counts
}

// TestInterfaceGone: a capture whose interface is removed ends, with all that it
// has seen in the store.
func TestInterfaceGone(t *testing.T) {
	w := newWire(t, world)
	dir := publicDir(t)
	p := start(t, dir, "-w", "store")
	w.dig(t, server4, "www.example.com A", "192.0.2.2")
	ip(t, "link set "+iface+" down")
	ip(t, "link set "+iface+" up")
	w.dig(t, server4, "+tcp stream.example.com A", "192.0.2.3")
	ip(t, "link delete "+iface)
	lab.Wait(t, "its end", func() bool { return !p.Alive() })
	if code := p.ExitCode(); code != 2 || !strings.Contains(p.Output(), "error: packet ") {
		t.Errorf("exit %d", code)
	}
	if got := export(t, filepath.Join(dir, "store")); got["web.example.net. A"] != 1 || got["stream.example.com. A"] != 1 {
		t.Errorf("the store holds %v", got)
	}
}

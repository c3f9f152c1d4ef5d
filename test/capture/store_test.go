package capture

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
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
	unprivileged(t, p)
	w.ask(t)
	inject(t, "tagged.example.com.", true)
	inject(t, "forged.example.com.", false)
	said := stop(t, p)
	for _, words := range []string{"works as user nobody", " messages, ", " RRsets, 0 dropped by the kernel", "1 unasked"} {
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

// unprivileged checks every thread of a process.
func unprivileged(t *testing.T, p *lab.Process) {
	t.Helper()
	files, _ := filepath.Glob("/proc/" + strconv.Itoa(p.PID()) + "/task/*/status")
	if len(files) == 0 {
		t.Fatal("no threads")
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			continue // a thread that has ended
		}
		fields := map[string]string{}
		for line := range strings.Lines(string(text)) {
			name, value, _ := strings.Cut(line, ":")
			fields[name] = strings.Join(strings.Fields(value), " ")
		}
		const nobody = "65534 65534 65534 65534"
		if fields["Uid"] != nobody || fields["Gid"] != nobody || fields["Groups"] != "" && fields["Groups"] != "65534" ||
			strings.Trim(fields["CapPrm"]+fields["CapEff"], "0") != "" || fields["NoNewPrivs"] != "1" {
			t.Errorf("%s: %v", f, fields)
		}
	}
}

package capture

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"example.org/pdns/test/lab"
)

// unprivileged checks every thread of a process.
func unprivileged(t *testing.T, p *lab.Process, uid, gid int) {
	t.Helper()
	files, _ := filepath.Glob("/proc/" + strconv.Itoa(p.PID()) + "/task/*/status")
	if len(files) == 0 {
		t.Fatal("no threads")
	}
	want := map[string]string{"Uid": fmt.Sprint(uid, uid, uid, uid), "Gid": fmt.Sprint(gid, gid, gid, gid), "NoNewPrivs": "1"}
	for _, set := range []string{"CapInh", "CapPrm", "CapEff", "CapAmb"} {
		want[set] = "0000000000000000"
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
		for name, value := range want {
			if fields[name] != value {
				t.Errorf("%s: %s is %q, want %q", f, name, fields[name], value)
			}
		}
		if fields["Groups"] != "" && fields["Groups"] != strconv.Itoa(gid) {
			t.Errorf("%s: groups %s", f, fields["Groups"])
		}
	}
}

// TestOwner: it works as whom the store's directory belongs to, who needs no name.
func TestOwner(t *testing.T) {
	newWire(t, world)
	dir := publicDir(t)
	store := ownedDir(t, filepath.Join(dir, "store"), 0o700, 1234, 4321)
	p := start(t, dir, "--store", store)
	unprivileged(t, p, 1234, 4321)
	if said := stop(t, p); !strings.Contains(said, "works as user 1234") {
		t.Errorf("it says\n%s", said)
	}
}

// TestFileCapability: who is not root, and has the right from the file of the
// program, gives it up too.
func TestFileCapability(t *testing.T) {
	w := newWire(t, world)
	dir := publicDir(t)
	own(t, dir, 0o755, 1234, 1234)
	p := run(t, iface, dir, "setpriv", "--reuid=1234", "--regid=1234", "--clear-groups", capable(t, dir), "capture", "-i", iface, "-w", "store")
	unprivileged(t, p, 1234, 1234)
	w.dig(t, server4, "www.example.com A", "192.0.2.2")
	stop(t, p)
	if got := export(t, filepath.Join(dir, "store")); got["web.example.net. A"] != 1 {
		t.Errorf("the store holds %v", got)
	}
}

// capable is a copy of the program as setcap cap_net_raw+ep leaves it.
func capable(t *testing.T, dir string) string {
	t.Helper()
	program, err := os.ReadFile(binaries.PDNS)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "pdns")
	if err := os.WriteFile(path, program, 0o755); err != nil {
		t.Fatal(err)
	}
	const revision2, effective = 0x02000000, 1 // vfs_cap_data in linux/capability.h
	var rights bytes.Buffer
	for _, word := range []uint32{revision2 | effective, 1 << unix.CAP_NET_RAW, 0, 0, 0} {
		binary.Write(&rights, binary.LittleEndian, word)
	}
	if err := unix.Setxattr(path, "security.capability", rights.Bytes(), 0); err != nil {
		t.Fatal(err)
	}
	return path
}

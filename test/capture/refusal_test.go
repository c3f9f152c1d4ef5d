package capture

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"example.org/pdns/test/lab"
)

// pdns runs the command to its end.
func pdns(args ...string) (stdout, stderr string, code int) { return pdnsAs(nil, args...) }

func pdnsAs(who *syscall.Credential, args ...string) (stdout, stderr string, code int) {
	var out, errs strings.Builder
	cmd := exec.Command(binaries.PDNS, args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: who}
	if err := cmd.Run(); cmd.ProcessState == nil {
		return "", err.Error(), -1
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// TestRefusals: what cannot work is said before anything is captured, with what to
// do about it.
func TestRefusals(t *testing.T) {
	newWire(t, world)
	dir := publicDir(t)
	ours, closed := filepath.Join(dir, "ours"), filepath.Join(dir, "closed")
	for path, uid := range map[string]int{ours: 0, closed: 1234} {
		if err := os.Mkdir(path, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(path, uid, uid); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name string
		who  *syscall.Credential
		args []string
		want []string
	}{
		{"root's directory", nil, []string{"-i", iface, "-w", ours},
			[]string{"error: " + ours + " belongs to root", "hint: chown -R USER " + ours + ", or --user root"}},
		{"another's directory", nil, []string{"-i", iface, "-w", closed, "--user", "nobody"},
			[]string{"permission denied", "hint: pdns works as user nobody now: chown -R nobody " + closed}},
		{"no such user", nil, []string{"-i", iface, "-w", closed, "--user", "nemo"}, []string{"error: --user nemo: no such user"}},
		{"no such interface", nil, []string{"-i", "eth99", "-w", closed}, []string{"error: interface eth99", "hint: ip -br link"}},
		{"not root", &syscall.Credential{Uid: 1234, Gid: 1234}, []string{"-i", iface, "-w", closed},
			[]string{"error: interface " + iface, "hint: run it as root", "setcap cap_net_raw+ep"}},
		{"not root, somebody else", &syscall.Credential{Uid: 1234, Gid: 1234}, []string{"-i", iface, "-w", closed, "--user", "nobody"},
			[]string{"error: --user: only root can become somebody else"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, stderr, code := pdnsAs(c.who, append([]string{"capture"}, c.args...)...)
			if code != 2 {
				t.Errorf("exit %d", code)
			}
			for _, want := range c.want {
				if !strings.Contains(stderr, want) {
					t.Errorf("no %q in\n%s", want, stderr)
				}
			}
		})
	}
}

// TestOwner: it works as whom the store's directory belongs to, who needs no name.
func TestOwner(t *testing.T) {
	newWire(t, world)
	dir := publicDir(t)
	store := filepath.Join(dir, "store")
	if err := os.Mkdir(store, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(store, 1234, 1234); err != nil {
		t.Fatal(err)
	}
	if said := stop(t, start(t, dir, "--store", store)); !strings.Contains(said, "works as user 1234") {
		t.Errorf("it says\n%s", said)
	}
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

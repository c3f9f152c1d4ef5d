package capture

import (
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
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
	ours := ownedDir(t, filepath.Join(dir, "ours"), 0o700, 0, 0)
	closed := ownedDir(t, filepath.Join(dir, "closed"), 0o700, 1234, 1234)
	nameless := ownedDir(t, filepath.Join(dir, "nameless"), 0o700, 1234, 0)
	for _, c := range []struct {
		name string
		who  *syscall.Credential
		args []string
		want []string
	}{
		{"root's directory", nil, []string{"-i", iface, "-w", ours},
			[]string{"error: " + ours + " belongs to root", "hint: chown -R USER " + ours + ", or --user root"}},
		{"a new one in root's directory", nil, []string{"-i", iface, "-w", ours + "/new"},
			[]string{"error: " + ours + "/new does not exist, and root does not make it for others", "hint: make it for the user", "install -d -m 700 -o USER " + ours + "/new"}},
		{"a new one in another's directory", nil, []string{"-i", iface, "-w", closed + "/new", "--user", "nobody"},
			[]string{"permission denied", "hint: pdns works as user nobody now: ", closed + "/new"}},
		{"an owner without a name or a group", nil, []string{"-i", iface, "-w", nameless},
			[]string{"error: " + nameless + " belongs to user 1234, who has no name, and to the group of root", "hint: chgrp GROUP " + nameless}},
		{"another's directory", nil, []string{"-i", iface, "-w", closed, "--user", "nobody"},
			[]string{"permission denied", "hint: pdns works as user nobody now: chown -R nobody " + closed}},
		{"no such user", nil, []string{"-i", iface, "-w", closed, "--user", "nemo"}, []string{"error: --user nemo: no such user"}},
		{"no such interface", nil, []string{"-i", "eth99", "-w", closed}, []string{"error: interface eth99: no such interface", "hint: ip -br link lists the interfaces"}},
		{"all interfaces", nil, []string{"-i", "any", "-w", closed},
			[]string{"error: interface any: no such interface", "hint: one capture listens to one interface, by its name"}},
		{"not root", &syscall.Credential{Uid: 1234, Gid: 1234}, []string{"-i", iface, "-w", closed},
			[]string{"error: interface " + iface + ": no right to listen", "hint: run it as root", "setcap cap_net_raw+ep"}},
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

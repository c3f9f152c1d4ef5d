package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"example.org/pdns/plugin/pkg/rrset"
)

// unprivileged runs the command as a user to whom the rights of others matter,
// where the test itself runs as root, and returns what it says. No other test
// sees that: the thread that changes ends with it.
func unprivileged(args ...string) (exit int, said string) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		if os.Geteuid() == 0 {
			runtime.LockOSThread()
			syscall.Setfsuid(65534)
		}
		var out bytes.Buffer
		p := &program{in: strings.NewReader(""), out: &out, err: &out}
		root := newRoot(p)
		root.SetArgs(args)
		exit = p.end(root.ExecuteContext(context.Background()))
		said = out.String()
	}()
	<-done
	return exit, said
}

// TestRefused: who may not read or write a store is told whose it is, and what
// to do.
func TestRefused(t *testing.T) {
	above := t.TempDir()
	if err := errors.Join(os.Chmod(filepath.Dir(above), 0o711), os.Chmod(above, 0o711)); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(above, "store")
	p := &program{store: dir}
	s, err := p.writable()
	if err != nil {
		t.Fatal(err)
	}
	r := &rrset.RRset{Owner: rrset.MustName("nx.example"), Type: rrset.TypeNXDOMAIN, Figures: rrset.Figures{Count: 1}}
	if err := errors.Join(s.Add(r), s.Close()); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(dir, 0o700)
	owner, err := ownerName(dir)
	if err != nil {
		t.Fatal(err)
	}
	hint := " belongs to " + owner + ": run pdns as that user"
	wantRefused := func(command, want string) {
		t.Helper()
		exit, said := unprivileged(append(strings.Fields(command), "--store", dir)...)
		if exit != int(wentWrong) || !strings.Contains(said, "permission denied\n") || !strings.Contains(said, want) {
			t.Errorf("%s: exit code %d, %s: want %q", command, exit, said, want)
		}
	}
	for _, command := range []string{"stat", "lookup www.example.com", "export", "verify"} {
		wantRefused(command, "pdns: hint: "+dir+hint+", or ask a snapshot")
	}
	wantRefused("merge", "pdns: hint: "+dir+hint+", or name another store")

	// A run that belongs to somebody else, in a store that does not.
	run := filepath.Join(dir, "00000001.run")
	if err := errors.Join(os.Chmod(dir, 0o755), os.Chmod(filepath.Join(dir, "MANIFEST"), 0o644), os.Chmod(run, 0)); err != nil {
		t.Fatal(err)
	}
	wantRefused("lookup nx.example --type NXDOMAIN", "pdns: hint: "+run+hint)
}

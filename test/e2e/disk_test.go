package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"example.org/pdns/test/lab"
)

// TestReadOnly: where the directory cannot be written the resolver answers all
// the same, says what is wrong, and what is stored can be asked for.
func TestReadOnly(t *testing.T) {
	s := lab.NewSite(t, binaries)
	server := s.Start()
	s.Resolve(server, "example.com", 0, 5)
	server.Stop()
	readOnly(t, s.Store)
	server = s.Start()
	s.Resolve(server, "example.com", 5, 5)
	lab.Wait(t, "a word about the read-only file system", func() bool { return strings.Contains(server.Output(), s.Store) })
	if got := len(s.Seen()); got != 5 {
		t.Errorf("%d names of 5 can be read", got)
	}
	server.Stop()
	s.Whole()
}

// TestFullDisk: the resolver keeps answering, says what is wrong, and loses
// nothing that was on disk; when there is room again it goes on.
func TestFullDisk(t *testing.T) {
	s := lab.NewSite(t, binaries)
	disk := filepath.Join(s.Dir, "disk")
	mountSmall(t, disk, "2m")
	s.Store = filepath.Join(disk, "store")
	server := s.Start()
	s.Resolve(server, "example.com", 0, 20)
	lab.Wait(t, "twenty names on disk", func() bool { return len(s.Seen()) == 20 })
	ballast := fill(t, disk)
	s.Resolve(server, "example.com", 20, 200)
	lab.Wait(t, "a word about the full disk", func() bool { return strings.Contains(server.Output(), "no space left") })
	s.Resolve(server, "example.com", 220, 20)
	if got := len(s.Seen()); got < 20 {
		t.Errorf("%d names are left of 20 that were on disk", got)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	lab.Wait(t, "all names on disk", func() bool { return len(s.Seen()) == 240 })
	server.Stop()
	s.Whole()
}

// fill takes what is left of a disk and returns the file that holds it.
func fill(t *testing.T, disk string) string {
	t.Helper()
	name := filepath.Join(disk, "ballast")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	block := make([]byte, 4096)
	for err == nil {
		_, err = f.Write(block)
	}
	return name
}

// mountSmall mounts a file system of a size at dir. Only root may; everybody
// else is root in name spaces of his own, by "unshare -rm".
func mountSmall(t *testing.T, dir, size string) {
	t.Helper()
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	mount(t, "-t", "tmpfs", "-o", "size="+size, "tmpfs", dir)
	t.Cleanup(func() { unmount(t, dir) })
}

// readOnly mounts dir over itself, read-only: permissions do not stop root.
func readOnly(t *testing.T, dir string) {
	t.Helper()
	mount(t, "--bind", dir, dir)
	t.Cleanup(func() { unmount(t, dir) })
	mount(t, "-o", "remount,bind,ro", dir)
}

func mount(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.Command("mount", args...).CombinedOutput(); err != nil {
		t.Fatalf("mount %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

func unmount(t *testing.T, dir string) {
	if out, err := exec.Command("umount", dir).CombinedOutput(); err != nil {
		t.Errorf("umount %s: %v\n%s", dir, err, out)
	}
}

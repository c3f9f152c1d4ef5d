package store_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"example.org/pdns/plugin/pkg/store"
)

// Names the kind of file system, and the store, to a child of TestFileSystem.
const (
	probeKind = "PDNS_TEST_PROBE_KIND"
	probeDir  = "PDNS_TEST_PROBE_DIR"
)

// fileSystems are kinds of file systems that a filter of system calls makes of any:
// calls that end with an errno without being made.
var fileSystems = map[string]struct {
	calls []uint32
	errno uint32
	want  string // of the error
}{
	"sound":     {},
	"no locks":  {[]uint32{unix.SYS_FLOCK}, 0, "locked (flock) twice at once"},
	"no rename": {[]uint32{unix.SYS_RENAMEAT, unix.SYS_RENAMEAT2}, uint32(unix.EEXIST), "does not replace a file by renaming another"},
}

// TestFileSystem: a directory where a store would be lost one day is refused, and
// the error says why.
func TestFileSystem(t *testing.T) {
	if kind := os.Getenv(probeKind); kind != "" {
		pretend(t, fileSystems[kind].calls, fileSystems[kind].errno)
		s, err := store.Open(os.Getenv(probeDir), store.Options{})
		must(t, err)
		must(t, s.Close())
		return
	}
	for kind, fs := range fileSystems {
		t.Run(kind, func(t *testing.T) {
			dir := t.TempDir()
			must(t, open(t, dir, store.Options{}).Close())
			cmd := exec.Command(os.Args[0], "-test.run=^TestFileSystem$")
			cmd.Env = append(os.Environ(), probeKind+"="+kind, probeDir+"="+dir)
			out, err := cmd.CombinedOutput()
			if refused := err != nil; refused != (fs.want != "") || !strings.Contains(string(out), fs.want) {
				t.Errorf("%v: want %q in\n%s", err, fs.want, out)
			}
			must(t, open(t, dir, store.Options{}).Close())
			intact(t, dir)
		})
	}
}

// pretend has system calls of this process, from here on, end with an errno.
func pretend(t *testing.T, calls []uint32, errno uint32) {
	t.Helper()
	const number = 0 // offset in what a filter is given
	filter := []unix.SockFilter{{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: number}}
	for _, c := range calls {
		filter = append(filter,
			unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, Jf: 1, K: c},
			unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ERRNO | errno})
	}
	filter = append(filter, unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW})
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	must(t, unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
	_, _, failed := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&program)))
	if failed != 0 {
		t.Fatal(failed)
	}
}

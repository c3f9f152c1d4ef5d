//go:build linux && (amd64 || arm64)

package tracer

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// calls are the system calls at which a program stops, by number: all by which
// a program in Go may change a file, and those by which it finds one. Those that no
// Op can tell are there so that they are noticed.
var calls = map[uint64]string{
	unix.SYS_OPENAT:    "openat",
	unix.SYS_MKDIRAT:   "mkdirat",
	unix.SYS_RENAMEAT:  "renameat",
	unix.SYS_RENAMEAT2: "renameat2",
	unix.SYS_LINKAT:    "linkat",
	unix.SYS_UNLINKAT:  "unlinkat",
	unix.SYS_WRITE:     "write",
	unix.SYS_PWRITE64:  "pwrite64",
	unix.SYS_FSYNC:     "fsync",
	unix.SYS_FDATASYNC: "fdatasync",
	unix.SYS_FTRUNCATE: "ftruncate",
	unix.SYS_MMAP:      "mmap",
	sysStat:            "stat",

	unix.SYS_WRITEV:          "writev",
	unix.SYS_PWRITEV:         "pwritev",
	unix.SYS_FALLOCATE:       "fallocate",
	unix.SYS_COPY_FILE_RANGE: "copy_file_range",
	unix.SYS_SENDFILE:        "sendfile",
	unix.SYS_MSYNC:           "msync",
	unix.SYS_SYMLINKAT:       "symlinkat",
	unix.SYS_TRUNCATE:        "truncate",
}

// Offer is called by the program at its start: from here on it stops at the
// calls that the tracer looks at, and at no other. A filter of seccomp does
// that: stopping at each futex and each clock would take most of the time.
func Offer() error {
	filter := []unix.SockFilter{{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS}} // the call's number
	left := uint8(len(calls))
	for nr := range calls {
		filter = append(filter, unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, Jt: left, K: uint32(nr)})
		left--
	}
	filter = append(filter,
		unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW},
		unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_TRACE})
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	// Of all threads, those that run already too.
	_, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&program)))
	if errno != 0 {
		return errno
	}
	return nil
}

package main

import (
	"runtime"
	"unsafe"

	sys "golang.org/x/sys/unix"
)

// noNewPrivileges keeps the process, and what it may start, from ever getting
// privileges by executing a file (prctl(2), PR_SET_NO_NEW_PRIVS). That holds for one
// thread; a seccomp filter that is synchronised to all threads takes it along. The
// filter itself allows everything.
func noNewPrivileges() error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := sys.Prctl(sys.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	allow := []sys.SockFilter{{Code: sys.BPF_RET | sys.BPF_K, K: sys.SECCOMP_RET_ALLOW}}
	program := sys.SockFprog{Len: uint16(len(allow)), Filter: &allow[0]}
	_, _, errno := sys.Syscall(sys.SYS_SECCOMP, sys.SECCOMP_SET_MODE_FILTER, sys.SECCOMP_FILTER_FLAG_TSYNC,
		uintptr(unsafe.Pointer(&program)))
	if errno != 0 {
		return errno
	}
	return nil
}

//go:build linux

package tracer

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// prstatus is the set of general registers.
const prstatus = 1

// sysStat is the number of stat and lstat.
const sysStat = unix.SYS_FSTATAT

// setCall replaces the number of the system call that a thread is about to
// make; none is skipped. It has a register set of its own.
func setCall(tid int, nr uint64) error {
	n := uint32(nr)
	v := unix.Iovec{Base: (*byte)(unsafe.Pointer(&n)), Len: 4}
	_, _, errno := unix.Syscall6(unix.SYS_PTRACE, unix.PTRACE_SETREGSET, uintptr(tid), unix.NT_ARM_SYSTEM_CALL, uintptr(unsafe.Pointer(&v)), 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}

// setCount replaces the third argument.
func setCount(tid int, n uint64) error { return setReg(tid, 2, n) }

// setResult replaces what a system call that is over returns.
func setResult(tid int, v uint64) error { return setReg(tid, 0, v) }

func setReg(tid, i int, v uint64) error {
	var r unix.PtraceRegsArm64
	if err := unix.PtraceGetRegSetArm64(tid, prstatus, &r); err != nil {
		return err
	}
	r.Regs[i] = v
	return unix.PtraceSetRegSetArm64(tid, prstatus, &r)
}

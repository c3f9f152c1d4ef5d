//go:build linux

package tracer

import "golang.org/x/sys/unix"

// sysStat is the number of stat and lstat.
const sysStat = unix.SYS_NEWFSTATAT

// setCall replaces the number of the system call that a thread is about to
// make; none is skipped.
func setCall(tid int, nr uint64) error {
	return setRegs(tid, func(r *unix.PtraceRegs) { r.Orig_rax = nr })
}

// setCount replaces the third argument.
func setCount(tid int, n uint64) error {
	return setRegs(tid, func(r *unix.PtraceRegs) { r.Rdx = n })
}

// setResult replaces what a system call that is over returns.
func setResult(tid int, v uint64) error {
	return setRegs(tid, func(r *unix.PtraceRegs) { r.Rax = v })
}

func setRegs(tid int, change func(*unix.PtraceRegs)) error {
	var r unix.PtraceRegs
	if err := unix.PtraceGetRegs(tid, &r); err != nil {
		return err
	}
	change(&r)
	return unix.PtraceSetRegs(tid, &r)
}

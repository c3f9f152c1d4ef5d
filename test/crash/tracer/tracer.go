//go:build linux && (amd64 || arm64)

package tracer

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// A Watcher decides about and hears of operations. They come one at a time: the
// next begins when the last is over, whatever threads the program has.
type Watcher struct {
	Before func(*Op) Verdict // nil lets all pass
	After  func(*Op)         // nil hears nothing; not called for what a kill prevented
}

// A tracer follows one program.
type tracer struct {
	Watcher
	root    string
	process int
	memory  *os.File // of the program
}

// Run runs a program that calls Offer to its end and returns how that was. The
// root is an absolute path without links. What the program writes to standard
// output goes to the watcher. The error matches os.ErrPermission where tracing
// is not allowed.
func Run(cmd *exec.Cmd, root string, w Watcher) (unix.WaitStatus, error) {
	// The kernel takes the thread that started the program for its tracer.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd.SysProcAttr = &syscall.SysProcAttr{Ptrace: true}
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	defer cmd.Process.Release()
	t := &tracer{Watcher: w, root: root, process: cmd.Process.Pid}
	status, err := t.follow()
	if err != nil {
		unix.Kill(t.process, unix.SIGKILL)
		t.wait(t.process)
	}
	return status, err
}

// follow is the life of the program, from its first instruction.
func (t *tracer) follow() (unix.WaitStatus, error) {
	if _, status, err := t.wait(t.process); err != nil || !status.Stopped() {
		return status, fmt.Errorf("the program did not stop at its start: %v, %w", status, err)
	}
	// Threads are followed, and die with us.
	options := unix.PTRACE_O_TRACECLONE | unix.PTRACE_O_TRACESECCOMP | unix.PTRACE_O_TRACESYSGOOD | unix.PTRACE_O_EXITKILL
	if err := unix.PtraceSetOptions(t.process, options); err != nil {
		return 0, err
	}
	var err error
	if t.memory, err = os.Open(fmt.Sprintf("/proc/%d/mem", t.process)); err != nil {
		return 0, err
	}
	defer t.memory.Close()
	if err := unix.PtraceCont(t.process, 0); err != nil {
		return 0, err
	}
	for {
		tid, status, err := t.wait(-1)
		switch {
		case err != nil:
			return 0, err
		case status.Stopped():
			if err := t.stopped(tid, status); err != nil && !errors.Is(err, unix.ESRCH) {
				return 0, err // ESRCH: the thread was killed meanwhile
			}
		case tid == t.process:
			return status, nil
		}
	}
}

// wait waits for a thread of the program, -1 for any. It takes no child away
// from others in this process.
func (t *tracer) wait(tid int) (int, unix.WaitStatus, error) {
	for {
		var status unix.WaitStatus
		got, err := unix.Wait4(tid, &status, unix.WALL|unix.WNOTHREAD, nil)
		if err != unix.EINTR {
			return got, status, err
		}
	}
}

// stopped lets a thread go on that stopped for any reason.
func (t *tracer) stopped(tid int, status unix.WaitStatus) error {
	switch s := status.StopSignal(); {
	case s == unix.SIGTRAP && status.TrapCause() == unix.PTRACE_EVENT_SECCOMP:
		return t.call(tid)
	case s == unix.SIGTRAP, s == unix.SIGSTOP: // an event of ours; a thread's beginning
		return unix.PtraceCont(tid, 0)
	default:
		return unix.PtraceCont(tid, int(s))
	}
}

// call carries a thread through the system call that it is about to make.
func (t *tracer) call(tid int) error {
	info, err := callInfo(tid)
	if err != nil {
		return err
	}
	op, err := t.describe(tid, info)
	if err != nil || op == nil {
		return errors.Join(err, unix.PtraceCont(tid, 0))
	}
	var v Verdict
	if t.Before != nil {
		v = t.Before(op)
	}
	switch {
	case v.Kill:
		return unix.Kill(t.process, unix.SIGKILL)
	case v.Fail != 0:
		err = setCall(tid, ^uint64(0))
	case v.Cut > 0:
		err = setCount(tid, uint64(v.Cut))
	}
	if err != nil {
		return err
	}
	if err := t.finish(tid); err != nil {
		return err
	}
	return t.over(tid, op, v, info)
}

// finish lets a thread make its system call and returns when that is over.
func (t *tracer) finish(tid int) error {
	signal := 0
	for {
		if err := unix.PtraceSyscall(tid, signal); err != nil {
			return err
		}
		_, status, err := t.wait(tid)
		switch {
		case err != nil:
			return err
		case !status.Stopped():
			return unix.ESRCH
		case status.StopSignal() == unix.SIGTRAP|0x80: // see PTRACE_O_TRACESYSGOOD
			return nil
		}
		signal = int(status.StopSignal())
	}
}

// over puts in the result that a verdict asks for, tells the watcher and lets the
// thread go on.
func (t *tracer) over(tid int, op *Op, v Verdict, entry *info) error {
	if v.Fail != 0 {
		if err := setResult(tid, -uint64(v.Fail)); err != nil {
			return err
		}
	}
	if v.Cut > 0 {
		if err := setCount(tid, entry.args[2]); err != nil {
			return err
		}
	}
	exit, err := callInfo(tid)
	if err != nil {
		return err
	}
	switch result := int64(exit.nr); { // what comes first at an exit
	case result < 0:
		op.Err = syscall.Errno(-result)
	case op.Data != nil:
		op.Data = op.Data[:min(result, int64(len(op.Data)))]
	}
	if t.After != nil {
		t.After(op)
	}
	return unix.PtraceCont(tid, 0)
}

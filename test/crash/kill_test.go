//go:build linux && (amd64 || arm64)

package crash

import (
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"example.org/pdns/test/crash/script"
	"example.org/pdns/test/crash/tracer"
)

// changes reports whether an operation changes what is on disk. To be killed
// before another is to be killed before the next of these.
func changes(op *tracer.Op) bool {
	switch op.Call {
	case "openat":
		return op.Flags&(os.O_CREATE|os.O_TRUNC) != 0
	case "mmap", "stat", "fsync", "fdatasync":
		return false
	}
	return true
}

// TestKill ends the program, as kill -9 does, before each of its operations.
func TestKill(t *testing.T) {
	for _, name := range scripts() {
		t.Run(name, func(t *testing.T) {
			eachPoint(t, name, changes, func(t *testing.T, p point) bool { return killAt(t, name, p) })
		})
	}
}

func killAt(t *testing.T, name string, at point) (reached bool) {
	root := newStart(t, name)
	count := counter{}
	o := trace(t, name, root, func(op *tracer.Op, _ *script.Promise) tracer.Verdict {
		reached = reached || count.point(op) == at
		return tracer.Verdict{Kill: reached}
	}, nil)
	if !reached {
		return false
	}
	if !o.status.Signaled() || o.status.Signal() != unix.SIGKILL {
		t.Fatalf("status %#x\n%s", o.status, o.stderr)
	}
	if len(o.promise.Errors) > 0 {
		t.Errorf("errors before: %s", strings.Join(o.promise.Errors, "\n"))
	}
	if err := o.promise.Check(root); err != nil {
		t.Errorf("with %+v: %v", o.promise, err)
	}
	return true
}

//go:build linux && (amd64 || arm64)

package tracer

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// info is the kernel's struct ptrace_syscall_info at the entry of a call.
type info struct {
	op   uint8
	_    [3]byte
	arch uint32
	ip   uint64
	sp   uint64
	nr   uint64 // at the exit: the result
	args [6]uint64
	_    uint64
}

func callInfo(tid int) (*info, error) {
	i := new(info)
	_, _, errno := unix.Syscall6(unix.SYS_PTRACE, unix.PTRACE_GET_SYSCALL_INFO, uintptr(tid), unsafe.Sizeof(*i), uintptr(unsafe.Pointer(i)), 0, 0)
	if errno != 0 {
		return nil, errno
	}
	return i, nil
}

// describe makes an Op of what a thread is about to do; nil if that is nothing
// below the root.
func (t *tracer) describe(tid int, i *info) (*Op, error) {
	op := &Op{Call: calls[i.nr]}
	var err error
	switch op.Call {
	case "openat", "stat", "mkdirat", "unlinkat", "linkat", "renameat", "renameat2":
		err = t.describeNames(op, tid, i)
	case "mmap":
		if fd := int32(i.args[4]); fd >= 0 {
			op.Flags, op.Shared = int(i.args[2]), i.args[3]&unix.MAP_SHARED != 0
			err = t.describeFile(op, tid, uint64(fd))
		}
	case "msync", "symlinkat", "truncate":
		err = t.unknown(op)
	case "write":
		if i.args[0] == 1 {
			op.Data, err = t.read(i.args[1], i.args[2])
			return op, err
		}
		fallthrough
	default:
		err = t.describeWrite(op, tid, i)
	}
	if err != nil || op.Path == "" {
		return nil, err
	}
	return op, nil
}

// unknown is for what no Op can tell: a program that does it is not understood.
func (t *tracer) unknown(op *Op) error {
	return fmt.Errorf("the program calls %s, which this tracer cannot follow", op.Call)
}

func (t *tracer) describeNames(op *Op, tid int, i *info) (err error) {
	if op.Path, err = t.name(tid, i.args[0], i.args[1]); err != nil {
		return err
	}
	switch op.Call {
	case "openat":
		op.Flags = int(i.args[2])
	case "linkat", "renameat", "renameat2":
		op.Call = strings.TrimSuffix(op.Call, "2")
		op.To, err = t.name(tid, i.args[2], i.args[3])
	}
	return err
}

// name is the path, from the root, of a name in an open directory.
func (t *tracer) name(tid int, dir, address uint64) (string, error) {
	b := make([]byte, unix.PathMax)
	// The page behind the name may not be there.
	n, err := t.memory.ReadAt(b, int64(address))
	name, _, whole := bytes.Cut(b[:n], []byte{0})
	if !whole {
		return "", err
	}
	path := string(name)
	if !filepath.IsAbs(path) {
		link := fmt.Sprintf("/proc/%d/cwd", tid)
		if int32(dir) != unix.AT_FDCWD {
			link = fmt.Sprintf("/proc/%d/fd/%d", tid, int32(dir))
		}
		in, err := os.Readlink(link)
		if err != nil {
			return "", nil // the call will find it is no directory
		}
		path = filepath.Join(in, path)
	}
	return t.below(path), nil
}

// below is a path from the root; empty if it leads elsewhere.
func (t *tracer) below(path string) string {
	if rel, err := filepath.Rel(t.root, path); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	return ""
}

// describeFile says which file a descriptor stands for.
func (t *tracer) describeFile(op *Op, tid int, fd uint64) error {
	path, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%d", tid, int32(fd)))
	if err != nil {
		return nil // not open: the call will say so
	}
	path, op.Gone = strings.CutSuffix(path, " (deleted)")
	op.Path = t.below(path)
	return nil
}

func (t *tracer) describeWrite(op *Op, tid int, i *info) error {
	fd := i.args[0]
	if err := t.describeFile(op, tid, fd); err != nil || op.Path == "" {
		return err
	}
	var err error
	switch op.Call {
	case "fsync", "fdatasync":
	case "ftruncate":
		op.Size = int64(i.args[1])
	case "pwrite64":
		op.Offset = int64(i.args[3])
		op.Data, err = t.read(i.args[1], i.args[2])
	case "write":
		if op.Offset, err = position(tid, fd); err == nil {
			op.Data, err = t.read(i.args[1], i.args[2])
		}
	default:
		err = t.unknown(op)
	}
	return err
}

func (t *tracer) read(address, n uint64) ([]byte, error) {
	b := make([]byte, n)
	_, err := t.memory.ReadAt(b, int64(address))
	return b, err
}

// position is where in a file the next write goes.
func position(tid int, fd uint64) (int64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/fdinfo/%d", tid, fd))
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(b)) // "pos:", then the number
	if len(fields) < 2 || fields[0] != "pos:" {
		return 0, fmt.Errorf("fdinfo %q: want pos: and a number", b)
	}
	return strconv.ParseInt(fields[1], 10, 64)
}

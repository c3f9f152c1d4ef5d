// Package tracer runs a program and stops it at every operation on the files
// below a directory: to hear of it, to let it fail, or to end the program there.
// It needs nothing of the program but that it calls Offer, by ptrace and seccomp,
// on Linux.
package tracer

import (
	"fmt"
	"syscall"
)

// An Op is one system call of the program on a file or directory below the root,
// or what it wrote to its standard output.
type Op struct {
	Call   string // name of the system call
	Path   string // below the root, which is "."; empty for standard output
	To     string // new name of a link or a rename
	Flags  int    // of an open; protection of a mapping
	Offset int64  // where a write begins
	Size   int64  // of ftruncate
	Data   []byte // of a write: what it was asked to write, then what it wrote

	Gone   bool          // the file has been unlinked
	Shared bool          // the mapping is shared
	Err    syscall.Errno // why it failed; known when it is over
}

// String says what an operation does, for messages.
func (o *Op) String() string {
	s := o.Call + " " + o.Path
	switch {
	case o.Path == "":
		return fmt.Sprintf("says %q", o.Data)
	case o.To != "":
		s += " to " + o.To
	case o.Data != nil:
		s += fmt.Sprintf(" %d octets at %d", len(o.Data), o.Offset)
	case o.Call == "ftruncate":
		s += fmt.Sprintf(" at %d", o.Size)
	}
	if o.Err != 0 {
		s += ": " + o.Err.Error()
	}
	return s
}

// A Verdict says what becomes of an operation before it is carried out; the zero
// value lets it pass.
type Verdict struct {
	Kill bool          // the program ends, as by kill -9, and the operation does not happen
	Fail syscall.Errno // the operation does not happen, and fails with this
	Cut  int           // a write writes only so many octets
}

package peer

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
)

// ErrMissing is wrapped by errors about what a peer needs and this machine does
// not have.
var ErrMissing = errors.New("not installed")

// PeakMemory is the most resident memory that a process has had so far, in bytes.
func PeakMemory(pid int) (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	_, rest, ok := bytes.Cut(status, []byte("VmHWM:"))
	if fields := bytes.Fields(rest); ok && len(fields) > 0 {
		kib, err := strconv.ParseInt(string(fields[0]), 10, 64)
		return kib << 10, err
	}
	return 0, fmt.Errorf("/proc/%d/status: no VmHWM", pid)
}

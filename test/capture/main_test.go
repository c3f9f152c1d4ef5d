// Package capture shows what needs an interface to be seen: the command captures
// between two network namespaces of its own, where dig asks a small server.
//
// It needs root (network namespaces and packet sockets), and ip, nsenter and dig.
package capture

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"example.org/pdns/test/lab"
)

var binaries *lab.Binaries

// inside marks the process that runs in the namespace.
const inside = "CAPTURE_NAMESPACE"

func TestMain(m *testing.M) {
	if os.Getenv(inside) == "" {
		os.Exit(enter())
	}
	os.Exit(test(m))
}

// enter runs this program once more in a network namespace of its own.
func enter() int {
	for _, tool := range []string{"ip", "nsenter", "dig"} {
		if _, err := exec.LookPath(tool); err != nil {
			fmt.Fprintf(os.Stderr, "test/capture needs ip, nsenter and dig: %v\n", err)
			return 1
		}
	}
	cmd := exec.Command("/proc/self/exe", os.Args[1:]...)
	cmd.Env = append(os.Environ(), inside+"=1")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
	err := cmd.Run()
	if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
		fmt.Fprintf(os.Stderr, "test/capture needs root, for a network namespace: %v\n", err)
		return 1
	}
	return cmd.ProcessState.ExitCode()
}

func test(m *testing.M) int {
	var err error
	if binaries, err = lab.Build(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer binaries.Remove()
	if err := os.Chmod(binaries.Dir, 0o755); err != nil { // other users run them
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

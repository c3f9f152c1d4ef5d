package interop

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
)

// inside marks the process that runs in the namespaces.
const inside = "INTEROP_NAMESPACE"

// enter runs this program once more in network and process namespaces of its own,
// where every port is free, addresses collide with nothing, and whatever is
// started ends with it. It returns the exit status.
func enter() int {
	cmd := exec.Command("/proc/self/exe", os.Args[1:]...)
	cmd.Env = append(os.Environ(), inside+"=1")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWPID,
		Pdeathsig:  syscall.SIGKILL,
	}
	err := cmd.Run()
	if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
		fmt.Fprintf(os.Stderr, "a network namespace: %v (only root may make one)\n", err)
		return 1
	}
	return cmd.ProcessState.ExitCode()
}

// configure gives the namespace its addresses. All of them are of its own
// loopback interface: nothing else is in it.
func configure() error {
	commands := []string{"link set lo up", "address add " + clients + " dev lo"}
	for _, address := range addresses {
		commands = append(commands, "address add "+address+" dev lo")
	}
	for _, c := range commands {
		if out, err := exec.Command("ip", strings.Fields(c)...).CombinedOutput(); err != nil {
			return fmt.Errorf("ip %s: %w\n%s", c, err, out)
		}
	}
	return nil
}

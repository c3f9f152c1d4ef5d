package main

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
	sys "golang.org/x/sys/unix"
)

// terminal COLUMNS COMMAND... runs a command whose standard output and error are a
// terminal of that width. What it shows is in the file screen.
func terminal(ts *testscript.TestScript, neg bool, args []string) {
	columns, err := strconv.ParseUint(args[0], 10, 16)
	ts.Check(err)
	ours, theirs, err := pty(uint16(columns))
	ts.Check(err)
	defer ours.Close()
	name, err := exec.LookPath(args[1])
	for dir := range strings.SplitSeq(ts.Getenv("PATH"), ":") {
		if _, at := os.Stat(dir + "/" + args[1]); at == nil {
			name, err = dir+"/"+args[1], nil
			break
		}
	}
	ts.Check(err)
	cmd := exec.Command(name, args[2:]...)
	cmd.Stdout, cmd.Stderr, cmd.Dir = theirs, theirs, ts.MkAbs(".")
	for _, key := range []string{"PDNS_STORE", "PDNS_NOW", "NO_COLOR", "COLUMNS", "PATH"} {
		cmd.Env = append(cmd.Env, key+"="+ts.Getenv(key))
	}
	ts.Check(cmd.Start())
	theirs.Close()
	var screen strings.Builder
	buffer := make([]byte, 4096)
	for {
		n, err := ours.Read(buffer)
		screen.Write(buffer[:n])
		if err != nil { // EIO: nobody has the other end any more
			break
		}
	}
	if err := cmd.Wait(); (err != nil) != neg {
		ts.Fatalf("%v: %v\n%s", args, err, screen.String())
	}
	ts.Check(os.WriteFile(ts.MkAbs("screen"), []byte(strings.ReplaceAll(screen.String(), "\r\n", "\n")), 0o600))
}

// pty is a pseudo-terminal of a width, both ends.
func pty(columns uint16) (ours, theirs *os.File, err error) {
	if ours, err = os.OpenFile("/dev/ptmx", os.O_RDWR, 0); err != nil {
		return nil, nil, err
	}
	fd := int(ours.Fd())
	n, err := sys.IoctlGetInt(fd, sys.TIOCGPTN)
	if err == nil {
		err = sys.IoctlSetPointerInt(fd, sys.TIOCSPTLCK, 0)
	}
	if err == nil {
		err = sys.IoctlSetWinsize(fd, sys.TIOCSWINSZ, &sys.Winsize{Row: 24, Col: columns})
	}
	if err == nil {
		theirs, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|sys.O_NOCTTY, 0)
	}
	return ours, theirs, err
}

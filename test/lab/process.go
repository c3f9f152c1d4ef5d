package lab

import (
	"bytes"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// A Process is a program that runs until it is told to end, or the test ends.
type Process struct {
	cmd  *exec.Cmd
	out  output
	done chan struct{}
	t    testing.TB
}

// Start starts a program in a directory; its output is shown if the test fails.
func Start(t testing.TB, dir, name string, args ...string) *Process {
	t.Helper()
	p := &Process{cmd: exec.Command(name, args...), done: make(chan struct{}), t: t}
	p.cmd.Dir = dir
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.out
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait() // how it ended is in ProcessState
		close(p.done)
	}()
	t.Cleanup(func() {
		p.Kill()
		if t.Failed() {
			t.Logf("%s said:\n%s", filepath.Base(name), p.Output())
		}
	})
	return p
}

// Output is what the program has printed so far.
func (p *Process) Output() string { return p.out.String() }

// Alive reports whether the program still runs.
func (p *Process) Alive() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// Signal sends a signal to the program, which must be running.
func (p *Process) Signal(s syscall.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatalf("signal %v: %v", s, err)
	}
}

// Stop ends the program by SIGTERM and waits until it is gone.
func (p *Process) Stop() {
	p.t.Helper()
	p.Signal(syscall.SIGTERM)
	p.ExitCode()
}

// ExitCode waits for the end of the program.
func (p *Process) ExitCode() int {
	p.t.Helper()
	select {
	case <-p.done:
	case <-time.After(patience):
		p.t.Fatalf("%v does not end; it said:\n%s", p.cmd, p.Output())
	}
	return p.cmd.ProcessState.ExitCode()
}

// Kill ends the program as a crash would (SIGKILL) and waits until it is gone.
func (p *Process) Kill() {
	_ = p.cmd.Process.Kill() // it may have ended by itself
	<-p.done
}

// PID is the number of the process.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// FreePort is a port that nobody listens on at ip, by UDP or TCP.
func FreePort(t testing.TB, ip string) string {
	t.Helper()
	packets, streams := Listen(t, ip)
	_, port, err := net.SplitHostPort(packets.LocalAddr().String())
	if err := errors.Join(err, packets.Close(), streams.Close()); err != nil {
		t.Fatal(err)
	}
	return port
}

// A Server is the custom CoreDNS in a process of its own.
type Server struct {
	*Process
	Addr     string // where it answers
	Corefile string // the file's path
}

// StartCoreDNS writes a Corefile into dir, in which $PORT is a free port, starts
// CoreDNS in that directory and waits until it answers.
func StartCoreDNS(t testing.TB, bin, dir, corefile string) *Server {
	t.Helper()
	return StartCoreDNSAt(t, bin, dir, corefile, net.JoinHostPort("127.0.0.1", FreePort(t, "127.0.0.1")))
}

// StartCoreDNSAt is StartCoreDNS at an address and port that nobody else takes.
func StartCoreDNSAt(t testing.TB, bin, dir, corefile, addr string) *Server {
	t.Helper()
	_, port, _ := net.SplitHostPort(addr)
	s := &Server{Addr: addr, Corefile: filepath.Join(dir, "Corefile."+port)}
	s.Rewrite(t, corefile)
	s.Process = Start(t, dir, bin, "-conf", s.Corefile)
	Wait(t, "an answer of CoreDNS", func() bool {
		if !s.Alive() {
			t.Fatalf("CoreDNS ended:\n%s", s.Output())
		}
		return answers(s.Addr)
	})
	return s
}

// answers reports whether a name server answers at addr, whatever it says. The
// question is one that no server hands on.
func answers(addr string) bool {
	c := &dns.Client{Timeout: time.Second}
	_, _, err := c.Exchange(new(dns.Msg).SetQuestion("_status._pdns.local.", dns.TypeTXT), addr)
	return err == nil
}

// Rewrite changes the Corefile on disk; SIGUSR1 makes CoreDNS read it.
func (s *Server) Rewrite(t testing.TB, corefile string) {
	t.Helper()
	_, port, _ := net.SplitHostPort(s.Addr)
	text := strings.ReplaceAll(corefile, "$PORT", port)
	if err := os.WriteFile(s.Corefile, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// output collects what a process prints.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

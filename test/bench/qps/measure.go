package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
	"time"
)

// figures of one run.
type figures struct {
	rate float64 // queries/s
	cpu  float64 // µs of CoreDNS a query
}

// measure starts CoreDNS with a variant and an empty store, has dnsperf ask for
// a while, and stops it.
func (l *lab) measure(mode string, v variant) (figures, error) {
	if err := os.RemoveAll(filepath.Join(l.dir, "store")); err != nil {
		return figures{}, err
	}
	host, port := "127.0.0.1", freePort()
	file := filepath.Join(l.dir, "Corefile")
	if err := os.WriteFile(file, []byte(l.corefile(port, mode, v)), 0o600); err != nil {
		return figures{}, err
	}
	server := exec.Command(*coredns, "-conf", file)
	if err := server.Start(); err != nil {
		return figures{}, err
	}
	asked, rate, err := dnsperf(net.JoinHostPort(host, port), host, port, l.queries)
	_ = server.Process.Signal(syscall.SIGTERM) // where it ended by itself, Wait says so
	if werr := server.Wait(); err == nil {
		err = werr
	}
	if err != nil {
		return figures{}, err
	}
	used := server.ProcessState.UserTime() + server.ProcessState.SystemTime()
	return figures{rate: rate, cpu: float64(used.Microseconds()) / asked}, nil
}

// freePort is a port that nobody listens on.
func freePort() string {
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		return "0"
	}
	defer c.Close()
	_, port, _ := net.SplitHostPort(c.LocalAddr().String())
	return port
}

var (
	completed = regexp.MustCompile(`Queries completed:\s+(\d+)`)
	perSecond = regexp.MustCompile(`Queries per second:\s+([\d.]+)`)
)

// dnsperf waits for the server, asks as fast as it answers, and reads what
// dnsperf says of it.
func dnsperf(addr, host, port, queries string) (asked, rate float64, err error) {
	for deadline := time.Now().Add(10 * time.Second); !answers(addr); {
		if time.Now().After(deadline) {
			return 0, 0, fmt.Errorf("no answer at %s", addr)
		}
	}
	seconds := strconv.Itoa(*each)
	limit := strconv.Itoa(*each + 20) // dnsperf hangs where a server dies
	out, err := exec.Command("timeout", limit, "dnsperf", "-s", host, "-p", port, "-d", queries, "-l", seconds, "-c", "8", "-q", "200", "-T", "1").CombinedOutput()
	if err != nil {
		return 0, 0, fmt.Errorf("dnsperf: %w\n%s", err, out)
	}
	for _, part := range []struct {
		pattern *regexp.Regexp
		into    *float64
	}{{completed, &asked}, {perSecond, &rate}} {
		m := part.pattern.FindSubmatch(out)
		if m == nil {
			return 0, 0, fmt.Errorf("dnsperf said no %v:\n%s", part.pattern, out)
		}
		if *part.into, err = strconv.ParseFloat(string(m[1]), 64); err != nil {
			return 0, 0, err
		}
	}
	if asked == 0 {
		return 0, 0, fmt.Errorf("nothing was answered:\n%s", out)
	}
	return asked, rate, nil
}

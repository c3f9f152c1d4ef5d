package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// A server is a pdns serve at work.
type server struct {
	cmd  *exec.Cmd
	base string
	http *http.Client
}

func start(program, dir string) (*server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := l.Addr().String()
	l.Close()
	s := &server{base: "http://" + address}
	s.http = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1000, DisableCompression: true}}
	s.cmd = exec.Command(program, "serve", "--store", dir, "--listen", address, "--audit", "off", "--timeout", "10m", "--limit", "100000000")
	s.cmd.Stderr = os.Stderr
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	for range 600 {
		if r, err := s.http.Get(s.base + "/dnsdb/v2/ping"); err == nil {
			r.Body.Close()
			return s, nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	s.stop()
	return nil, fmt.Errorf("%s does not answer", address)
}

func (s *server) stop() {
	s.cmd.Process.Kill()
	s.cmd.Wait()
}

// An answer is how long one took, and what was in it.
type answer struct {
	first, took time.Duration
	objects     int // lines, or in an answer of one line what begins with {
	bytes       int64
}

// get asks, with what headers a dialect wants, and reads the whole answer.
func (s *server) get(path string) (a answer, err error) {
	start := time.Now()
	req, err := http.NewRequest(http.MethodGet, s.base+path, nil)
	if err != nil {
		return a, err
	}
	r, err := s.http.Do(req)
	if err != nil {
		return a, err
	}
	defer r.Body.Close()
	in := bufio.NewReaderSize(r.Body, 1<<20)
	if _, err := in.Peek(1); err != nil && err != io.EOF {
		return a, err
	}
	a.first = time.Since(start)
	buf := make([]byte, 1<<20)
	begun := 0
	for {
		n, err := in.Read(buf)
		a.objects += bytes.Count(buf[:n], []byte{'\n'})
		begun += bytes.Count(buf[:n], []byte{'{'})
		a.bytes += int64(n)
		if err == io.EOF {
			break
		}
		if err != nil {
			return a, fmt.Errorf("%s: %w", path, err)
		}
	}
	a.took = time.Since(start)
	if a.objects <= 1 {
		a.objects = begun
	}
	if r.StatusCode != http.StatusOK {
		return a, fmt.Errorf("%s: %s", path, r.Status)
	}
	return a, nil
}

// resident is the server's memory in MB: all of it, and what is not mapped from files.
func (s *server) resident() (all, anonymous float64) {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	field := func(name string) float64 {
		_, rest, _ := strings.Cut(string(b), name+":")
		kb, _ := strconv.ParseFloat(strings.Fields(rest + " 0")[0], 64)
		return kb / 1000
	}
	return field("VmRSS"), field("RssAnon")
}

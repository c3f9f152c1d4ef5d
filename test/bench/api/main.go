// Command api measures the HTTP API of `pdns serve` over a store that load made:
//
//	load -n 20000000 -to store DIR
//	api -pdns bin/pdns -store DIR
//
// It starts the server, asks it from this process over loopback, and prints a table:
// objects a second by dialect, the time to the first octet, the server's resident
// memory during an answer of a million objects, many clients at once, and what an
// exact question costs beside a heavy one. Server and clients share the cores.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"time"
)

var (
	program = flag.String("pdns", "bin/pdns", "the pdns to measure")
	dir     = flag.String("store", "", "the store's directory")
	most    = flag.Int("objects", 1_000_000, "objects of a long answer, at most")
	clients = flag.Int("clients", 200, "clients at once")
	seconds = flag.Int("seconds", 10, "length of what takes its time")
)

func main() {
	flag.Parse()
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "api:", err)
		os.Exit(1)
	}
}

func run() error {
	sub, err := choose(*dir)
	if err != nil {
		return err
	}
	s, err := start(*program, *dir)
	if err != nil {
		return err
	}
	defer s.stop()
	fmt.Printf("%s, %s, %d cores, %d records\n\n| what | figure |\n| --- | ---: |\n", time.Now().UTC().Format(time.DateOnly),
		runtime.Version(), runtime.NumCPU(), sub.records)
	for _, measure := range []func(*server, *subjects) error{streams, firsts, memory, crowd, beside} {
		if err := measure(s, sub); err != nil {
			return err
		}
	}
	return nil
}

// row prints a figure as soon as it is there.
func row(what, format string, args ...any) {
	fmt.Printf("| %s | %s |\n", what, fmt.Sprintf(format, args...))
}

// Command frames writes made-up dnstap to standard output, for benchmarks of what
// takes files: frames -n 10000000 > ten-million.fstrm
package main

import (
	"bufio"
	"flag"
	"fmt"
	"os"

	"example.org/pdns/test/traffic"
)

func main() {
	n := flag.Int("n", 1_000_000, "how many frames")
	names := flag.Int("names", 1_000_000, "about how many names")
	seed := flag.Uint64("seed", 1, "which traffic")
	flag.Parse()
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	err := traffic.New(*seed, *names).Stream(out, *n)
	if err == nil {
		err = out.Flush()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "frames:", err)
		os.Exit(1)
	}
}

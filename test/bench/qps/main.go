// Command qps compares whole servers: how many queries a second CoreDNS
// answers with the collector, without it, and with its own dnstap plugin in its
// place, forwarding behind a cache and without one. dnsperf asks; the upstream
// and the receiver of dnstap frames run in this process. The variants alternate
// in short runs, so that what the machine does meanwhile falls on all of them;
// medians are compared.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

var (
	coredns = flag.String("coredns", "bin/coredns", "the CoreDNS to measure")
	rounds  = flag.Int("rounds", 7, "runs of each variant")
	each    = flag.Int("seconds", 5, "length of a run")
	names   = flag.Int("names", 20000, "different names that are asked")
	cached  = flag.String("modes", "forward,cache", "what to measure: forward, cache")
)

func main() {
	flag.Parse()
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "qps:", err)
		os.Exit(1)
	}
}

func run() error {
	dir, err := os.MkdirTemp("", "pdns-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	l, err := newLab(dir, *names)
	if err != nil {
		return err
	}
	defer l.close()
	fmt.Printf("%s, %s, %d cores, %d runs of %d s, %d names\n\n", time.Now().UTC().Format(time.DateOnly), runtime.Version(), runtime.NumCPU(), *rounds, *each, *names)
	fmt.Println("| mode | variant | queries/s, median | least to most | of plain | CPU µs a query | of plain |")
	fmt.Println("| --- | --- | ---: | ---: | ---: | ---: | ---: |")
	for _, mode := range strings.Split(*cached, ",") {
		if err := compare(l, mode); err != nil {
			return fmt.Errorf("%s: %w", mode, err)
		}
	}
	return nil
}

// compare measures the variants in turn and prints a line for each.
func compare(l *lab, mode string) error {
	rates := map[string][]float64{}
	costs := map[string][]float64{}
	for range *rounds {
		for _, v := range variants {
			f, err := l.measure(mode, v)
			if err != nil {
				return fmt.Errorf("%s: %w", v.name, err)
			}
			rates[v.name] = append(rates[v.name], f.rate)
			costs[v.name] = append(costs[v.name], f.cpu)
		}
	}
	plain := variants[0].name
	for _, v := range variants {
		r, c := rates[v.name], costs[v.name]
		fmt.Printf("| %s | %s | %.0f | %.0f to %.0f | %.3f | %.1f | %.3f |\n", mode, v.name, median(r), slices.Min(r), slices.Max(r),
			median(r)/median(rates[plain]), median(c), median(c)/median(costs[plain]))
	}
	return nil
}

func median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
}

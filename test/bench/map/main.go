// Command map measures "pdns map" from the demo's lure in a store that load made:
//
//	load -n 20000000 -to store DIR
//	demo > history.json
//	map -pdns bin/pdns -store DIR history.json
//
// It imports the history, then maps the lure to each depth, and the lure and the
// payment page, some times each in a new process, and prints how long that took, how much memory the process had at most, and
// what came of it.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"syscall"
	"time"
)

func main() {
	pdns := flag.String("pdns", "bin/pdns", "the command")
	dir := flag.String("store", "", "the store's directory; the history is added to it")
	rounds := flag.Int("rounds", 7, "processes a depth")
	flag.Parse()
	if *dir == "" || flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "map: want -store DIR and a file of history")
		os.Exit(2)
	}
	if err := run(*pdns, *dir, *rounds, flag.Arg(0)); err != nil {
		fmt.Fprintln(os.Stderr, "map:", err)
		os.Exit(1)
	}
}

func run(pdns, dir string, rounds int, history string) error {
	load := exec.Command(pdns, "import", "--store", dir, "--again", history)
	load.Stderr = os.Stderr
	if err := load.Run(); err != nil {
		return fmt.Errorf("import: %w", err)
	}
	fmt.Println("| seeds, depth | first, ms | median, ms | resident at most, MB | nodes | edges | RRsets read | cut |")
	fmt.Println("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
	for depth := 1; depth <= 4; depth++ {
		if err := measure(pdns, dir, "lure", []string{lure}, depth, rounds); err != nil {
			return err
		}
	}
	return measure(pdns, dir, "lure and payment page", []string{lure, payment}, 3, rounds)
}

// Names of the demo's story.
const (
	lure    = "parcel-8841.track-delivery.example"
	payment = "pay.secure-checkout.example"
)

func measure(pdns, dir, what string, seeds []string, depth, rounds int) error {
	var took []time.Duration
	var resident int64
	var graph struct {
		Nodes, Edges, Cut []json.RawMessage
		Read              int `json:"rrsets_read"`
	}
	for range rounds {
		cmd := exec.Command(pdns, append([]string{"map", "--store", dir, "--depth", strconv.Itoa(depth), "--json"}, seeds...)...)
		cmd.Stderr = os.Stderr
		start := time.Now()
		out, err := cmd.Output()
		if err != nil {
			return fmt.Errorf("map: %w", err)
		}
		took = append(took, time.Since(start))
		resident = max(resident, cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss)
		if err := json.Unmarshal(out, &graph); err != nil {
			return fmt.Errorf("map: %w", err)
		}
	}
	first := took[0]
	slices.Sort(took)
	fmt.Printf("| %s, %d | %.0f | %.0f | %.0f | %d | %d | %d | %d |\n", what, depth, ms(first), ms(took[len(took)/2]),
		float64(resident)*1024/1e6, len(graph.Nodes), len(graph.Edges), graph.Read, len(graph.Cut))
	return nil
}

func ms(d time.Duration) float64 { return d.Seconds() * 1000 }

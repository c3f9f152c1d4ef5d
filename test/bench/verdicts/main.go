// Command verdicts measures verdicts of the analysis against histories whose truth is
// known, since it makes them: a year of names that are fast-flux networks, CDNs, pools
// and hosting, and of plain ones.
//
//	verdicts -seed 1 -each 40
//
// It prints what names of each kind were taken for by analysis.Flux, with and without
// autonomous systems, and which nodes analysis.Map marks as shared. The histories are
// made up: they say whether the verdicts do what they are meant to, and not how often
// they are right in a network that nobody has labelled. Thresholds are looked at by
// odd seeds; figures are told of even ones.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
)

var (
	seed     = flag.Uint64("seed", 2, "of the histories")
	each     = flag.Int("each", 40, "names of each kind")
	mistakes = flag.Bool("mistakes", false, "tell each wrong verdict with its evidence")
)

func main() {
	flag.Parse()
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "verdicts:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "verdicts")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	w := newWorld(*seed, *each)
	s, err := w.store(ctx, dir)
	if err != nil {
		return err
	}
	defer s.Close()
	fmt.Printf("seed %d, %d names of each kind, %d nodes\n", *seed, *each, len(w.nodes))
	for _, g := range allGiven {
		t, err := w.try(ctx, s, g)
		if err != nil {
			return err
		}
		t.print()
	}
	return w.printSharing(ctx, s)
}

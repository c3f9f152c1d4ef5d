package main

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"example.org/pdns/plugin/pkg/analysis"
	"example.org/pdns/plugin/pkg/store"
)

// print writes what names of each kind were taken for.
func (t *trial) print() {
	fmt.Printf("\n### %s\n\n| %s | recall | precision |\n| --- | ---: | ---: |\n", t.given.name, "verdict")
	fmt.Printf("| flux or double-flux | %.3f | %.3f |\n| double-flux | %.3f | %.3f |\n", t.flux.recall(), t.flux.precision(), t.double.recall(), t.double.precision())
	fmt.Printf("\nRight for the kind: %d of %d (%.3f).\n\n| kind |", t.right, t.of, float64(t.right)/float64(t.of))
	columns := analysis.Verdicts()
	for _, v := range columns {
		fmt.Printf(" %s |", v)
	}
	fmt.Print("\n| --- |")
	for range columns {
		fmt.Print(" ---: |")
	}
	fmt.Println()
	for i := range kinds {
		k := &kinds[i]
		fmt.Printf("| %s", k.name)
		if k.hard {
			fmt.Print(" (hard)")
		}
		fmt.Print(" |")
		for _, v := range columns {
			switch n := t.by[k][v]; {
			case n == 0:
				fmt.Print(" |")
			case slices.Contains(k.right, v):
				fmt.Printf(" **%d** |", n)
			default:
				fmt.Printf(" %d |", n)
			}
		}
		fmt.Println()
	}
	if *mistakes {
		fmt.Println()
		for _, m := range t.mistakes {
			fmt.Println("-", m)
		}
	}
}

// Bounds of registered domains by which sharing is told; the last is what Map has
// where none is given.
var domainBounds = []int{40, 200, 2000}

// printSharing writes which nodes maps mark as shared.
func (w *world) printSharing(ctx context.Context, src store.Source) error {
	fmt.Print("\n### Nodes that maps mark as shared\n\n| more domains than | ranges | recall | precision | wrong |\n| ---: | --- | ---: | ---: | ---: |\n")
	var last map[string]rate
	for _, ranged := range []bool{false, true} {
		for _, n := range domainBounds {
			all, by, err := w.sharing(ctx, src, n, ranged)
			if err != nil {
				return err
			}
			fmt.Printf("| %d | %v | %.3f | %.3f | %d |\n", n, ranged, all.recall(), all.precision(), all.wrong)
			last = by
		}
	}
	fmt.Printf("\nBy kind, of more than %d domains, with ranges:\n\n| kind | shared, and said so | and not said | said, and not shared |\n| --- | ---: | ---: | ---: |\n", domainBounds[len(domainBounds)-1])
	for _, name := range slices.Sorted(maps.Keys(last)) {
		r := last[name]
		fmt.Printf("| %s | %d | %d | %d |\n", name, r.found, r.missed, r.wrong)
	}
	return nil
}

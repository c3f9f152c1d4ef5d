package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/test/bench/workload"
)

// A tally is what was made. It is not safe for concurrent use.
type tally struct {
	types      [1 << 16]uint64 // observations by type
	disposable uint64          // of names used once
}

// each calls write with every observation of g, and counts it.
func (t *tally) each(g *workload.Generator, write func(*rrset.RRset) error) error {
	for r := g.Next(); r != nil; r = g.Next() {
		t.types[r.Type]++
		if err := write(r); err != nil {
			return err
		}
	}
	t.disposable += g.Disposable()
	return nil
}

// add takes what another writer has counted.
func (t *tally) add(other *tally) {
	for i, n := range other.types {
		t.types[i] += n
	}
	t.disposable += other.disposable
}

// tell writes a summary, the most frequent types first.
func (t *tally) tell(w io.Writer, took time.Duration) {
	var total uint64
	var types []uint16
	for i, n := range t.types {
		if total += n; n > 0 {
			types = append(types, uint16(i))
		}
	}
	slices.SortFunc(types, func(a, b uint16) int { return cmp.Compare(t.types[b], t.types[a]) })
	var texts []string
	for _, typ := range types {
		texts = append(texts, humanize.Comma(int64(t.types[typ]))+" "+rrset.TypeString(typ))
	}
	fmt.Fprintf(w, "load: %s observations in %.1f s, %s/s; %s of names used once\n", humanize.Comma(int64(total)), took.Seconds(),
		humanize.Comma(int64(float64(total)/took.Seconds())), humanize.Comma(int64(t.disposable)))
	fmt.Fprintf(w, "load: %s\n", strings.Join(texts, ", "))
}

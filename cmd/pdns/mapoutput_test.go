package main

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"example.org/pdns/plugin/pkg/analysis"
	"example.org/pdns/plugin/pkg/analysis/drawing"
)

// An interrupter is an output whose reader interrupts the program at the first that it sees.
type interrupter struct {
	interrupt func()
	written   int
}

func (w *interrupter) Write(b []byte) (int, error) {
	w.interrupt()
	w.written++
	return len(b), nil
}

// TestMapInterrupted: a map that is being written ends with an interrupt, in every format
// but JSON, which is one object and goes out at once.
func TestMapInterrupted(t *testing.T) {
	g := &analysis.Graph{Seeds: []string{"192.0.2.1"}, Nodes: []analysis.Node{{ID: "192.0.2.1", Type: "address", Names: 5000, State: analysis.Expanded}}}
	for i := range 5000 {
		n := analysis.Node{ID: fmt.Sprintf("n%d.test.", i), Type: "name", Depth: 1, Via: []string{"192.0.2.1"}}
		g.Nodes = append(g.Nodes, n)
		g.Edges = append(g.Edges, analysis.Edge{From: n.ID, To: "192.0.2.1", Kind: analysis.HasAddress})
	}
	for _, format := range append([]string{"tree"}, drawing.Formats()...) {
		ctx, cancel := context.WithCancel(t.Context())
		out := &interrupter{interrupt: cancel}
		p := &program{out: out}
		if err := p.writeGraph(ctx, g, &mapFlags{format: format}); !errors.Is(err, context.Canceled) || out.written != 1 {
			t.Errorf("%s: %v after %d writes, want that it ends with the interrupt", format, err, out.written)
		}
	}
}

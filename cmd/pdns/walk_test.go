package main

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"example.org/pdns/plugin/pkg/analysis"
	"example.org/pdns/plugin/pkg/store"
)

// TestInterrupted: a map and a pivot that are interrupted say what was done until then.
func TestInterrupted(t *testing.T) {
	dir := t.TempDir()
	s, err := store.Open(dir, store.Options{})
	if err == nil {
		err = s.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for command, want := range map[string]string{
		"map lure.test":   "pdns: interrupted: 0 RRsets read, 1 node, step 1 of 4, 0s\n",
		"pivot lure.test": "pdns: interrupted: 0 RRsets read, 0s\n",
	} {
		var out, message bytes.Buffer
		p := &program{out: &out, err: &message, errTerminal: true}
		root := newRoot(p)
		root.SetArgs(append(strings.Fields(command), "--store", dir))
		if code := p.end(root.ExecuteContext(ctx)); code != 2 || message.String() != want {
			t.Errorf("%s: exit %d, %q, want %q", command, code, message.String(), want)
		}
	}
}

// TestWalk: the line says how far it is, in one line of the terminal, and only an
// interrupted walk ends with it.
func TestWalk(t *testing.T) {
	var message bytes.Buffer
	p := &program{err: &message, quiet: true}
	w := p.walk(4)
	w.tell(analysis.Progress{RRsets: 12345, Nodes: 678, Depth: 2})
	w.begun = time.Now().Add(-90 * time.Second)
	if got := w.String(); got != "12,345 RRsets read, 678 nodes, step 3 of 4, 1m30s" {
		t.Error(got)
	}
	other := errors.New("other")
	if err := w.interrupted(other); err != other || message.Len() > 0 {
		t.Errorf("%v, %q", err, message.String())
	}
	w.done()
	w.done() // twice is once
	p.overwrite(strings.Repeat("x", 500))
	if got := message.String(); !strings.HasPrefix(got, "\r\x1b[K") || len(got) > 400 || strings.Contains(got, "\n") {
		t.Errorf("%q", got)
	}
}

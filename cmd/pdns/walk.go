package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"example.org/pdns/plugin/pkg/analysis"
	"example.org/pdns/plugin/pkg/store"
)

// When a walk shows itself on a terminal, and how often.
const (
	walkAfter = time.Second
	walkEvery = 200 * time.Millisecond
)

// A walk is a map or a pivot that is under way. On a terminal it has a line of standard
// error while it takes long.
type walk struct {
	p      *program
	depth  int // steps that a map may go; 0: a pivot
	begun  time.Time
	mu     sync.Mutex
	at     analysis.Progress
	stop   func()
	ended  chan struct{}
	silent bool
}

// walk begins one; done ends it.
func (p *program) walk(depth int) *walk {
	w := &walk{p: p, depth: depth, begun: time.Now(), ended: make(chan struct{}), silent: p.quiet || !p.errTerminal}
	ctx, cancel := context.WithCancel(context.Background())
	w.stop = cancel
	go w.show(ctx)
	return w
}

// walkMap makes a map. An error without one says what was done until then.
func (p *program) walkMap(ctx context.Context, src store.Source, q analysis.MapQuery) (*analysis.Graph, error) {
	w := p.walk(q.Depth)
	q.Progress = w.tell
	g, err := analysis.Map(ctx, src, q)
	w.done()
	if g == nil {
		err = w.interrupted(err)
	}
	return g, err
}

// tell takes how far it is: the form in which the analysis tells.
func (w *walk) tell(at analysis.Progress) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at = at
}

// show draws the line until the walk is done.
func (w *walk) show(ctx context.Context) {
	defer close(w.ended)
	if w.silent {
		return
	}
	tick := time.NewTicker(walkEvery)
	defer tick.Stop()
	for drawn := false; ; {
		select {
		case <-ctx.Done():
			if drawn {
				w.p.overwrite("")
			}
			return
		case <-tick.C:
			if time.Since(w.begun) >= walkAfter {
				w.p.overwrite(w.String())
				drawn = true
			}
		}
	}
}

// done takes the line away.
func (w *walk) done() {
	w.stop()
	<-w.ended
}

// String is how far it is.
func (w *walk) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := plural(w.at.RRsets, "RRset") + " read"
	if w.depth > 0 {
		s += fmt.Sprintf(", %s, step %d of %d", plural(w.at.Nodes, "node"), min(w.at.Depth+1, w.depth), w.depth)
	}
	return s + ", " + time.Since(w.begun).Round(time.Second).String()
}

// interrupted says what was done, if that is why a walk ended; else it is the error.
func (w *walk) interrupted(err error) error {
	if !errors.Is(err, context.Canceled) {
		return err
	}
	w.p.say("interrupted: %s", w)
	return wentWrong
}

// overwrite puts text into the line of the terminal that standard error is at.
func (p *program) overwrite(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	width := usualWidth
	if n, _, err := term.GetSize(int(os.Stderr.Fd())); err == nil && n > 0 {
		width = n
	}
	fmt.Fprintf(p.err, "\r\x1b[K%s", strings.TrimSpace(cutLine(text, width-1)))
}

// Command pdns asks, fills and looks after a store of passive DNS: what names
// resolved to, when, and what else was there.
//
// One sub-command a file; program is what they share: the streams, the store
// and how a run ends.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"golang.org/x/term"

	"example.org/pdns/plugin/pkg/clock"
)

func main() { os.Exit(run()) }

func run() int {
	p := &program{
		in:          os.Stdin,
		out:         os.Stdout,
		err:         os.Stderr,
		outTerminal: term.IsTerminal(int(os.Stdout.Fd())),
		errTerminal: term.IsTerminal(int(os.Stderr.Fd())),
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	if err := setClock(os.Getenv("PDNS_NOW")); err != nil {
		return p.end(err)
	}
	return p.end(newRoot(p).ExecuteContext(ctx))
}

// setClock makes relative times reproducible: they count back from now.
func setClock(now string) error {
	if now == "" {
		return nil
	}
	t, err := time.Parse(time.RFC3339, now)
	if err != nil {
		return fmt.Errorf("PDNS_NOW: %q is no time, want 2019-08-01T10:00:00Z", now)
	}
	clock.Set(func() time.Time { return t })
	return nil
}

// A program is one run of the command.
type program struct {
	in                       io.Reader
	out, err                 io.Writer
	outTerminal, errTerminal bool

	store string // --store
	quiet bool   // --quiet
	color string // --color

	mu  sync.Mutex // messages come from the store's background too
	bar *progress  // the one that is on the terminal
}

// Command peers measures what a user would otherwise reach for: stores that keep
// the same data as this project's, from the same observations. It prints one line
// of JSON about one peer; the command in test/bench/suite calls it for each.
//
//	peers -list
//	peers NAME -n 1000000 -seed 1 -dir DIR
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"example.org/pdns/test/bench/peers/bolt"
	"example.org/pdns/test/bench/peers/pebble"
	"example.org/pdns/test/bench/peers/peer"
	"example.org/pdns/test/bench/peers/postgres"
	"example.org/pdns/test/bench/peers/sqlite"
	"example.org/pdns/test/bench/workload"
)

// peers open a new store in an empty directory. Those that need C have build tags
// and are added elsewhere.
var peers = map[string]func(dir string) (peer.Peer, error){
	"bbolt":    bolt.Open,
	"pebble":   pebble.Open,
	"postgres": postgres.Open,
	"sqlite":   sqlite.Open,
}

func main() {
	// Asked to end, a peer is not filled further, and told of as far as it came.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "peers:", err)
		if errors.Is(err, peer.ErrMissing) {
			os.Exit(3) // left out, not broken
		}
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out, progress io.Writer) error {
	names := slices.Sorted(maps.Keys(peers))
	if len(args) == 0 {
		return fmt.Errorf("usage: peers -list, or peers NAME FLAGS, where NAME is one of %v", names)
	}
	if args[0] == "-list" {
		for _, n := range names {
			fmt.Fprintln(out, n)
		}
		return nil
	}
	open := peers[args[0]]
	if open == nil {
		return fmt.Errorf("no peer %q: want one of %v", args[0], names)
	}
	t := task{batch: 100_000, progress: progress}
	dir, err := t.parse(args)
	if err != nil {
		return err
	}
	p, err := open(dir)
	if err != nil {
		return fmt.Errorf("%s: %w", args[0], err)
	}
	f, err := t.measure(ctx, p)
	if err = errors.Join(err, p.Close()); err != nil {
		return fmt.Errorf("%s: %w", args[0], err)
	}
	f.Name = args[0]
	return json.NewEncoder(out).Encode(f)
}

func (t *task) parse(args []string) (dir string, err error) {
	fs := flag.NewFlagSet(args[0], flag.ContinueOnError)
	fs.IntVar(&t.n, "n", 1_000_000, "observations, nearly each of another RRset")
	fs.Uint64Var(&t.config.Seed, "seed", 1, "what the observations are made from")
	fs.Uint64Var(&t.config.PerDay, "per-day", 0, "observations in a simulated day; 0 for the default of package workload")
	fs.StringVar(&dir, "dir", "", "an empty directory")
	fs.DurationVar(&t.budget, "time", 10*time.Minute, "stop putting more after so long")
	domains := fs.String("domains", "", "file of real domains, see package workload")
	hosts := fs.String("hosts", "", "file of real labels")
	if err := fs.Parse(args[1:]); err != nil {
		return "", err
	}
	if dir == "" || t.n < 1 {
		return "", errors.New("want -dir, and -n of at least 1")
	}
	t.config.Names, err = workload.ReadNames(*domains, *hosts)
	return dir, err
}

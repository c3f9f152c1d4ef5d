// Command suite measures the store as its users meet it, at several sizes of one
// growing store, and what else a user would reach for beside it. It prints a table
// with a row for each figure and a column for each size; test/bench/README.md says
// what each figure is.
//
// Each part runs in a process of its own, which is this program called again: so
// the memory that is told is that of the part.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"example.org/pdns/test/bench/workload"
)

// roles are what this program does when it calls itself.
var roles = map[string]func(c *config, in io.Reader, out io.Writer) error{
	"ingest": ingest,
	"ask":    ask,
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "suite:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, in io.Reader, out, progress io.Writer) error {
	if len(args) > 0 {
		if role := roles[args[0]]; role != nil {
			signal.Reset() // a part ends where it is
			c, err := parse(args[1:], progress)
			if err != nil {
				return err
			}
			return role(c, in, out)
		}
	}
	c, err := parse(args, progress)
	if err != nil {
		return err
	}
	return c.suite(ctx, out, progress)
}

// A config says what is measured and how.
type config struct {
	args     []string // what it was made of
	sizes    []uint64 // observations, ascending
	workload workload.Config
	domains  string // files of names
	hosts    string
	dir      string // of the store
	lookups  int
	cold     int
	drop     string
	json     string
	peers    string
	source   string // of the peers
	peerMax  uint64
	peerTime time.Duration
	qps      bool
}

func parse(args []string, messages io.Writer) (*config, error) {
	c := &config{args: args}
	fs := flag.NewFlagSet("suite", flag.ContinueOnError)
	fs.SetOutput(messages)
	sizes := fs.String("sizes", "1", "`millions` of observations at which to measure, ascending, with commas between: 0.02,1,20")
	fs.Uint64Var(&c.workload.Seed, "seed", 1, "what the observations are made from")
	fs.Uint64Var(&c.workload.PerDay, "per-day", 0, "observations in a simulated day; 0 for the default of package workload")
	fs.StringVar(&c.domains, "domains", "", "file of real domains, see package workload; else they are made up")
	fs.StringVar(&c.hosts, "hosts", "", "file of real labels")
	fs.StringVar(&c.dir, "dir", "", "where to put the stores; default a temporary directory")
	fs.IntVar(&c.lookups, "lookups", 2000, "warm look-ups of each kind")
	fs.IntVar(&c.cold, "cold", 30, "cold look-ups of each kind")
	fs.StringVar(&c.drop, "drop", "system", "what is dropped of the page cache before a cold look-up: system, if root may, else files, the store's alone")
	fs.StringVar(&c.json, "json", "", "file to keep the results in, written anew with each that comes")
	fs.StringVar(&c.peers, "peers", "all", "peers to measure, with commas between: all, none or names")
	fs.StringVar(&c.source, "peers-source", filepath.Join("test", "bench", "peers"), "folder of the peers' module")
	peerMax := fs.String("peer-max", "5", "most `millions` of observations that a peer is given")
	fs.DurationVar(&c.peerTime, "peer-time", 10*time.Minute, "how long a peer is given more of them")
	fs.BoolVar(&c.qps, "qps", false, "measure queries a second too, by test/bench/qps.sh")
	if err := fs.Parse(args); err != nil {
		return nil, err
	}
	var err error
	if c.sizes, err = parseSizes(*sizes); err != nil {
		return nil, fmt.Errorf("-sizes: %w", err)
	}
	most, err := parseSizes(*peerMax)
	if err != nil {
		return nil, fmt.Errorf("-peer-max: %w", err)
	}
	c.peerMax = most[0]
	if c.lookups < 1 || c.cold < 0 || c.drop != "system" && c.drop != "files" || fs.NArg() > 0 {
		return nil, errors.New("want -lookups of at least 1, -cold of at least 0, -drop of system or files, and nothing behind the flags")
	}
	c.workload.Names, err = workload.ReadNames(c.domains, c.hosts)
	return c, err
}

// million is the unit of -sizes.
const million = 1_000_000

func parseSizes(list string) ([]uint64, error) {
	var sizes []uint64
	for _, s := range strings.Split(list, ",") {
		millions, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return nil, err
		}
		n := uint64(0)
		if millions > 0 && millions < million {
			n = uint64(math.Round(millions * million))
		}
		if n == 0 || len(sizes) > 0 && n <= sizes[len(sizes)-1] {
			return nil, fmt.Errorf("%s: want millions that ascend, as in 0.02,1,20", list)
		}
		sizes = append(sizes, n)
	}
	return sizes, nil
}

// inMillions is a size as parseSizes reads it.
func inMillions(size uint64) string {
	return strconv.FormatFloat(float64(size)/million, 'f', -1, 64)
}

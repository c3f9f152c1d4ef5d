// Command load makes up observations (package workload) and writes them to a store,
// or into files that programs to be measured read:
//
//	load -n 50000000 -days 30 -writers 2 -to store DIR
//	load -n 10000000 -to dnstap ten-million.fstrm
//	load -n 1000000 -mode observations -to cof - | pdns import --store DIR -
//	load -n 1000000 -to records million.records
//
// The same seed, number, mode, days and lists of names make the same observations,
// whatever they are written to. Into a store they come by several writers, into a
// file in the order of time.
//
// An RRset becomes a dnstap message of a resolver that was answered with it alone.
// A bailiwick that is only estimated and the TTL of what does not exist are not in it.
//
// What was made, and how fast, is told on standard error.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"example.org/pdns/test/bench/workload"
)

// A load is what the command was asked for.
type load struct {
	config  workload.Config
	writers int
	target  string // a directory, a file, or - for out
	out     io.Writer
}

// kinds are what observations can be written to.
var kinds = map[string]func(*load) (*tally, error){
	"store":   (*load).toStore,
	"dnstap":  toFile(newFrames),
	"cof":     toFile(newLines),
	"records": toFile(newRecords),
}

func main() {
	if err := run(os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(2)
	}
}

// run carries the command out, and tells what was made.
func run(args []string, out, messages io.Writer) error {
	l, write, err := parse(args, messages)
	if err != nil {
		return err
	}
	l.out = out
	start := time.Now()
	t, err := write(l)
	if err != nil {
		return err
	}
	t.tell(messages, time.Since(start))
	return nil
}

// parse reads the arguments.
func parse(args []string, messages io.Writer) (*load, func(*load) (*tally, error), error) {
	flags := flag.NewFlagSet("load", flag.ContinueOnError)
	flags.SetOutput(messages)
	l := &load{}
	flags.Uint64Var(&l.config.Total, "n", 1_000_000, "how many observations")
	flags.Uint64Var(&l.config.Seed, "seed", 1, "which observations")
	mode := flags.String("mode", string(workload.New), "new: nearly all of RRsets not seen before; observations: some 300 of each")
	days := flags.Uint64("days", 1, "over how many days")
	flags.IntVar(&l.writers, "writers", 1, "how many goroutines write to a store")
	kind := flags.String("to", "", "what TARGET is: store, dnstap, cof or records")
	domains := flags.String("domains", "", "file of domains, the most popular first")
	hosts := flags.String("hosts", "", "file of lines with a count and a host label")
	if err := flags.Parse(args); err != nil {
		return nil, nil, err
	}
	l.config.Mode = workload.Mode(*mode)
	write := kinds[*kind]
	switch {
	case flags.NArg() != 1:
		return nil, nil, fmt.Errorf("%d targets: want one, behind all flags: a directory for store, a file or - for the others", flags.NArg())
	case write == nil:
		return nil, nil, fmt.Errorf("-to %q: want store, dnstap, cof or records", *kind)
	case !slices.Contains([]workload.Mode{workload.New, workload.Observations}, l.config.Mode):
		return nil, nil, fmt.Errorf("-mode %q: want new or observations", *mode)
	case l.config.Total == 0 || *days == 0 || l.writers <= 0:
		return nil, nil, fmt.Errorf("-n %d -days %d -writers %d: want 1 or more", l.config.Total, *days, l.writers)
	}
	l.target = flags.Arg(0)
	l.config.PerDay = (l.config.Total + *days - 1) / *days
	var err error
	l.config.Names, err = workload.ReadNames(*domains, *hosts)
	return l, write, err
}

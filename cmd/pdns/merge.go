package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/prometheus/common/model"
	"github.com/spf13/cobra"

	"example.org/pdns/plugin/pkg/store"
)

const mergeLong = `merge brings the runs of a store together, at once: those of an hour into one,
those of a day, of a month and of a year, into the windows and with regard to the
retention that the collector last ran with. It takes no record away: an RRset that
several runs hold becomes one record.

A running CoreDNS merges by itself, and nobody else may then. merge is for a store
that was filled by pdns import, or that shall answer faster and become small now.

With --window UNIT it goes no further than that unit, hour, day, month or year: with
--window day there is one run a day at the end, and time slices (lookup --slices) show
in which days a name was seen. Runs that are longer already stay as they are, and CoreDNS
goes on merging into its own windows when it runs again.

A damaged run is passed over, with a warning if it is met, and the exit status is 0
all the same, but with --all.

A merge needs room for what it writes beside what is there. Where that lacks it is
not begun, and says so.

With --all everything becomes one run, which answers fastest and takes least
room. Time slices (lookup --slices) are gone then, as is the window that pdns stat
shows, and retention, which goes by whole runs, drops all of it or nothing. Damaged runs stay as they are, and it ends with
an error that names one: see pdns repair.`

const mergeExample = `  pdns merge --store ./case-17
  pdns merge --store ./case-17 --window day
  pdns merge --store ./case-17 --all`

func newMerge(p *program) *cobra.Command {
	var how mergeFlags
	c := &cobra.Command{
		Use:     "merge",
		Short:   "Bring the runs of a store together",
		Long:    mergeLong,
		Example: mergeExample,
		Args:    takes("flags", 0),
		RunE:    func(c *cobra.Command, _ []string) error { return p.merge(c.Context(), how) },
	}
	c.Flags().BoolVar(&how.all, "all", false, "everything into one run")
	c.Flags().StringVar(&how.window, "window", "", "no further than into runs of a `unit`: hour, day, month or year")
	exclusive(c, []string{"all", "window"})
	return c
}

// mergeFlags are how far to merge; by default as the collector does.
type mergeFlags struct {
	all    bool
	window string
}

func (f mergeFlags) merge(ctx context.Context, s *store.Store, progress func(done, total uint64)) error {
	if f.window == "" {
		return s.Merge(ctx, f.all, progress)
	}
	return s.MergeWindow(ctx, store.Window(f.window), progress)
}

func (f mergeFlags) check() error {
	if f.window == "" {
		return nil
	}
	if _, err := store.ParseWindows([]string{f.window}); err != nil {
		return fmt.Errorf("--window: %w", err)
	}
	return nil
}

func (p *program) merge(ctx context.Context, how mergeFlags) (err error) {
	if err := how.check(); err != nil {
		return err
	}
	s, err := p.existing()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	before, err := s.Stats()
	if err != nil {
		return err
	}
	if keeps := p.keeps(); how.all && keeps > 0 {
		p.say("warning: the store keeps %s, and drops whole runs: nothing of this one goes before all of it does", model.Duration(keeps))
	}
	bar := p.progress("merge", false)
	defer bar.done()
	if err := how.merge(ctx, s, bar.report); err != nil {
		return err
	}
	after, err := s.Stats()
	if err == nil && !p.quiet {
		p.say("%s, %s became %s, %s", plural(len(before.Runs), "run"), size(bytesOf(before)),
			plural(len(after.Runs), "run"), size(bytesOf(after)))
	}
	return err
}

// bytesOf is the size of all runs.
func bytesOf(s store.Stats) (n int64) {
	for _, run := range s.Runs {
		n += run.Bytes
	}
	return n
}

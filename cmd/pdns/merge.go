package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"example.org/pdns/plugin/pkg/store"
)

const mergeLong = `merge brings the runs of a store together, at once: those of an hour into one,
those of a day, of a month and of a year, into the windows and with regard to the
retention that the collector last ran with. It takes no record away: an RRset that
several runs hold becomes one record.

A running CoreDNS merges by itself, and nobody else may then. merge is for a store
that was filled by pdns import, or that shall answer faster and become small now.

With --all everything becomes one run, which answers fastest and takes least
room. Time slices (lookup --slices) are gone then, and retention, which goes by
whole runs, drops all of it or nothing.`

const mergeExample = `  pdns merge --store ./case-17
  pdns merge --store ./case-17 --all`

func newMerge(p *program) *cobra.Command {
	var all bool
	c := &cobra.Command{
		Use:     "merge",
		Short:   "Bring the runs of a store together",
		Long:    mergeLong,
		Example: mergeExample,
		Args:    takes("flags", 0),
		RunE:    func(c *cobra.Command, _ []string) error { return p.merge(c.Context(), all) },
	}
	c.Flags().BoolVar(&all, "all", false, "everything into one run")
	return c
}

func (p *program) merge(ctx context.Context, all bool) (err error) {
	s, err := p.existing()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	before, err := s.Stats()
	if err != nil {
		return err
	}
	bar := p.progress("merge", false)
	defer bar.done()
	if err := s.Merge(ctx, all, bar.report); err != nil {
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

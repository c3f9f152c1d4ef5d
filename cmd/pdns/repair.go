package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"example.org/pdns/plugin/pkg/store"
)

const repairLong = `repair makes a damaged store whole again, and says what was lost:

    a run that is damaged        is written anew, with every record that can still be
                                 read, however little of the file is left; damaged
                                 indexes cost no records
    a run that is missing, or    leaves the store
    of which nothing can be read
    a MANIFEST that is missing   is made of the runs. What only it knew is lost: what
    or damaged                   was left out and why, and which files were imported,
                                 so that these would be imported again
    a run of another version     stays as it is, and the exit status is 2

Without the MANIFEST, a run that a merge had read and not yet removed looks like any
other, and would count twice. So a run all of which is in a later one, first seen no
later, last seen no earlier and no less often, is taken for such a leftover and leaves
the store.

What is damaged or left over is put aside into the folder damaged of the store, which
nothing else touches; with --delete it is removed.

CoreDNS must not be recording into the store, unless it said that the store is
read-only: then it goes on recording by itself when repair is done. Readers may be
at work. It may be interrupted, and called again.`

const repairExample = `  pdns repair
  pdns repair --store ./case-17 --delete`

func newRepair(p *program) *cobra.Command {
	var o store.RepairOptions
	c := &cobra.Command{
		Use:     "repair",
		Short:   "Make a damaged store whole again",
		Long:    repairLong,
		Example: repairExample,
		Args:    takes("flags", 0),
		RunE: func(c *cobra.Command, _ []string) error {
			return p.refused(p.repair(c.Context(), o), insteadOfWriting)
		},
	}
	c.Flags().BoolVar(&o.Delete, "delete", false, "remove what is damaged, instead of putting it aside")
	return c
}

func (p *program) repair(ctx context.Context, o store.RepairOptions) error {
	if err := p.checkStore(); err != nil {
		return err
	}
	if info, err := os.Stat(p.store); err == nil && !info.IsDir() {
		return withHint(fmt.Errorf("--store %s is a file, want a store's directory", p.store), "export a snapshot again")
	}
	var did repairSum
	o.Report = func(r store.Repaired) {
		did.add(r)
		p.clearBar()
		fmt.Fprintln(p.out, printable(repaired(r)))
	}
	bar := p.progress("repair", false)
	o.Progress = bar.report
	err := store.Repair(ctx, p.store, o)
	bar.done()
	switch {
	case errors.Is(err, store.ErrLocked):
		return withHint(err, "CoreDNS or another pdns writes to it: stop that first")
	case errors.Is(err, fs.ErrNotExist) && did.files == 0:
		return p.noStore(err)
	case err != nil:
		return err
	}
	if _, err := fmt.Fprintln(p.out, did.String()); err != nil {
		return err
	}
	if did.untouched > 0 {
		return withHint(fmt.Errorf("left as it was: %s of another version", plural(did.untouched, "run")), "answers lack it: the pdns that wrote it can read it")
	}
	return nil
}

// A repairSum adds up what was done about runs.
type repairSum struct {
	files        int // of which something was done about
	untouched    int
	before, lost uint64
}

func (s *repairSum) add(r store.Repaired) {
	if r.Outcome == store.Untouched {
		s.untouched++
		return
	}
	s.files++
	if r.Outcome == store.Rewritten || r.Outcome == store.Lost {
		s.before += r.Before
		s.lost += r.Before - min(r.Before, r.After)
	}
}

func (s *repairSum) String() string {
	switch {
	case s.files == 0 && s.untouched > 0:
		return "nothing repaired"
	case s.files == 0:
		return "ok: nothing to repair"
	case s.lost == 0:
		return fmt.Sprintf("repaired: %s, no record lost", plural(s.files, "file"))
	}
	return fmt.Sprintf("repaired: %s, %s lost of %s in them", plural(s.files, "file"), plural(s.lost, "record"), number(s.before))
}

// repaired is a line about a file.
func repaired(r store.Repaired) string {
	var text string
	switch in := strings.Join(r.Into, " "); r.Outcome {
	case store.Rewritten:
		text = fmt.Sprintf("%s of %s saved into %s", number(r.After), plural(r.Before, "record"), in)
	case store.Lost:
		text = "lost, with " + plural(r.Before, "record")
	case store.Leftover:
		text = fmt.Sprintf("left over by a merge into %s, which has its %s", in, plural(r.Before, "record"))
	case store.Rebuilt:
		text = fmt.Sprintf("made anew of %s, %s; what was left out and what was imported is forgotten", plural(len(r.Into), "run"), plural(r.After, "record"))
	case store.Untouched:
		text = "left as it is"
	}
	if r.Fault != nil {
		text = fmt.Sprintf("%v: %s", r.Fault, text)
	}
	if r.Aside != "" {
		text += "; the file is " + r.Aside + " now"
	}
	return r.File + ": " + text
}

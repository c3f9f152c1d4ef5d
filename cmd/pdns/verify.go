package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"example.org/pdns/plugin/pkg/store"
)

const verifyLong = `verify walks every page and every record of a store, or of the snapshot or
directory PATH, and prints what is wrong: the file, the place in it, and what.
It changes nothing, and CoreDNS may be running.

A run that is damaged does not keep the others from answering.`

const verifyExample = `  pdns verify
  pdns verify today.pdns`

func newVerify(p *program) *cobra.Command {
	return &cobra.Command{
		Use:     "verify [PATH]",
		Short:   "Check that a store is whole",
		Long:    verifyLong,
		Example: verifyExample,
		Args:    takes("one PATH", 1),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				p.store = args[0]
			}
			return p.refused(p.verify(c.Context()), insteadOfReading)
		},
	}
}

func (p *program) verify(ctx context.Context) error {
	if err := p.checkStore(); err != nil {
		return err
	}
	if err := p.checkKind(); err != nil {
		return err
	}
	findings, missing, wrong := 0, false, map[string]bool{}
	report := func(f store.Finding) {
		findings++
		wrong[f.File] = true
		missing = missing || errors.Is(f.Err, fs.ErrNotExist)
		p.clearBar()
		fmt.Fprintln(p.out, printable(p.finding(f)))
	}
	bar := p.progress("verify", false)
	err := store.Verify(ctx, p.store, report, bar.report)
	bar.done()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return p.noManifest(err)
	case err != nil:
		return err
	}
	if err := p.sayOthers(); err != nil {
		return err
	}
	if findings > 0 {
		return withHint(fmt.Errorf("%s: %s in %s", p.store, plural(findings, "finding"), plural(len(wrong), "file")), p.afterFindings(missing))
	}
	return p.whole()
}

// afterFindings is what to do about them.
func (p *program) afterFindings(missing bool) string {
	if missing {
		return "put back what is missing; without it pdns repair saves what can be read of the rest"
	}
	if info, err := os.Stat(p.store); err == nil && info.IsDir() {
		return "what is not damaged still answers; pdns repair saves what can be read of the rest"
	}
	return "what is not damaged still answers"
}

// sayOthers names files that were not looked at.
func (p *program) sayOthers() error {
	o, err := p.others()
	if len(o.names) > 0 && !p.quiet {
		p.say("not of the store, and left alone: %s", strings.Join(o.names, ", "))
	}
	return err
}

// noManifest says that a directory is no store, as every command does.
func (p *program) noManifest(err error) error {
	src, again := p.source()
	if again != nil {
		return again
	}
	src.Close()
	return err
}

// checkKind refuses a file that is no snapshot, however damaged: text.
func (p *program) checkKind() error {
	info, err := os.Stat(p.store)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return p.noStore(err)
	case err != nil || info.IsDir():
		return err
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is a device or a pipe, want a store or a snapshot", p.store)
	}
	f, err := os.Open(p.store)
	if err != nil {
		return err
	}
	defer f.Close()
	start := make([]byte, 32) // of a database: it begins with zeros
	n, err := f.Read(start)
	if n > 0 && bytes.IndexByte(start[:n], 0) < 0 {
		return fmt.Errorf("%s is no store and no snapshot", p.store)
	}
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("%s is empty, want a store or a snapshot", p.store)
	}
	return err
}

// finding names the file once, though its error may name it again.
func (p *program) finding(f store.Finding) string {
	text := f.Err.Error()
	var failed *fs.PathError
	if errors.As(f.Err, &failed) {
		text = strings.ReplaceAll(text, failed.Op+" "+failed.Path+": ", "")
	}
	text = strings.ReplaceAll(text, filepath.Join(p.store, f.File)+": ", "")
	if f.Place == "" {
		return fmt.Sprintf("%s: %s", f.File, text)
	}
	return fmt.Sprintf("%s: %s: %s", f.File, f.Place, text)
}

// whole says how much was found in order.
func (p *program) whole() error {
	src, err := p.source()
	if err != nil {
		return err
	}
	defer src.Close()
	stats, err := src.Stats()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.out, "ok: %s, %s, %s\n", plural(len(stats.Runs), "run"),
		plural(records(stats), "record"), size(bytesOf(stats)))
	return err
}

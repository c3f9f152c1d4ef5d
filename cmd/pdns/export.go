package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"example.org/pdns/plugin/pkg/cof"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
	"example.org/pdns/plugin/pkg/store/durable"
	storerun "example.org/pdns/plugin/pkg/store/run"
)

const exportLong = `export writes a store, or a part of it, as of now; CoreDNS keeps recording.

Without --snapshot it writes the Common Output Format, one JSON object a line,
which pdns import reads back without loss, but where the collector of the store that
it goes into collapses names (disposable), and dnsdbq -J reads as it is. An output
file whose name ends in .gz or .zst is compressed.

The keys that the format does not have say

    ttl_min, ttl_max    the smallest and the largest TTL seen, in seconds; not
                        there where none was, as in most of what is imported
    bailiwick_known     true where the resolver named the zone that answered; else
                        the bailiwick is concluded, or not known and not there
    sources             where sightings came from: forward (CoreDNS recorded them),
                        dnstap or import

dnsdbq wants some DNSDB_API_KEY, though it asks no server with -J.

pdns help lists how a time can be given.

With --snapshot it writes one compact file that commands that read take for --store.
They take one run by itself, too, a .run file of a store: what is exported of it pdns
import takes into another store.

A file appears under its name when it is whole, and not before.`

const exportExample = `  pdns export -o history.json.zst
  pdns export --zone example.com --since 2019-08-01 | DNSDB_API_KEY=none dnsdbq -J /dev/stdin
  pdns export --snapshot today.pdns
  pdns lookup www.example.com --store today.pdns`

// exportFlags are the flags of pdns export as given.
type exportFlags struct {
	json             bool
	snapshot, output string
	since, until     string
	zone             string
	force            bool
}

func newExport(p *program) *cobra.Command {
	var f exportFlags
	c := &cobra.Command{
		Use:     "export",
		Short:   "Write a store, or a part of it, to a file",
		Long:    exportLong,
		Example: exportExample,
		Args:    takes("flags", 0),
		RunE:    func(c *cobra.Command, _ []string) error { return p.export(c.Context(), &f) },
	}
	flags := c.Flags()
	flags.SortFlags = false
	flags.BoolVarP(&f.json, "json", "j", false, "the Common Output Format, the default")
	flags.StringVar(&f.snapshot, "snapshot", "", "a snapshot in this `file`")
	flags.StringVarP(&f.output, "output", "o", "", "write to this `file`; without it to standard output")
	flags.StringVar(&f.since, "since", "", "only what was seen at or after this `time`")
	flags.StringVar(&f.until, "until", "", "only what was seen at or before this `time`")
	flags.StringVar(&f.zone, "zone", "", "only this `name` and all names below it")
	flags.BoolVarP(&f.force, "force", "f", false, "replace a file that exists")
	exclusive(c, []string{"json", "snapshot"}, []string{"output", "snapshot"})
	return c
}

func (p *program) export(ctx context.Context, f *exportFlags) error {
	fences, err := window(f.since, f.until)
	if err != nil {
		return err
	}
	var zone []byte
	if f.zone != "" {
		if zone, err = rrset.ParseName(f.zone); err != nil {
			return fmt.Errorf("--zone: %w", err)
		}
	}
	src, err := p.source()
	if err != nil {
		return err
	}
	defer src.Close()
	if err := p.warnEmpty(src); err != nil {
		return err
	}
	if f.snapshot != "" {
		return p.exportSnapshot(ctx, src, f, store.SnapshotOptions{Fences: fences, Zone: zone})
	}
	q := store.Query{Subject: store.All(), Negative: true, Fences: fences}
	if zone != nil {
		q.Subject = store.Below(zone)
	}
	return p.exportLines(ctx, src, q, f)
}

// warnEmpty says that there is nothing to export.
func (p *program) warnEmpty(src store.Source) error {
	c, err := coverage(src)
	if err == nil && c.Since.IsZero() && !p.quiet {
		p.say("%s", reach(c))
	}
	return err
}

// exportSnapshot lets the store write beside the file and then renames.
func (p *program) exportSnapshot(ctx context.Context, src store.Source, f *exportFlags, o store.SnapshotOptions) error {
	switch replace, err := mayWrite(f.snapshot, f.force); {
	case err != nil:
		return err
	case !replace:
		return fmt.Errorf("%s is a device or a pipe, want a file", f.snapshot)
	}
	dir, err := os.MkdirTemp(filepath.Dir(f.snapshot), ".pdns-snapshot-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	bar := p.progress("snapshot", false)
	defer bar.done()
	o.Progress = bar.report
	made := filepath.Join(dir, filepath.Base(f.snapshot))
	fail := store.Snapshot(ctx, src, made, o)
	if errors.Is(fail, storerun.ErrDamaged) || errors.Is(fail, fs.ErrNotExist) {
		return withHint(fail, "pdns repair saves what can be read of it; without --snapshot the rest is exported")
	}
	if fail != nil && !errors.Is(fail, store.ErrIncomplete) {
		return fail
	}
	info, err := os.Stat(made)
	if err != nil {
		return errors.Join(fail, err)
	}
	if err := durable.Rename(made, f.snapshot); err != nil {
		return err
	}
	if !p.quiet {
		p.say("%s: %s", f.snapshot, size(info.Size()))
	}
	return p.warnIncomplete(fail)
}

// exportLines writes the Common Output Format.
func (p *program) exportLines(ctx context.Context, src store.Source, q store.Query, f *exportFlags) error {
	out, err := p.create(f.output, f.force)
	if err != nil {
		return err
	}
	defer out.abandon()
	stats, err := src.Stats()
	if err != nil {
		return err
	}
	n, fail := p.lines(ctx, src, q, out, records(stats))
	if fail != nil && !errors.Is(fail, store.ErrIncomplete) {
		return fail
	}
	if err := out.commit(); err != nil {
		return err
	}
	if !p.quiet {
		p.say("%s exported", plural(n, "RRset"))
	}
	return p.warnIncomplete(fail)
}

func (p *program) lines(ctx context.Context, src store.Source, q store.Query, out io.Writer, total uint64) (n uint64, err error) {
	bar := p.progress("export", false)
	defer bar.done()
	w := bufio.NewWriterSize(out, 256<<10)
	var line []byte
	for r, err := range src.Find(ctx, q) {
		if err != nil {
			return n, errors.Join(err, w.Flush())
		}
		line = append(cof.Append(line[:0], r), '\n')
		if _, err := w.Write(line); err != nil {
			return n, err
		}
		if n++; n%1024 == 0 {
			bar.report(n, total)
		}
	}
	return n, w.Flush()
}

// records is how many records all runs hold: at least as many as there are
// RRsets.
func records(s store.Stats) uint64 {
	n := uint64(s.Memtable.Records)
	for _, run := range s.Runs {
		n += run.Records
	}
	return n
}

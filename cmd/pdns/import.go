package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"example.org/pdns/plugin/pkg/cof"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

const importLong = `import takes records in the passive DNS Common Output Format, one JSON object a
line, into a store, and makes the store if there is none. It reads what
pdns export, DNSDB, CIRCL and dnsdbq -j write; gzip and zstd are recognised by
content. FILE - is standard input.

Figures are added: what is imported twice is counted twice. Records are marked
as imported, unless they say where they came from.

A line that is wrong is told with its place and left out; the rest is kept. The
exit status is 2 then.

CoreDNS writes to its store alone: stop it, or import into another directory.`

const importExample = `  pdns import history.json
  pdns import --store ./case-17 part-*.json.zst
  dnsdbq -r '*.example.com' -j | pdns import --store ./case-17 -`

// mostTold is how many wrong lines are told one by one.
const mostTold = 10

func newImport(p *program) *cobra.Command {
	return &cobra.Command{
		Use:     "import FILE...|-",
		Short:   "Take records from files into a store",
		Long:    importLong,
		Example: importExample,
		Args:    wants("FILE... or - for standard input", 0),
		RunE:    func(c *cobra.Command, args []string) error { return p.importFiles(c.Context(), args) },
	}
}

// importFiles imports files one after the other. What was taken from them when
// it is interrupted is kept.
func (p *program) importFiles(ctx context.Context, files []string) error {
	im := &importer{p: p}
	var err error
	for _, file := range files {
		if err = im.file(ctx, file); err != nil {
			break
		}
	}
	if kept := im.keep(ctx); kept != nil {
		return errors.Join(err, kept)
	}
	if im.store == nil && err != nil {
		return err
	}
	im.tell()
	if err == nil && im.bad+im.broken > 0 {
		return wentWrong
	}
	return err
}

// An importer takes records from files into a store and counts.
type importer struct {
	p     *program
	store *store.Store // nil until there is a file to import

	files, lines, taken, bad int
	broken                   int // files that could not be read to their end
}

// file imports one file. A file that cannot be read is told, and is no error.
func (im *importer) file(ctx context.Context, path string) error {
	in, size, err := im.p.input(ctx, path)
	if err != nil {
		return im.breakOff(err)
	}
	defer in.Close()
	read := &countingReader{in: in}
	lines, err := cof.NewReader(read)
	if err != nil {
		return im.breakOff(fmt.Errorf("%s: %w", path, err))
	}
	defer lines.Close()
	if err := im.open(); err != nil {
		return err
	}
	im.files++
	bar := im.p.progress("import", true)
	defer bar.done()
	defer func() { im.lines += lines.Lines() }()
	for {
		r, err := lines.Next()
		if err == nil {
			err = im.take(ctx, r, lines.Lines())
		}
		var line *cof.LineError
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
			return nil
		case errors.As(err, &line):
			im.wrong(path, line)
		case errors.Is(err, store.ErrClosed):
			return err
		case err != nil:
			return im.breakOff(fmt.Errorf("%s: %w", path, err))
		}
		if lines.Lines()%1024 == 0 {
			bar.report(read.n, size)
		}
	}
}

// open opens the store: one that cannot get any record is not made.
func (im *importer) open() (err error) {
	if im.store == nil {
		im.store, err = im.p.writable()
	}
	return err
}

// keep closes the store with all that was taken on disk.
func (im *importer) keep(ctx context.Context) error {
	if im.store == nil {
		return nil
	}
	err := im.store.Flush(context.WithoutCancel(ctx))
	return cmp.Or(err, im.store.Close())
}

// take records one RRset.
func (im *importer) take(ctx context.Context, r *rrset.RRset, line int) error {
	const sources = rrset.FromForward | rrset.FromDnstap | rrset.FromImport
	if r.Marks&sources == 0 {
		r.Marks |= rrset.FromImport
	}
	err := im.store.AddWait(ctx, r)
	if err == nil {
		im.taken++
		return nil
	}
	if ctx.Err() != nil || errors.Is(err, store.ErrClosed) {
		return err
	}
	return &cof.LineError{Line: line, Err: err}
}

// wrong counts a line that was left out, and tells the first of them.
func (im *importer) wrong(path string, line *cof.LineError) {
	im.bad++
	switch {
	case im.bad <= mostTold:
		im.p.say("%s:%d: %v", path, line.Line, line.Err)
	case im.bad == mostTold+1:
		im.p.say("more lines are wrong, and are only counted")
	}
}

func (im *importer) breakOff(err error) error {
	im.broken++
	im.p.say("error: %v", err)
	return nil
}

// tell ends an import with its figures.
func (im *importer) tell() {
	if im.p.quiet && im.bad == 0 {
		return
	}
	im.p.say("%s: %s, %d taken, %d wrong, %d without a record",
		plural(im.files, "file"), plural(im.lines, "line"), im.taken, im.bad, im.lines-im.taken-im.bad)
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// input opens a file, or standard input for "-"; the size is 0 if not known.
func (p *program) input(ctx context.Context, path string) (io.ReadCloser, uint64, error) {
	if path == "-" {
		return interruptible(ctx, io.NopCloser(p.in)), 0, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	switch {
	case err != nil:
	case info.IsDir():
		err = fmt.Errorf("%s is a directory, want a file", path)
	case info.Mode().IsRegular():
		return f, uint64(info.Size()), nil
	default:
		return interruptible(ctx, f), 0, nil
	}
	f.Close()
	return nil, 0, err
}

// interruptible reads from a stream that may keep silent for long, until ctx
// ends: a read of it cannot be called back.
func interruptible(ctx context.Context, in io.ReadCloser) io.ReadCloser {
	out, to := io.Pipe()
	go func() {
		_, err := io.Copy(to, in)
		in.Close()
		to.CloseWithError(err)
	}()
	context.AfterFunc(ctx, func() { out.CloseWithError(ctx.Err()) })
	return out
}

// A countingReader counts the bytes read from in.
type countingReader struct {
	in io.Reader
	n  uint64
}

func (r *countingReader) Read(b []byte) (int, error) {
	n, err := r.in.Read(b)
	r.n += uint64(n)
	return n, err
}

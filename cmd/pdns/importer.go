package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"example.org/pdns/plugin/pkg/capture"
	"example.org/pdns/plugin/pkg/clock"
	"example.org/pdns/plugin/pkg/dnstap"
	"example.org/pdns/plugin/pkg/observation"
	"example.org/pdns/plugin/pkg/store"
	"example.org/pdns/plugin/pkg/store/manifest"
)

// importMemory is what a store may hold back while it is filled. More makes fewer
// runs, but they are merged anyway.
const importMemory = 128 << 20

// mostTold is how many wrong lines and frames are told one by one.
const mostTold = 10

// An importer takes history from files into a store and counts.
type importer struct {
	importOptions
	p        *program
	observer *observation.Observer
	store    *store.Store // nil until there is a file to import
	imported imported
	keeps    time.Duration // what the store keeps; 0: for ever
	since    int64         // see sink
	begun    time.Time
	cutAt    time.Time // when what was taken was last given to the disk

	bar           *progress
	passed, bytes int64 // of the files behind, of all; 0 if not known

	files, before int
	waits         bool              // it was told that it waits
	broken        uint64            // files that could not be read to their end
	items         map[string]uint64 // by what they are called
	packets       capture.Stats

	mu    sync.Mutex // the workers meet here
	total tally
	wrong uint64 // items that are not as they should be
	// untaken are the types of messages that were left out while nothing was taken.
	untaken dnstap.Types
}

func newImporter(p *program, o importOptions) *importer {
	now := time.Now()
	return &importer{
		importOptions: o, p: p, observer: observation.New(o.observe),
		begun: now, cutAt: now, items: map[string]uint64{},
	}
}

// expect begins to tell how far it is, on the way through all files.
func (im *importer) expect(paths []string) {
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil || !info.Mode().IsRegular() || im.follow {
			im.bytes = 0
			break
		}
		im.bytes += info.Size()
	}
	im.bar = im.p.progress("import", true)
}

// file imports a file, and, to follow it, those that come in its place.
func (im *importer) file(ctx context.Context, path string, follow bool) error {
	in, err := im.p.input(ctx, path)
	if err != nil {
		return im.breakOff(err)
	}
	for {
		var f *follower
		if follow {
			if f, err = im.newFollower(ctx, path, in); err != nil {
				in.Close()
				return im.breakOff(err)
			}
			in.Reader = f
		}
		err = im.take(ctx, path, in, f)
		in.Close()
		im.passed += in.size
		if f == nil || !f.gone || err != nil || ctx.Err() != nil {
			return err
		}
		im.say("%s was replaced: goes on with the new one", path)
		if in, err = im.successor(ctx, path); err != nil {
			return nil // how following ends
		}
	}
}

// take imports what is open. A file that cannot be read is told, and is no error.
func (im *importer) take(ctx context.Context, path string, in *input, f *follower) error {
	wrong := func(err error) error {
		switch {
		case ctx.Err() == nil:
			return im.breakOff(fmt.Errorf("%s: %w", path, headless(err)))
		case f != nil: // how following ends
			return nil
		}
		return ctx.Err()
	}
	c, err := newContent(ctx, in, f != nil)
	if err != nil {
		return wrong(err)
	}
	defer c.close()
	c.progress = func() { im.bar.report(uint64(im.passed+c.raw.Load()), uint64(im.bytes)) }
	buffered := bufio.NewReaderSize(c, dnstap.MaxFrame+4) // large enough for all feeds: they need no other
	k, err := kindOf(buffered)
	if err != nil {
		return wrong(err)
	}
	if err := im.open(); err != nil {
		return err
	}
	r := &importRun{im: im, path: path, content: c, choice: im.choice(k)}
	if in.file != nil && !im.again {
		before, err := im.imported.recognise(ctx, io.NewSectionReader(in.file, 0, in.size), r.choice, f != nil)
		if err != nil {
			return wrong(err)
		}
		if len(before.left) == 0 {
			im.before++
			im.say("%s: imported before, on %s; --again takes it once more", path, stamp(before.at))
			return nil
		}
		r.choice, r.out.skip, r.last, r.known = before.left, before.items, before.entry, true
	}
	if r.feed, err = im.feed(k, r, buffered); err != nil {
		return wrong(err)
	}
	im.files++
	return r.run(ctx, f)
}

// open opens the store: one that cannot get any record is not made.
func (im *importer) open() (err error) {
	if im.store != nil {
		return nil
	}
	_, missing := os.Stat(im.p.store)
	if im.store, err = im.p.writableBy(store.Options{ByCut: true, Memory: importMemory}); err != nil {
		return err
	}
	im.imported = imported{im.store.Imports()}
	if im.keeps = im.p.keeps(); im.keeps > 0 {
		im.since = clock.Now().Add(-im.keeps).Unix()
	}
	if missing != nil {
		im.say("made the store %s", im.p.store)
	} else {
		im.say("into the store %s", im.p.store)
	}
	return nil
}

// due reports whether it is time for a cut.
func (im *importer) due() bool { return time.Since(im.cutAt) > cutEvery || im.store.Crowded() }

// cut gives what was taken to the disk, in the background, together with the list
// of what it was taken of.
func (im *importer) cut(ctx context.Context) error {
	im.cutAt = time.Now()
	if err := im.store.Cut(ctx, im.imported.list); err != nil {
		return fmt.Errorf("%w: %w", errStore, err)
	}
	return nil
}

// keep closes the store with all that was taken on disk.
func (im *importer) keep(ctx context.Context) error {
	im.bar.done()
	if im.store == nil {
		return nil
	}
	ctx = context.WithoutCancel(ctx)
	err := im.store.Cut(ctx, im.imported.list)
	if err == nil {
		err = im.store.Sync(ctx)
	}
	return cmp.Or(err, im.store.Close())
}

// isWrong counts an item that was left out, and tells the first of them.
func (im *importer) isWrong(where string, err error) {
	im.mu.Lock()
	defer im.mu.Unlock()
	switch im.wrong++; {
	case im.wrong <= mostTold:
		im.p.say("%s: %v", where, err)
	case im.wrong == mostTold+1:
		im.p.say("more is wrong, and is only counted")
	}
}

func (im *importer) breakOff(err error) error {
	im.broken++
	im.p.say("error: %v", err)
	var h *hintError
	if errors.As(err, &h) {
		im.p.say("hint: %s", h.hint)
	}
	return nil
}

func (im *importer) say(format string, args ...any) {
	if !im.p.quiet {
		im.p.say(format, args...)
	}
}

// choice is what of a file of a kind is to be taken.
func (im *importer) choice(k kind) []string {
	switch k {
	case framesOfDnstap:
		return typeNames(im.types)
	case packetsOfPcap:
		return portNames(im.ports)
	}
	return []string{"COF"}
}

// feed begins to read a file of a kind.
func (im *importer) feed(k kind, r *importRun, in io.Reader) (feed, error) {
	switch k {
	case framesOfDnstap:
		return newFrameFeed(r, in)
	case packetsOfPcap:
		return newPacketFeed(r, in)
	}
	return newLineFeed(r, in), nil
}

// headless says of an error about the beginning of a file that there is no more of
// it.
func headless(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("cut short in its header")
	}
	return err
}

// entry is what is to be remembered of a file.
func (r *importRun) entry(extent manifest.Extent) manifest.Import {
	e := r.content.digest()
	e.Items, e.Choice, e.Extent, e.At = r.out.n, r.choice, extent, clock.Now().Unix()
	return e
}

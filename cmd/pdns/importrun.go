package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
	"time"

	"example.org/pdns/plugin/pkg/intake"
	"example.org/pdns/plugin/pkg/store/manifest"
)

// A feed is a file that is read item by item: by lines, frames or packets.
type feed interface {
	// next hands on the next item, or several. The error is io.EOF at the end, and
	// matches io.ErrUnexpectedEOF where the file is cut short.
	next(*outlet) error
	// drain hands on what waits for items that may come, if the file has ended or it
	// has to; it reports whether it did.
	drain(o *outlet, ended bool) bool
	// take observes what was handed on; it is called by several goroutines.
	take(*intake.Batch, *tally)
	// close tells the importer what was counted beside.
	close()
	// unit is what an item is called.
	unit() string
}

// An importRun is the import of one file: one goroutine reads, as many as there
// are cores observe.
type importRun struct {
	im      *importer
	path    string
	content *content
	feed    feed
	out     outlet
	choice  []string
	known   bool             // it was looked up what of it was imported before
	last    *manifest.Import // what is remembered of this file; nil: nothing yet
	taken   uint64           // by the importer before this file
	cutTo   uint64           // up to which item all was given to the disk
}

// An outlet hands items to the workers, and counts them.
type outlet struct {
	workers *intake.Workers
	working sync.WaitGroup
	batch   *intake.Batch // nil if there is none to be filled
	n       uint64        // items so far
	skip    uint64        // how many of them were imported before
}

// add hands on a copy of an item.
func (o *outlet) add(item []byte, t time.Time) {
	if o.n++; o.n > o.skip {
		o.give(item, t)
	}
}

// give hands on what an item holds, or what was made from several.
func (o *outlet) give(item []byte, t time.Time) {
	if o.batch != nil && o.batch.Full(len(item)) {
		o.put()
	}
	if o.batch == nil {
		o.batch = o.workers.Get()
		o.batch.Origin = o.n
	}
	o.batch.Append(item, t)
}

// gap counts an item that is not handed on.
func (o *outlet) gap() {
	o.put()
	o.n++
}

// put gives what there is to the workers.
func (o *outlet) put() {
	if o.batch != nil {
		o.working.Add(1)
		o.workers.Put(o.batch)
		o.batch = nil
	}
}

// settle returns when all that was handed on has been taken.
func (o *outlet) settle() {
	o.put()
	o.working.Wait()
}

// cutEvery is the longest time that a crash can make it work again.
const cutEvery = 10 * time.Second

// run reads to the end.
func (r *importRun) run(ctx context.Context, f *follower) error {
	r.taken = r.im.total.taken
	r.out.workers = intake.Start(runtime.GOMAXPROCS(0), r.work)
	defer r.out.workers.Close()
	if r.out.skip > 0 {
		r.im.say("%s: goes on behind %s, imported before", r.path, plural(r.out.skip, r.feed.unit()))
	}
	if f != nil {
		f.idle = func(since time.Duration) error { return r.pause(ctx, since) }
	}
	err := r.read(ctx)
	r.packUp(err == io.EOF, ctx.Err() == nil && !errors.Is(err, errStore))
	r.feed.close()
	r.im.items[r.feed.unit()] += r.out.n - min(r.out.n, r.out.skip)
	if err == io.EOF && r.im.due() {
		if err := r.im.cut(ctx); err != nil {
			return err
		}
	}
	switch {
	case ctx.Err() != nil && f == nil:
		return ctx.Err()
	case err == io.EOF || ctx.Err() != nil:
		return nil
	case errors.Is(err, errStore):
		return err
	case errors.Is(err, io.ErrUnexpectedEOF):
		err = fmt.Errorf("cut short in %s %d: all before it was taken", r.feed.unit(), r.out.n+1)
	}
	return r.im.breakOff(fmt.Errorf("%s: %w", r.path, err))
}

// It is looked whether a cut is due behind so many items or octets: the store takes
// everything until then.
const (
	itemsToLook  = 256
	octetsToLook = 1 << 20
)

// read hands on items until the file ends, or something else does.
func (r *importRun) read(ctx context.Context) error {
	var looked, octets uint64
	for {
		if err := r.feed.next(&r.out); err != nil {
			return err
		}
		if r.out.n-looked < itemsToLook && r.content.octets-octets < octetsToLook {
			continue
		}
		looked, octets = r.out.n, r.content.octets
		if err := ctx.Err(); err != nil {
			return err
		}
		if r.im.due() {
			if err := r.cut(ctx); err != nil {
				return err
			}
		}
	}
}

// pause is called while a file that is followed does not grow. What was taken goes
// to the disk when its time has come, or the file is at rest.
func (r *importRun) pause(ctx context.Context, since time.Duration) error {
	r.out.put()
	if r.out.n == r.cutTo || since < time.Second && time.Since(r.im.cutAt) < cutEvery {
		return nil
	}
	return r.cut(ctx)
}

// errStore is wrapped by an error of the store, which ends all of the import.
var errStore = errors.New("import ends")

// cut gives what was taken up to the last item to the disk.
func (r *importRun) cut(ctx context.Context) error {
	r.packUp(false, false)
	r.cutTo = r.out.n
	return r.im.cut(ctx)
}

// packUp remembers how far a file was imported, and waits until that is taken. One
// that nothing was taken of may be taken by other flags.
func (r *importRun) packUp(whole, ended bool) {
	extent := manifest.Part
	switch behind := r.out.n >= r.out.skip; {
	case whole:
		extent = manifest.Whole
		r.feed.drain(&r.out, behind)
	case behind && r.feed.drain(&r.out, ended):
		extent = manifest.Drained
	}
	r.out.settle()
	im := r.im
	if r.last == nil && im.total.taken == r.taken || r.out.n < r.out.skip {
		return
	}
	e := r.entry(extent)
	switch {
	case im.again:
	case whole && !r.known && im.imported.holds(e):
		im.say("warning: %s held what was imported before: it counts twice now", r.path)
	case ended && im.total.taken > r.taken && im.imported.continues(e):
		im.say("warning: %s began as a longer file that was imported before: what both hold counts twice now", r.path)
	}
	r.last = im.imported.record(e, r.last)
}

// work observes a batch.
func (r *importRun) work(b *intake.Batch) {
	defer r.out.working.Done()
	t := tally{sink: sink{store: r.im.store, since: r.im.since}}
	r.feed.take(b, &t)
	r.im.mu.Lock()
	defer r.im.mu.Unlock()
	r.im.total.add(&t)
}

// A tally is what came of one batch, or of all.
type tally struct {
	sink
	blank uint64 // lines without a record
}

func (t *tally) add(u *tally) {
	t.sink.add(&u.sink)
	t.blank += u.blank
}

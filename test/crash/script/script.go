package script

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"example.org/pdns/plugin/pkg/store"
	"example.org/pdns/plugin/pkg/store/manifest"
)

// storeDir is the store's place below the root. The directory above it does not
// exist at first either.
const storeDir = "var/store"

// Scripts are what a program can do, by name.
var Scripts = map[string]func(*Program) error{
	"collect":  collect,
	"import":   importing,
	"crowd":    crowd,
	"collapse": collapse,
	"heavy":    heavily,
}

// others are those of which something else is wanted: to show that a program can
// be traced, and to read what another writes.
var others = map[string]func(*Program) error{
	"nothing": func(*Program) error { return nil },
	"look":    look,
}

// A Program is one under way.
type Program struct {
	root string
	series
	out   io.Writer // for what it says
	store *store.Store
	opts  store.Options
	clock atomic.Int64 // Unix seconds
	added int

	reduced manifest.Reduced // what is known of it at the end
}

// Run does what a script says below a root.
func Run(name, root string) error {
	do := Scripts[name]
	if do == nil {
		do = others[name]
	}
	if do == nil {
		return fmt.Errorf("no script %q", name)
	}
	p := newProgram(root, os.Stdout)
	if err := do(p); err != nil {
		return err
	}
	p.say("done")
	return nil
}

func newProgram(root string, out io.Writer) *Program {
	p := &Program{root: root, out: out}
	p.clock.Store(eraStart(0).Unix())
	p.opts = store.Options{Flush: time.Hour,
		Now:    func() time.Time { return time.Unix(p.clock.Load(), 0) },
		Events: store.Events{Error: p.complain}}
	return p
}

// say tells in one write, so that nobody sees a half.
func (p *Program) say(format string, args ...any) {
	fmt.Fprintf(p.out, format+"\n", args...)
}

func (p *Program) complain(err error) { p.say("error %q", err) }

// attempts bounds how often something is tried again.
const attempts = 200

// insist does something until it goes well, as a collector would at its next
// flush. What goes wrong is told.
func (p *Program) insist(do func() error) (err error) {
	for range attempts {
		if err = do(); err == nil {
			return nil
		}
		p.complain(err)
	}
	return err
}

func (p *Program) open() error {
	return p.insist(func() (err error) {
		p.store, err = store.Open(filepath.Join(p.root, storeDir), p.opts)
		return err
	})
}

func (p *Program) close() {
	if err := p.store.Close(); err != nil {
		p.complain(err)
	}
}

// add adds observations up to a number, as time passes.
func (p *Program) add(to int) error {
	p.say("adding %d", to)
	for ; p.added < to; p.added++ {
		p.clock.Store(madeAt(p.added).Unix())
		if err := p.store.Add(p.observation(p.added)); err != nil {
			return err
		}
	}
	return nil
}

func (p *Program) flush(to int) error {
	if err := p.add(to); err != nil {
		return err
	}
	if err := p.insist(func() error { return p.store.Flush(context.Background()) }); err != nil {
		return err
	}
	p.say("kept %d", to)
	return nil
}

// merge tells what goes wrong; it is not a promise.
func (p *Program) merge(all bool) {
	if err := p.store.Merge(context.Background(), all, nil); err != nil {
		p.complain(err)
	}
}

func (p *Program) snapshot(file string) {
	n := p.added
	err := store.Snapshot(context.Background(), p.store, filepath.Join(p.root, file), store.SnapshotOptions{})
	if err != nil {
		p.complain(err)
		return
	}
	p.say("snapshot %s %d", file, n)
}

// flushes is how many runs an era is flushed to at first.
const flushes = 4

// collect is the life of a collector: flushes, merges of hours and of what is
// long over, a snapshot, a retention, a new start.
func collect(p *Program) error {
	if err := p.open(); err != nil {
		return err
	}
	for era := range eras {
		for n := range flushes {
			if err := p.flush(era*perEra + (n+1)*perEra/flushes); err != nil {
				return err
			}
			if n == 1 {
				p.merge(false)
			}
		}
		if era == 0 {
			p.snapshot("snapshot")
		}
		p.clock.Store(eraStart(era + 1).Add(-7 * 24 * time.Hour).Unix())
		p.merge(false)
		if era == 1 {
			if err := p.retain(1); err != nil {
				return err
			}
			p.close()
			if err := p.open(); err != nil {
				return err
			}
		}
	}
	p.merge(true)
	p.close()
	return nil
}

// retain has the store keep no era before one. It waits until the store believes
// a clock that goes from era to era, which takes a day.
func (p *Program) retain(era int) error {
	p.say("dropping %d", era)
	o := p.opts
	o.Keep = o.Now().Sub(eraStart(era).Add(-30 * 24 * time.Hour))
	p.store.Reconfigure(o)
	for range 4 {
		if err := p.insist(func() error { return p.store.Merge(context.Background(), false, nil) }); err != nil {
			return err
		}
		p.clock.Add(int64(12 * time.Hour / time.Second))
	}
	p.store.Reconfigure(p.opts)
	p.say("dropped %d", era)
	p.merge(false) // else the background does, and says nothing if it fails while the store closes
	return nil
}

package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
	"example.org/pdns/plugin/pkg/store/disposable"
)

// trials are always made. Those that have found something stay, with what it was.
var trials = []struct {
	seed  uint64
	steps int
	found string
}{
	{0, 2000, ""},
	{1, 2000, ""},
	{2, 2000, ""},
	{3, 2000, ""},
}

// TestModel does random things to a store and to a model, and asks both. With
// PDNS_MODEL_STEPS it makes one trial of that length instead, by a seed that is
// PDNS_MODEL_SEED or new each time.
func TestModel(t *testing.T) {
	if text := os.Getenv("PDNS_MODEL_STEPS"); text != "" {
		steps, err := strconv.Atoi(text)
		must(t, err)
		seed := rand.Uint64()
		if text := os.Getenv("PDNS_MODEL_SEED"); text != "" {
			seed, err = strconv.ParseUint(text, 10, 64)
			must(t, err)
		}
		fmt.Printf("PDNS_MODEL_SEED=%d PDNS_MODEL_STEPS=%d\n", seed, steps)
		runTrial(t, seed, steps)
		return
	}
	for _, tt := range trials {
		t.Run(fmt.Sprint(tt.seed), func(t *testing.T) {
			t.Parallel()
			runTrial(t, tt.seed, tt.steps)
		})
	}
}

// A trial is a store and a model that go through the same.
type trial struct {
	*testing.T
	world
	dir    string
	opts   store.Options
	clock  atomic.Int64
	store  *store.Store
	beside store.Source // reads the directory all the time, as another process would

	model *model
	// What a crash leaves: safe, and of what was added since a part, from the
	// first on.
	safe  *model
	since []*rrset.RRset
	items uint64 // of the import, up to the last cut
}

// moves are what a trial does, and how often beside each other.
var moves = []struct {
	weight int
	do     func(*trial)
}{
	{2000, (*trial).add},
	{250, (*trial).ask},
	{200, (*trial).pass},
	{60, (*trial).flush},
	{25, (*trial).askBeside},
	{15, func(t *trial) { t.merge(false) }},
	{5, func(t *trial) { t.merge(true) }},
	{10, (*trial).reopen},
	{10, (*trial).crash},
	{10, (*trial).snapshot},
	{10, (*trial).linger},
	{5, (*trial).crowd},
	{5, (*trial).age},
	{5, (*trial).retain},
	{2, (*trial).retainAll},
	{1, (*trial).flood},
}

func runTrial(tt *testing.T, seed uint64, steps int) {
	t := &trial{T: tt, world: world{rand.New(rand.NewPCG(seed, 1))}, dir: tt.TempDir(), model: newModel(), safe: newModel()}
	t.clock.Store(time.Date(2001, time.March, 3, 22, 0, 0, 0, time.UTC).Unix())
	// What comes in too many forms would be cut down: that is not tried here.
	all := disposable.Policy{Mode: disposable.Off, Children: 1 << 40, Combinations: 1 << 40}
	t.opts = store.Options{Flush: time.Hour, ByCut: seed%4 == 3, Visit: seed%4 == 3, Disposable: all,
		Now:    func() time.Time { return time.Unix(t.clock.Load(), 0) },
		Events: store.Events{Error: func(err error) { t.Error(err) }}}
	t.open()
	var total int
	for _, m := range moves {
		total += m.weight
	}
	for step := 0; step < steps && !t.Failed(); step++ {
		n := t.IntN(total)
		for _, m := range moves {
			if n -= m.weight; n < 0 {
				m.do(t)
				break
			}
		}
	}
	t.same(t.store, everything)
	t.close()
	intact(tt, t.dir)
}

func (t *trial) open() {
	t.Helper()
	var err error
	t.store, err = store.Open(t.dir, t.opts)
	must(t, err)
	t.beside, err = store.OpenReader(t.dir)
	must(t, err)
}

func (t *trial) close() {
	t.Helper()
	must(t, t.beside.Close())
	must(t, t.store.Close())
}

// same fails unless a source answers as the model does.
func (t *trial) same(src store.Source, q question) {
	t.Helper()
	must(t, q.check(src, t.model.find(q.match)))
}

func (t *trial) add() {
	r := t.observation(t.clock.Load())
	must(t, t.store.Add(r))
	t.model.add(r)
	t.since = append(t.since, r)
}

func (t *trial) ask() { t.same(t.store, t.question(t.clock.Load())) }

// pass lets time pass, mostly a little.
func (t *trial) pass() { t.clock.Add(int64(t.IntN(1 << t.IntN(16)))) }

// flush makes safe what was added.
func (t *trial) flush() {
	ctx := context.Background()
	if t.opts.ByCut {
		t.items += uint64(len(t.since))
		must(t, t.store.Cut(ctx, imported(int(t.items))))
	}
	must(t, t.store.Flush(ctx))
	t.safe, t.since = t.model.clone(), nil
}

func (t *trial) askBeside() {
	t.flush()
	t.same(t.beside, t.question(t.clock.Load()))
}

func (t *trial) merge(all bool) {
	t.flush()
	must(t, t.store.Merge(context.Background(), all, nil))
	if all {
		t.model.join()
		t.safe.join()
	}
}

// reopen closes the store, which writes what was added, unless only cuts do.
func (t *trial) reopen() {
	t.close()
	if t.opts.ByCut {
		t.model = t.safe.clone()
	}
	t.safe, t.since = t.model.clone(), nil
	t.open()
}

// crash goes on with a copy of the directory as it lies there, as after kill -9.
// A merge comes before, so that nothing is at work while it is copied.
func (t *trial) crash() {
	t.merge(false)
	for range t.IntN(20) {
		t.add()
	}
	dir := t.TempDir()
	must(t, os.CopyFS(dir, os.DirFS(t.dir)))
	t.close()
	must(t, os.RemoveAll(t.dir))
	t.dir = dir
	t.open()
	t.recover()
}

// recover finds out how much of what was not safe is there all the same.
func (t *trial) recover() {
	t.Helper()
	var held uint64
	for r, err := range t.store.Find(context.Background(), everything.query) {
		must(t, err)
		held += r.Count
	}
	t.model = t.safe.clone()
	for n := t.model.observations(); len(t.since) > 0 && n < held; t.since = t.since[1:] {
		t.model.add(t.since[0])
		n += t.since[0].Count
	}
	t.same(t.store, everything)
	if imports := t.store.Imports(); t.opts.ByCut && t.items > 0 && imports[0].Items != t.items {
		t.Errorf("%d items imported, want %d", imports[0].Items, t.items)
	}
	t.safe, t.since = t.model.clone(), nil
}

// snapshot takes one, of everything or of a part.
func (t *trial) snapshot() {
	t.flush()
	now := t.clock.Load()
	var o store.SnapshotOptions
	q := everything
	switch t.IntN(3) {
	case 0:
		o.Zone = t.name()
		q.match = func(r *rrset.RRset) bool { return rrset.Encloses(o.Zone, r.Owner) }
	case 1:
		o.Fences = store.Fences{FirstBefore: now - 20, LastAfter: now - 400}
		q.match = func(r *rrset.RRset) bool { return r.First <= now-20 && r.Last >= now-400 }
	}
	path := filepath.Join(t.TempDir(), "snapshot")
	must(t, store.Snapshot(context.Background(), t.store, path, o))
	src, err := store.OpenReader(path)
	must(t, err)
	t.same(src, q)
	must(t, src.Close())
	intact(t.T, path)
	must(t, os.Remove(path))
}

// linger takes half of an answer, and the other half when the store has changed
// its files, or has been closed.
func (t *trial) linger() {
	q := t.question(t.clock.Load())
	want := t.model.find(q.match)
	pause := t.IntN(1 + len(want)/2)
	n := 0
	answer := func(yield func(*rrset.RRset, error) bool) {
		for r, err := range t.store.Find(context.Background(), q.query) {
			if n == pause {
				one(t.world, t.flush, func() { t.merge(false) }, func() { t.merge(true) }, t.reopen)()
			}
			n++
			if !yield(r, err) {
				return
			}
		}
	}
	must(t, q.compare(answer, want))
}

// crowd asks from many sides while the store flushes and merges, which must not
// change an answer.
func (t *trial) crowd() {
	sources := []store.Source{t.store}
	if t.IntN(2) == 0 {
		t.flush()
		sources = append(sources, t.beside)
	}
	var asking sync.WaitGroup
	done := make(chan struct{})
	for range 4 {
		q := t.question(t.clock.Load())
		want := t.model.find(q.match)
		src := one(t.world, sources...)
		asking.Go(func() {
			for {
				if err := q.check(src, want); err != nil {
					t.Error(err)
					return
				}
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	t.merge(t.IntN(2) == 0)
	close(done)
	asking.Wait()
}

// age begins another era, some years on.
func (t *trial) age() {
	t.flush()
	at := time.Unix(t.clock.Load(), 0).UTC()
	t.clock.Store(time.Date(at.Year()+1+t.IntN(2), time.Month(1+t.IntN(6)), 1+t.IntN(28), t.IntN(24), t.IntN(60), 0, 0, time.UTC).Unix())
	t.model.begin()
	t.safe.begin()
}

// retain has the store keep the last era alone.
func (t *trial) retain() {
	if len(t.model.eras) < 2 {
		return
	}
	t.merge(false)
	last := t.model.eras[len(t.model.eras)-1]
	begin := t.clock.Load()
	for _, r := range last {
		begin = min(begin, r.First)
	}
	t.keep(t.opts.Now().Sub(time.Unix(begin, 0)) + 10*24*time.Hour)
	t.model.eras = []era{last}
	t.same(t.store, everything)
	t.flush()
}

// retainAll has the store keep no longer than to the last of what is in one run.
func (t *trial) retainAll() {
	t.merge(true)
	last := int64(0)
	for _, r := range t.model.eras[0] {
		last = max(last, r.Last)
	}
	t.keep(t.opts.Now().Sub(time.Unix(last, 0)) + 36*time.Hour)
	t.same(t.store, everything)
}

// keep has the store keep so long, until it believes the clock: one that leaps is
// believed after a day.
func (t *trial) keep(long time.Duration) {
	o := t.opts
	o.Keep = long
	t.store.Reconfigure(o)
	for range 4 {
		must(t, t.store.Merge(context.Background(), false, nil))
		t.clock.Add(int64(12 * time.Hour / time.Second))
	}
	t.store.Reconfigure(t.opts)
}

// flood adds more than a block of a run holds.
func (t *trial) flood() {
	for range 2000 {
		t.add()
	}
}

package intake

import "sync"

// ahead is how many batches there are for each worker: one that it works on, and
// some that are filled or wait meanwhile.
const ahead = 4

// Workers take batches on goroutines of their own. Its methods are safe for
// concurrent use, but for Close.
type Workers struct {
	empty chan *Batch
	full  chan *Batch
	wg    sync.WaitGroup
}

// Start begins n workers, which call take with one batch at a time each.
func Start(n int, take func(*Batch)) *Workers {
	w := &Workers{empty: make(chan *Batch, n*ahead), full: make(chan *Batch, n*ahead)}
	for range n * ahead {
		w.empty <- new(Batch)
	}
	for range n {
		w.wg.Go(func() {
			for b := range w.full {
				take(b)
				w.back(b)
			}
		})
	}
	return w
}

// Get returns an empty batch, and waits while all are in use; who waits longest
// is served first. Each must be given to Put or to Abandon, soon: others wait.
func (w *Workers) Get() *Batch { return <-w.empty }

// Put gives a batch to the workers. It never waits.
func (w *Workers) Put(b *Batch) { w.full <- b }

// Abandon returns a batch of which nothing is to be taken.
func (w *Workers) Abandon(b *Batch) { w.back(b) }

func (w *Workers) back(b *Batch) {
	b.reset()
	w.empty <- b
}

// Close returns when everything that was given to Put has been taken. Nothing may
// be given any more.
func (w *Workers) Close() {
	close(w.full)
	w.wg.Wait()
}

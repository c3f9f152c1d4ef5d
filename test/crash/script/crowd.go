package script

import (
	"context"
	"fmt"
	"sync"
)

// crowd does at once what a collector does: one goroutine adds, others flush,
// merge, search and make snapshots meanwhile. What comes when is not the same
// twice.
func crowd(p *Program) error {
	if err := p.open(); err != nil {
		return err
	}
	added := make(chan int, 1) // how far p.add has come
	var working, beside sync.WaitGroup
	stop := make(chan struct{})
	var failed error
	working.Go(func() {
		defer close(added)
		for to := 0; to < total && failed == nil; to += 10 {
			failed = p.add(to + 10)
			added <- to + 10
		}
	})
	repeat := func(do func(n int)) {
		beside.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
					do(n)
				}
			}
		})
	}
	repeat(func(n int) { p.merge(n%4 == 3) })
	repeat(func(int) {
		if _, err := p.read(p.store); err != nil {
			p.complain(fmt.Errorf("search: %w", err))
		}
	})
	var err error
	for to := range added {
		if err != nil {
			continue
		}
		if err = p.insist(func() error { return p.store.Flush(context.Background()) }); err == nil {
			p.say("kept %d", to)
		}
	}
	working.Wait()
	close(stop)
	beside.Wait()
	p.snapshot("snapshot")
	p.merge(false)
	p.close()
	if failed != nil {
		return failed
	}
	return err
}

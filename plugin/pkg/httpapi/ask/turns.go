package ask

import (
	"context"
	"slices"
	"sync"
)

// turns bound how many searches are under way. Who waits does so behind others of
// the same asker only: the askers take turns, so that one with a thousand
// searches is no longer in the way of one with a single one than a search takes.
type turns struct {
	running int // most at a time,
	each    int // and of one asker
	waiting int // most that wait, of one asker

	mu      sync.Mutex
	free    int
	askers  map[string]*asker
	waiters []*asker // those with somebody waiting, the next first
}

// An asker is one that has searches.
type asker struct {
	name    string
	running int
	queue   []chan struct{} // closed when the turn has come
}

// newTurns lets n searches run, three in four of one asker at most.
func newTurns(n int) *turns {
	return &turns{running: n, each: max(n*3/4, 1), waiting: 1024, free: n, askers: map[string]*asker{}}
}

// enter waits for a turn while the context lasts, and returns what gives it back.
// Who has waited for as long as a search may take finds it too busy.
func (t *turns) enter(ctx context.Context, name string) (leave func(), err error) {
	t.mu.Lock()
	a := t.askers[name]
	if a == nil {
		a = &asker{name: name}
		t.askers[name] = a
	}
	leave = sync.OnceFunc(func() { t.leave(a) })
	if t.free > 0 && a.running < t.each && len(a.queue) == 0 {
		t.free--
		a.running++
		t.mu.Unlock()
		return leave, nil
	}
	if len(a.queue) >= t.waiting {
		t.mu.Unlock()
		return nil, ErrBusy
	}
	come := make(chan struct{})
	a.queue = append(a.queue, come)
	if len(a.queue) == 1 {
		t.waiters = append(t.waiters, a)
	}
	t.mu.Unlock()

	select {
	case <-come:
		return leave, nil
	case <-ctx.Done():
	}
	if !t.withdraw(a, come) {
		leave() // the turn has come all the same
	}
	if cause := context.Cause(ctx); cause != ErrTimeout {
		return nil, cause
	}
	return nil, ErrBusy
}

// withdraw takes somebody out of the queue; false if the turn had come.
func (t *turns) withdraw(a *asker, come chan struct{}) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	i := slices.Index(a.queue, come)
	if i < 0 {
		return false
	}
	a.queue = slices.Delete(a.queue, i, i+1)
	t.settle(a)
	return true
}

func (t *turns) leave(a *asker) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.free++
	a.running--
	t.admit()
	t.settle(a)
}

// admit gives free turns to those who wait.
func (t *turns) admit() {
	for i := 0; t.free > 0 && i < len(t.waiters); {
		a := t.waiters[i]
		if a.running >= t.each {
			i++
			continue
		}
		t.free--
		a.running++
		close(a.queue[0])
		a.queue = a.queue[1:]
		t.waiters = slices.Delete(t.waiters, i, i+1)
		if len(a.queue) > 0 {
			t.waiters = append(t.waiters, a)
		}
	}
}

// settle forgets an asker with nothing under way.
func (t *turns) settle(a *asker) {
	if len(a.queue) > 0 {
		return
	}
	if i := slices.Index(t.waiters, a); i >= 0 {
		t.waiters = slices.Delete(t.waiters, i, i+1)
	}
	if a.running == 0 {
		delete(t.askers, a.name)
	}
}

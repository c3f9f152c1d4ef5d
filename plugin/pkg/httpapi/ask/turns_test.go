package ask_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"example.org/pdns/plugin/pkg/httpapi/ask"
)

// A queue is turns, and who got one, in order.
type queue struct {
	ask.Turns
	t      *testing.T
	got    chan string
	leaves map[string][]func()
	mu     sync.Mutex
}

func newQueue(t *testing.T, running, each int) *queue {
	return &queue{Turns: ask.NewTurns(running, each, 1000), t: t, got: make(chan string, 1000), leaves: map[string][]func(){}}
}

// enter has an asker enter in the background, and returns once he has a turn or waits
// for it.
func (q *queue) enter(name string, waits bool) {
	before := q.Waiting(name)
	go func() {
		leave, err := q.Enter(context.Background(), name)
		if err != nil {
			q.t.Error(err)
			return
		}
		q.mu.Lock()
		q.leaves[name] = append(q.leaves[name], leave)
		q.mu.Unlock()
		q.got <- name
	}()
	if !waits {
		q.want(name)
		return
	}
	for q.Waiting(name) == before {
		runtime.Gosched()
	}
}

// leave ends a search of an asker.
func (q *queue) leave(name string) {
	q.mu.Lock()
	leave := q.leaves[name][0]
	q.leaves[name] = q.leaves[name][1:]
	q.mu.Unlock()
	leave()
	leave() // again is nothing
}

func (q *queue) want(name string) {
	q.t.Helper()
	if got := <-q.got; got != name {
		q.t.Fatalf("it is the turn of %s, want %s", got, name)
	}
}

// TestOneAmongMany: an asker with 500 searches leaves room for the single one of
// another.
func TestOneAmongMany(t *testing.T) {
	q := newQueue(t, 4, 3)
	for i := range 500 {
		q.enter("many", i >= 3)
	}
	q.enter("one", false)
	q.leave("one")
	for range 497 {
		q.leave("many")
		q.want("many")
	}
	for range 3 {
		q.leave("many")
	}
	if free, askers := q.State(); free != 4 || askers != 0 {
		t.Errorf("%d turns are free, %d askers are known, want 4 and none", free, askers)
	}
}

// TestTurns: where all turns are taken, askers get the next ones in turn, however
// many searches of each wait.
func TestTurns(t *testing.T) {
	q := newQueue(t, 4, 3)
	for i := range 20 {
		q.enter("a", i >= 3)
	}
	q.enter("b", false)
	for range 20 {
		q.enter("b", true)
	}
	q.enter("c", true)
	for _, step := range []struct{ leaves, next string }{
		{"b", "b"}, // a has three, and is passed over
		{"b", "c"},
		{"c", "b"},
		{"a", "a"},
		{"a", "b"},
		{"b", "a"},
		{"b", "b"},
	} {
		q.leave(step.leaves)
		q.want(step.next)
	}
}

// TestWaitEnds: who goes away while he waits takes no turn, and too many do not wait.
func TestWaitEnds(t *testing.T) {
	turns := ask.NewTurns(1, 1, 2)
	leave, err := turns.Enter(context.Background(), "a")
	if err != nil {
		t.Fatal(err)
	}
	gone := errors.New("gone")
	for _, cause := range []error{gone, ask.ErrTimeout} {
		ctx, cancel := context.WithCancelCause(context.Background())
		result := make(chan error)
		for range 2 {
			go func() {
				_, err := turns.Enter(ctx, "a")
				result <- err
			}()
		}
		for turns.Waiting("a") < 2 {
			runtime.Gosched()
		}
		if _, err := turns.Enter(ctx, "a"); !errors.Is(err, ask.ErrBusy) {
			t.Errorf("%v, want that too many wait", err)
		}
		cancel(cause)
		want := cause
		if cause == ask.ErrTimeout {
			want = ask.ErrBusy
		}
		for range 2 {
			if err := <-result; !errors.Is(err, want) {
				t.Errorf("%v, want %v", err, want)
			}
		}
	}
	leave()
	if free, askers := turns.State(); free != 1 || askers != 0 {
		t.Errorf("%d turns are free, %d askers are known, want 1 and none", free, askers)
	}
}

// TestManyAskers: whatever order they come and go in, no more run than may, and all
// turns are given back.
func TestManyAskers(t *testing.T) {
	const running, each = 8, 6
	turns := ask.NewTurns(running, each, 1000)
	var all atomic.Int32
	var of [20]atomic.Int32
	var wg sync.WaitGroup
	for i := range 400 {
		wg.Go(func() {
			name := i % len(of)
			for range 20 {
				ctx, cancel := context.WithCancel(context.Background())
				if rand.IntN(4) == 0 {
					go cancel()
				}
				leave, err := turns.Enter(ctx, string(rune('a'+name)))
				if err == nil {
					if n, own := all.Add(1), of[name].Add(1); n > running || own > each {
						t.Errorf("%d run, %d of one asker, want at most %d and %d", n, own, running, each)
					}
					runtime.Gosched()
					of[name].Add(-1)
					all.Add(-1)
					leave()
				} else if !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
				cancel()
			}
		})
	}
	wg.Wait()
	if free, askers := turns.State(); free != running || askers != 0 {
		t.Errorf("%d turns are free, %d askers are known, want %d and none", free, askers, running)
	}
}

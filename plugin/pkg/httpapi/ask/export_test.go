package ask

import "context"

// Turns are the bounds on searches, by themselves.
type Turns struct{ t *turns }

// NewTurns lets so many searches run, each of one asker, and so many of one wait.
func NewTurns(running, each, waiting int) Turns {
	return Turns{&turns{running: running, each: each, waiting: waiting, free: running, askers: map[string]*asker{}}}
}

func (t Turns) Enter(ctx context.Context, asker string) (leave func(), err error) {
	return t.t.enter(ctx, asker)
}

// State is how many turns are free, and how many askers are known.
func (t Turns) State() (free, askers int) {
	t.t.mu.Lock()
	defer t.t.mu.Unlock()
	return t.t.free, len(t.t.askers)
}

// Waiting is how many searches of an asker wait.
func (t Turns) Waiting(name string) int {
	t.t.mu.Lock()
	defer t.t.mu.Unlock()
	if a := t.t.askers[name]; a != nil {
		return len(a.queue)
	}
	return 0
}

// Turns are those of an engine for searches of more than one owner.
func (e *Engine) Turns() Turns { return Turns{e.search} }

// Each is how many searches of one asker run at a time.
func (t Turns) Each() int { return t.t.each }
